"""Whether somebody finds the owner's panel on a film's page. What each section of it may do is decided by the
services behind it."""

from __future__ import annotations

from accounts.models import User
from videos.models import ContentMain
from videos.models.content import Viewer


def shows_panel(video: ContentMain, viewer: Viewer) -> bool:
    """To its owner, and to staff who may change films."""
    if not isinstance(viewer, User) or not viewer.is_active:
        return False
    return video.owner_id == viewer.pk or (viewer.is_staff and viewer.has_perm("videos.change_contentmain"))
