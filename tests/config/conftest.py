"""A bucket, for what depends on where media lies."""

from __future__ import annotations

from tests.media_places import bucket, s3_server

__all__ = ["bucket", "s3_server"]
