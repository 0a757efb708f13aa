"""Fixtures of everything that touches media."""

from __future__ import annotations

from tests.media_places import bucket, media_place, s3_server

__all__ = ["bucket", "media_place", "s3_server"]
