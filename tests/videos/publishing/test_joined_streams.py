"""Transport streams as recorders leave them: joined from parts whose clocks do not agree, sound that changes its
channels midway. They are published with picture and sound in step."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import pytest

from accounts.models import User
from tests.media_samples import beeps, beeps_heard, ffmpeg, media_folder, number_of, numbered
from tests.videos.arrivals import accept, work
from videos import storage
from videos.models import ContentStatus, Job, JobState, Rendition

pytestmark = pytest.mark.django_db(transaction=True)

PART_SECONDS = 4


@cache
def part(begins_at: float, channels: int = 1) -> bytes:
    """Four seconds of a broadcast whose clock says `begins_at` at its begin (and 1.4 s on top, as ffmpeg has it)."""
    path = media_folder() / f"part-{begins_at}-{channels}.ts"
    ffmpeg(
        *numbered(seconds=PART_SECONDS), *beeps(PART_SECONDS), "-c:v", "libx264", "-preset", "ultrafast", "-g", "25",
        "-c:a", "aac", "-ac", str(channels), "-output_ts_offset", str(begins_at), "-f", "mpegts", path,
    )  # fmt: skip
    return path.read_bytes()


JOINED = {
    "an hour is missing": (part, [(0.0, 1), (3600.0, 1)]),
    "the second was recorded earlier": (part, [(3600.0, 1), (0.0, 1)]),
    "the recorder began again at 0": (part, [(0.0, 1), (0.0, 1)]),
    "three times": (part, [(0.0, 1), (80_000.0, 1), (20.0, 1)]),
    "stereo becomes mono": (part, [(0.0, 2), (4.05, 1)]),
    "mono becomes stereo, and time jumps": (part, [(0.0, 1), (500.0, 2)]),
}


@pytest.mark.parametrize("what", JOINED)
def test_a_joined_stream_is_published_in_step(what: str, owner: User, tmp_path: Path) -> None:
    make, parts = JOINED[what]
    clip = tmp_path / "joined.ts"
    clip.write_bytes(b"".join(make(*values) for values in parts))
    content = accept(owner, clip, tmp_path)
    work()
    content.refresh_from_db()
    job = Job.objects.get(content=content)
    assert (job.state, job.error_code, job.error_detail) == (JobState.DONE, "", "")
    assert content.status == ContentStatus.AVAILABLE
    seconds = PART_SECONDS * len(parts)
    assert content.duration_seconds == pytest.approx(seconds, abs=0.2)

    rung = Rendition.objects.get(content=content, version=content.version or 0)
    name = f"{storage.version_folder(content.public_id, content.version or 0)}/{rung.label}.mp4"
    with storage.source_file(name) as path:
        with av.open(str(path)) as opened:
            shown = [(number_of(frame), float(frame.time or 0)) for frame in opened.decode(video=0)]
        heard = beeps_heard(path)
    begins = [time for number, time in shown if number == 0]
    assert len(begins) == len(parts)
    assert len(heard) == pytest.approx(seconds, abs=1)
    for index, begin in enumerate(begins):
        assert begin == pytest.approx(index * PART_SECONDS, abs=0.15)
        # The parts' sound is some 50 ms longer than their picture, and is cut when it is 100 ms behind.
        assert min(abs(beep - begin) for beep in heard) < 0.1
