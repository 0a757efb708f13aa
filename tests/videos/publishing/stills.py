"""Items whose files are there, as the steps before the stills leave them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from accounts.models import User
from tests.media_samples import AAC, H264, beeps, ffmpeg, media_folder, numbered, sample
from tests.videos.arrivals import work
from tests.videos.factories import make_video
from videos import storage
from videos.jobs.queue import StepPlan, create_job
from videos.models import ContentMain, Job, JobKind, Lane, Rendition, RenditionKind, Source
from videos.models.source import new_token
from videos.pipeline.probe import probe


def item(owner: User, clip: Path, folder: Path, *, has_rung: bool = False, **fields: object) -> ContentMain:
    """An item with its source in storage and looked into; with `has_rung` the clip is its smallest rung too."""
    facts = probe(clip)
    video = facts.video
    size = {"width_px": video.display_width, "height_px": video.display_height} if video else {}
    content = make_video(owner, duration_seconds=facts.duration_seconds, **size, **fields)  # type: ignore[arg-type]
    source = Source.objects.create(
        content=content, token=new_token(), filename="clip", bytes=facts.bytes, facts=facts.to_json()
    )
    copy = folder / f"copy-{source.token}"
    shutil.copyfile(clip, copy)
    storage.take_in_source(copy, storage.source_name(content.public_id, source.token))
    if has_rung:
        assert video is not None
        Rendition.objects.create(
            content=content, version=1, kind=RenditionKind.RUNG, label="180p", height=video.short_side,
            width_px=video.display_width, height_px=video.display_height, codecs="", average_bps=1, peak_bps=1,
            duration_seconds=video.duration_seconds, bytes=1,
        )  # fmt: skip
        storage.put_file(clip, f"{storage.version_folder(content.public_id, 1)}/180p.mp4")
    else:
        content.renditions.all().delete()
    return content


def rung_like() -> Path:
    """Seven seconds as our ladder writes them, with a keyframe every two seconds."""
    path = media_folder() / "rung-like.mp4"
    if not path.exists():
        keys = ["-g", "50", "-keyint_min", "50", "-sc_threshold", "0"]
        ffmpeg(
            *numbered(seconds=7),
            *beeps(7),
            *H264,
            *keys,
            *AAC,
            "-movflags",
            "frag_keyframe+empty_moov+delay_moov",
            path,
        )
    return path


def job_of(content: ContentMain, *names: str) -> Job:
    """A transcode job that has come to these steps."""
    plans: Sequence[StepPlan] = [
        StepPlan(name, Lane.QUICK, stage=stage, is_optional=True) for stage, name in enumerate(names)
    ]
    return create_job(owner=content.owner, content=content, kind=JobKind.TRANSCODE, parameters={}, steps=plans)


def do(content: ContentMain, *names: str) -> Job:
    """Runs these steps, and with them whatever else waits."""
    job = job_of(content, *names)
    work()
    job.refresh_from_db()
    return job


def art_of(content: ContentMain) -> list[str]:
    """The names of the item's pictures in storage, without their folder."""
    names = storage.list_names(storage.item_folder(content.public_id))
    return sorted(name.rpartition("/")[2] for name in names if "/art/" in name)


__all__ = ["art_of", "do", "item", "job_of", "rung_like", "sample", "work"]
