"""Which ffmpeg is taken, and that it reads nothing but the file it is given."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import structlog

from tests.media_samples import sample
from videos.pipeline.errors import MachineError, PipelineError
from videos.pipeline.ffmpeg import Ffmpeg, examine, find_ffmpeg, input_arguments
from videos.pipeline.outcome import Finished
from videos.pipeline.sandbox import Limits, run


def read(source: Path, cwd: Path, **options: Any) -> Finished:
    """Decodes everything in a file to nowhere."""
    argv: list[str | Path] = [find_ffmpeg(None), *input_arguments(source, **options), "-map", "0", "-f", "null", "-"]
    return run(argv, limits=Limits(), cwd=cwd)


def test_the_one_that_comes_with_us_can_do_everything() -> None:
    found = examine(find_ffmpeg(None))
    assert found.path.is_absolute()
    assert found.version
    assert found.has_tone_mapping


def test_the_setting_wins_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    link = tmp_path / "my-ffmpeg"
    link.symlink_to(find_ffmpeg(None))
    assert find_ffmpeg(str(link)) == link
    for setting in (tmp_path / "missing", Path(shutil.which("true") or "/bin/true")):
        with pytest.raises(PipelineError) as caught:
            find_ffmpeg(str(setting))
        assert (caught.value.code, caught.value.retryable) == ("ffmpeg_missing", False)


def test_one_on_the_path_that_lacks_something_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho ' V....D libx264 H.264'\n", encoding="utf-8")
    poor.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/nowhere")
    assert find_ffmpeg(None) == Path(imageio_ffmpeg.get_ffmpeg_exe())


def _without_tone_mapping(folder: Path) -> Path:
    """An ffmpeg that does all but zscale."""
    poor = folder / "ffmpeg"
    poor.write_text(f"#!/bin/sh\n'{imageio_ffmpeg.get_ffmpeg_exe()}' \"$@\" | grep -v zscale\n", encoding="utf-8")
    poor.chmod(0o755)
    return poor


def test_one_on_the_path_that_shows_hdr_pale_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = _without_tone_mapping(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert find_ffmpeg(None) == Path(imageio_ffmpeg.get_ffmpeg_exe())

    def missing() -> str:
        raise RuntimeError("no such wheel")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    assert find_ffmpeg(None) == poor
    assert not examine(poor).has_tone_mapping


def test_one_that_is_named_is_taken_though_it_shows_hdr_pale(tmp_path: Path) -> None:
    poor = _without_tone_mapping(tmp_path)
    with structlog.testing.capture_logs() as logs:
        assert find_ffmpeg(str(poor)) == poor
    assert [line["log_level"] for line in logs] == ["warning"]


@pytest.mark.parametrize("name", ["film.mp4", "hevc.mkv", "film.avi", "film.ts", "film.webm", "sound.m4a"])
def test_ordinary_files_are_read(name: str, tmp_path: Path) -> None:
    finished = read(sample(name), tmp_path)
    assert (finished.returncode, finished.stderr_tail) == (0, "")


@pytest.mark.parametrize(
    "name", ["playlist.mp4", "master.mp4", "concat.mp4", "sdp.mp4", "dash.mp4", "srt.mp4", "random.mp4"]
)
def test_files_that_name_other_files_are_not(name: str, tmp_path: Path) -> None:
    assert read(sample(name), tmp_path).returncode


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/x.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile http://127.0.0.1:{port}/x.mp4\n",
        "ffconcat version 1.0\nfile {secret}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n",
    ],
    ids=["playlist to the network", "list to the network", "list to a neighbour", "playlist to a neighbour"],
)
def test_nobody_elses_film_can_be_pulled_in(tmp_path: Path, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        path = tmp_path / "original"
        path.write_text(text.format(port=canary.getsockname()[1], secret=sample("film.ts")), encoding="utf-8")
        copy = tmp_path / "copy.mkv"
        argv: list[str | Path] = [find_ffmpeg(None), *input_arguments(path), "-c", "copy", f"file:{copy}"]
        assert run(argv, limits=Limits(), cwd=tmp_path).returncode
        assert not copy.exists() or not copy.stat().st_size
        with pytest.raises(BlockingIOError):
            canary.accept()


def test_decoders_off_the_list_stay_closed(tmp_path: Path) -> None:
    assert "not on whitelist" in read(sample("unknown_codec.mkv"), tmp_path).stderr_tail.lower()


def test_pictures_above_the_limit_are_not_decoded(tmp_path: Path) -> None:
    finished = read(sample("film.mp4"), tmp_path, max_pixels=1000)
    assert finished.returncode
    assert finished.max_rss_bytes < 200 << 20


def test_a_name_is_never_an_option_or_an_address() -> None:
    for name in ("-y", "http:x.mp4", "concat:a|b", "data:x"):
        assert input_arguments(Path(name))[-2:] == ["-i", f"file:{name}"]


def test_one_that_was_killed_while_it_was_asked_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_path: Path) -> Ffmpeg:
        raise MachineError("crashed", detail="SIGKILL")

    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr("videos.pipeline.ffmpeg.examine", killed)
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", none)
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/ffmpeg")
    with pytest.raises(MachineError) as caught:
        find_ffmpeg(None)
    assert (caught.value.code, caught.value.retryable) == ("crashed", True)
