"""`make_demo`: three short clips from ffmpeg's own generators, sent through the same door as every upload."""

from __future__ import annotations
