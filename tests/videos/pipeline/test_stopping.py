"""A ladder that is no longer wanted, or whose worker was killed, leaves no ffmpeg behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media_samples import ffmpeg, sample
from tests.videos.pipeline.processes import processes_mentioning, wait_until_gone, wait_until_there
from videos.pipeline.errors import Cancelled
from videos.pipeline.ffmpeg import find_ffmpeg
from videos.pipeline.ladder import plan_ladder
from videos.pipeline.meter import Progress
from videos.pipeline.probe import probe
from videos.pipeline.transcode import Encoding, transcode

ROOT = Path(__file__).parents[3]


def long_source(tmp_path: Path) -> Path:
    """A file that takes minutes to encode: the film a hundred times over."""
    path = tmp_path / "long.mkv"
    ffmpeg("-stream_loop", "100", "-i", sample("film.mp4"), "-c", "copy", path)
    return path


def test_stopping_ends_ffmpeg_and_says_so(tmp_path: Path) -> None:
    source = long_source(tmp_path)
    facts = probe(source)
    seen: list[Progress] = []
    with pytest.raises(Cancelled) as caught:
        transcode(
            Encoding(source, facts, plan_ladder(facts), find_ffmpeg(None), should_stop=lambda: bool(seen)),
            tmp_path,
            on_progress=seen.append,
        )
    assert caught.value.code == "cancelled"
    assert seen[-1].fraction < 0.9
    assert not processes_mentioning(str(source))


def test_killing_the_worker_kills_ffmpeg(tmp_path: Path) -> None:
    source = long_source(tmp_path)
    code = (
        "import sys; from pathlib import Path\n"
        "from videos.pipeline import ffmpeg, ladder, probe, transcode\n"
        "source = Path(sys.argv[1]); facts = probe.probe(source)\n"
        "plan = ladder.plan_ladder(facts)\n"
        "encoding = transcode.Encoding(source, facts, plan, ffmpeg.find_ffmpeg(None))\n"
        "transcode.transcode(encoding, source.parent)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, source], cwd=ROOT)
    try:
        assert wait_until_there(f"-i file:{source}")
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert wait_until_gone(f"file:{source}")
