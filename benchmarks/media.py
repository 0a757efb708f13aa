"""Played at once: last uploaded byte → first frame in Chromium, one segment of a film that was never packaged, memory.

A minute and two hours of the same ten seconds, joined by copying, are sent to a started site by its API; a browser
opens each film's page as soon as it has an address. Segments are asked for over one connection while nothing is
encoded: cold ones that nobody has asked for, then the same again. `media [rounds]` sets how often each film is sent."""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.machine import peak_megabytes, wait_until_idle
from config.cli.checkout import HERE
from config.cli.testing import chromium
from videos.pipeline.ffmpeg import find_ffmpeg

ROUNDS = 3
LENGTHS = {"1 min": 6, "2 h": 720}  # how often ten seconds are shown
MOST_SECONDS = 2.0
MOST_COLD_RATIO = 1.5
MOST_COLD_MS = 10.0
SEGMENTS = 13  # of each film; a minute has fifteen
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.2  # between questions, which keep the same processors busy; the page itself notes its first frame
PASSWORD = "a very good password"
_HEAD = '--bound\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
_TAIL = "\r\n--bound--\r\n"
PROCESSES = {"multiprocessing.spawn": "a web process", "-Q quick": "the quick worker", "-Q encode": "the encode worker"}
_CHUNK_BYTES = 1 << 20
# When the first picture of the film stands on the screen, by the machine's clock.
_WATCH = """() => {
  window.firstFrameAt = 0;
  const look = () => {
    const video = document.querySelector('video');
    if (!video) return void requestAnimationFrame(look);
    video.requestVideoFrameCallback(() => { window.firstFrameAt = Date.now() / 1000; });
  };
  look();
}"""


@dataclass
class Site:
    """A started site, its program's token and its cookies."""

    address: str
    process: subprocess.Popen[bytes]
    token: str = ""

    @property
    def place(self) -> str:
        return urlsplit(self.address).netloc

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        line = http.client.HTTPConnection(self.place, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        line.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        assert answer.status < 400, f"{method} {path}: {answer.status} {content[:300]!r}"
        found: dict[str, object] = json.loads(content) if content else {}
        return found


@contextmanager
def started(folder: Path) -> Iterator[Site]:
    """`python3 run.py` with data of its own, ended as Ctrl-C would at the end."""
    log = folder / "site.log"
    variables = {**os.environ, "ADMIN_PASSWORD": PASSWORD, "DATABASE_URL": "", "MEDIA_STORAGE": "files"}
    variables.pop("DATA_DIR", None)
    words = ["--data-dir", str(folder / "data"), "--port", "0", "--no-demo"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HERE.root / "run.py"), *words],
            cwd=HERE.root, env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := re.search(r"Matinee is at (http://\S+)", log.read_text("utf-8", "replace"))):
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")[-2000:]
            assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.1)
        site = Site(found[1].rstrip("/"), process)
        site.token = str(site.ask("POST", "/api/auth/login/", {"login": "admin", "password": PASSWORD})["token"])
        yield site
    finally:
        process.terminate()
        process.wait(30)


def make_films(folder: Path) -> dict[str, Path]:
    """Ten seconds are encoded; the rest is copies of them."""
    ffmpeg = find_ffmpeg(os.environ.get("FFMPEG_BINARY") or None)
    ten = folder / "ten.mp4"
    subprocess.run(
        [
            ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=10", "-f", "lavfi", "-i",
            "sine=440:sample_rate=48000:d=10", "-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-g", "60",
            "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", ten,
        ],
        check=True,
    )  # fmt: skip
    films = {}
    for label, times in LENGTHS.items():
        films[label] = folder / f"{label.replace(' ', '')}.mp4"
        loop = ["-stream_loop", str(times - 1), "-i", str(ten), "-c", "copy", str(films[label])]
        subprocess.run([ffmpeg, "-v", "error", *loop], check=True)
    return films


def send(site: Site, film: Path, title: str) -> tuple[str, float]:
    """The item's id, and when its last byte was handed to the network."""
    fields = f'--bound\r\nContent-Disposition: form-data; name="title"\r\n\r\n{title}\r\n'
    head, tail = (fields + _HEAD).encode(), _TAIL.encode()
    line = http.client.HTTPConnection(site.place, timeout=PATIENCE_SECONDS)
    line.putrequest("POST", "/api/videos/")
    line.putheader("Authorization", f"Bearer {site.token}")
    line.putheader("Content-Type", "multipart/form-data; boundary=bound")
    line.putheader("Content-Length", str(len(head) + film.stat().st_size + len(tail)))
    line.endheaders(head)
    with film.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            line.send(chunk)
    sent_at = time.time()
    line.send(tail)
    answer = line.getresponse()
    content = answer.read()
    assert answer.status == 201, content[:300]
    return str(json.loads(content)["id"]), sent_at


def signed_in(site: Site, browser: Browser) -> BrowserContext:
    """The browser of whoever sends the films; it has seen the site before."""
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/$"))
    page.close()
    return context


def first_frame(site: Site, context: BrowserContext, film: Path, title: str) -> tuple[str, dict[str, float]]:
    """The item, and seconds from the last byte until it has an address, can be played, and shows its first frame."""
    page = context.new_page()
    page.add_init_script(f"({_WATCH})()")
    public_id, sent_at = send(site, film, title)
    times = {"an address": time.time() - sent_at}
    page.goto(f"/watch/{public_id}/", wait_until="commit")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (shown_at := page.evaluate("window.firstFrameAt")):
        if "playable" not in times and site.ask("GET", f"/api/videos/{public_id}/")["status"] == 0:
            times["playable"] = time.time() - sent_at
        assert time.monotonic() < deadline, "no first frame"
        time.sleep(LOOK_SECONDS)
    times["its first frame"] = shown_at - sent_at
    page.close()
    return public_id, times


def cancel_work(site: Site) -> None:
    """The originals stay; nothing is encoded any more."""
    jobs = site.ask("GET", "/api/jobs/?page_size=100")["results"]
    assert isinstance(jobs, list)
    for job in jobs:
        if job["state"] in {"queued", "running", "paused", "waiting"}:
            site.ask("POST", f"/api/jobs/{job['id']}/cancel/")
    wait_until_idle()


def segment_times(site: Site, items: dict[str, str], count: int) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds for segments spread over each film, when nobody has asked for them before and then again; the films
    take turns, so that what else the machine does meets both."""
    line = http.client.HTTPConnection(site.place, timeout=PATIENCE_SECONDS)

    def get(path: str) -> tuple[bytes, float]:
        begun = time.perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begun
        assert answer.status == 200, f"{path}: {answer.status}"
        return content, 1000 * seconds

    chosen = {}
    for label, public_id in items.items():
        base = urlsplit(str(site.ask("GET", f"/api/videos/{public_id}/playback/")["hls"])).path.rpartition("/")[0]
        listed = get(f"{base}/original.m3u8")[0].decode().splitlines()
        names = [f"{base}/{name}" for name in listed if name.endswith(".m4s")]
        get(names[0])  # the process opens the index once
        chosen[label] = names[1 :: max(1, len(names) // count)][:count]
    times: dict[str, tuple[list[float], list[float]]] = {label: ([], []) for label in items}
    for turn in (0, 1):
        for paths in zip(*chosen.values(), strict=True):
            for label, path in zip(chosen, paths, strict=True):
                times[label][turn].append(get(path)[1])
    line.close()
    return times


def main() -> int:
    """Prints the figures; 1 if one of them is out of its budget."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    found = chromium.installed(os.environ)
    assert found, "no Chromium found: set CHROMIUM"
    frames: dict[str, list[dict[str, float]]] = {label: [] for label in LENGTHS}
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as name, sync_playwright() as driver:
        folder = Path(name)
        films = make_films(folder)
        browser = driver.chromium.launch(executable_path=found, args=[*chromium.ARGUMENTS])
        with started(folder) as site:
            context = signed_in(site, browser)
            first_frame(site, context, films["1 min"], "the workers have read their programs")
            cancel_work(site)
            newest = {}
            memory = {words: [peak_megabytes(folder, words)] for words in PROCESSES}
            for number in range(rounds):
                for label, film in films.items():
                    newest[label], times = first_frame(site, context, film, f"{label} {number}")
                    frames[label].append(times)
                    cancel_work(site)
            segments = segment_times(site, newest, SEGMENTS)
            for words, seen in memory.items():
                seen.append(peak_megabytes(folder, words))
        browser.close()
    return _report(frames, segments, memory)


def _report(
    frames: dict[str, list[dict[str, float]]],
    segments: dict[str, tuple[list[float], list[float]]],
    memory: dict[str, list[float]],
) -> int:
    worst = 0.0
    for label, rounds in frames.items():
        parts = {
            part: statistics.median(times.get(part, times["its first frame"]) for times in rounds)
            for part in ("an address", "playable", "its first frame")
        }
        worst = max(worst, parts["its first frame"])
        print(f"{label}, from the last byte: " + ", ".join(f"{part} {time:.2f} s" for part, time in parts.items()))
    print(f"last byte → first frame: {worst:.2f} s at most (budget {MOST_SECONDS})")
    cold = {label: statistics.median(times[0]) for label, times in segments.items()}
    for label, (_, warm) in segments.items():
        print(f"segment of {label}: cold {cold[label]:.1f} ms, warm {statistics.median(warm):.1f} ms")
    ratio = cold["2 h"] / cold["1 min"]
    print(f"cold segment, 2 h ÷ 1 min: {ratio:.2f} (budget {MOST_COLD_RATIO}), at most {MOST_COLD_MS} ms")
    for words, (before, after) in memory.items():
        print(f"memory of {PROCESSES[words]}: {before:.0f} MB at the start, {after:.0f} MB at most")
    return int(worst > MOST_SECONDS or ratio > MOST_COLD_RATIO or max(cold.values()) > MOST_COLD_MS)
