"""What an owner may say about an item: title, description, shelf, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from videos.models import ContentMain

FIELDS: Final = ("title", "description", "category", "visibility")


def change(*, content: ContentMain, changes: Mapping[str, object]) -> None:
    """Writes these fields and nothing else: publishing, review and counting may have written the rest meanwhile.
    Whoever calls has checked the values. Nothing of it is audited; what was decided about the film stands."""
    if unknown := changes.keys() - set(FIELDS):
        raise ValueError(f"not an owner's to change: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(content, name, value)
    content.save(update_fields=[*changes, "updated_at"])
