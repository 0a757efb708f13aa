"""The steps of a transcode job: probe, poster, ladder, publish. Each hands its result to storage and to the next step; what
may be lost is only the attempt in hand."""

from __future__ import annotations
