"""An item to watch, and sessions of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from analytics import ingest
from analytics.models import PlaybackSession
from tests.analytics.sending import CHROME, OPENED_AT, OpenSession
from tests.videos.factories import make_video
from videos.models import ContentMain
from videos.models.content import Viewer


@pytest.fixture
def film(owner: User) -> ContentMain:
    """Ten minutes, approved and available."""
    return make_video(owner, duration_seconds=600.0)


@pytest.fixture
def open_session(film: ContentMain) -> OpenSession:
    """`open_session(viewer)`: opened at OPENED_AT + `after` seconds."""

    def opening(
        viewer: Viewer | None = None,
        *,
        content: ContentMain | None = None,
        after: float = 0.0,
        network: str = "203.0.113.7",
        user_agent: str = CHROME,
        is_prefetch: bool = False,
    ) -> PlaybackSession:
        return ingest.open_session(
            content=content or film,
            viewer=viewer or AnonymousUser(),
            visit=ingest.Visit(network=network, user_agent=user_agent, is_prefetch=is_prefetch),
            now=OPENED_AT + timedelta(seconds=after),
        )

    return opening
