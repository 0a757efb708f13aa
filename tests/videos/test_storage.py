"""Media lies where names say, on disk and in a bucket alike, and nothing else can be named."""

from __future__ import annotations

import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.core.files.storage import storages
from hypothesis import given
from hypothesis import strategies as st
from storages.backends.s3 import S3Storage

from config.cli.readiness import free_port
from tests.media_places import bucket_client, use_bucket
from videos import storage
from videos.errors import FileGone, InsufficientStorage, StorageError
from videos.storage import media
from videos.storage.disk import disk_errors
from videos.storage.names import checked

ITEM = "AbCdEfGhIjK"
FILM = bytes(range(256)) * 40


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _version(folder: Path) -> Path:
    for name, content in {"master.m3u8": b"#EXTM3U\n", "720p.m3u8": b"#EXTM3U 720", "720p.mp4": FILM}.items():
        _file(folder, name, content)
    return folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that a rename cannot reach from tmp_path, on machines that have shared memory as a disk."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_a_source_is_moved_in_and_read_back(media_place: str, tmp_path: Path) -> None:
    received = _file(tmp_path, "incoming/one/original", FILM)
    name = storage.source_name(ITEM, "0123abcd")
    storage.take_in_source(path=received, name=name)
    assert not received.exists()
    assert storage.is_local() == (media_place == "files")
    with storage.source_file(name) as path:
        assert path.read_bytes() == FILM
        assert [file.name for file in path.parent.iterdir()] == ["original"]
    assert path.exists() == (media_place == "files"), "a copy of what lies in the bucket does not stay"
    assert not list((tmp_path / "scratch").glob("*/*"))


@pytest.mark.usefixtures("media_place")
def test_facts_tell_size_and_change(tmp_path: Path) -> None:
    name = storage.artwork_name(ITEM, "token.jpg")
    storage.put_file(path=_file(tmp_path, "one.jpg", b"first"), name=name)
    first = storage.stat(name)
    storage.put_file(path=_file(tmp_path, "two.jpg", b"other"), name=name)
    second = storage.stat(name)
    assert (first.bytes, second.bytes) == (5, 5)
    assert first.etag != second.etag
    assert '"' not in first.etag
    assert second.modified_at.utcoffset() is not None
    assert (tmp_path / "two.jpg").exists(), "putting a file copies it"
    assert storage.read(name) == b"other"


@pytest.mark.usefixtures("media_place")
def test_a_published_folder_appears_whole_and_replaces_a_dead_attempt(tmp_path: Path) -> None:
    name = storage.version_folder(ITEM, 1)
    _file(tmp_path, "dead/240p.mp4", b"half")
    storage.publish_folder(folder=tmp_path / "dead", name=name)
    storage.publish_folder(folder=_version(tmp_path / "alive"), name=name)
    files = ("720p.m3u8", "720p.mp4", "master.m3u8")
    assert sorted(storage.list_names(name)) == [f"{name}/{file}" for file in files]
    assert storage.read(f"{name}/master.m3u8") == b"#EXTM3U\n"
    assert not (tmp_path / "alive").exists()


@pytest.mark.usefixtures("media_place")
def test_ranges_are_read_as_the_bytes_lie(tmp_path: Path) -> None:
    name = f"{storage.version_folder(ITEM, 2)}/720p.mp4"
    storage.publish_folder(folder=_version(tmp_path / "v"), name=storage.version_folder(ITEM, 2))
    assert storage.read_range(name, start=3, length=5) == FILM[3:8]
    assert storage.read_range(name, start=len(FILM) - 4, length=100) == FILM[-4:]
    assert storage.read_range(name, start=len(FILM), length=10) == b""
    assert storage.read_range(name, start=0, length=0) == b""


@pytest.mark.usefixtures("media_place")
def test_what_is_not_there_is_gone_everywhere() -> None:
    name = storage.source_name(ITEM, "nothing")
    assert not storage.exists(name)
    assert list(storage.list_names(storage.item_folder(ITEM))) == []
    for question in (storage.stat, storage.read):
        with pytest.raises(FileGone):
            question(name)
    with pytest.raises(FileGone):
        storage.read_range(name, start=0, length=1)
    with pytest.raises(FileGone), storage.source_file(name):
        pass
    storage.delete_file(name)
    storage.delete_item(ITEM)


@pytest.mark.usefixtures("media_place")
def test_a_missing_received_file_is_not_taken_in(tmp_path: Path) -> None:
    with pytest.raises(FileGone):
        storage.take_in_source(path=tmp_path / "swept", name=storage.source_name(ITEM, "token"))


@pytest.mark.usefixtures("media_place")
def test_a_large_file_is_never_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "READ_LIMIT_BYTES", 100)
    name = storage.artwork_name(ITEM, "token.jpg")
    storage.put_file(path=_file(tmp_path, "exact", b"x" * 100), name=name)
    assert len(storage.read(name)) == 100
    storage.put_file(path=_file(tmp_path, "more", b"x" * 101), name=name)
    with pytest.raises(StorageError):
        storage.read(name)


@pytest.mark.usefixtures("media_place")
def test_deleting_an_item_leaves_its_neighbour(tmp_path: Path) -> None:
    neighbour = ITEM + "L"
    for public_id in (ITEM, neighbour):
        version = storage.version_folder(public_id, 1)
        storage.publish_folder(folder=_version(tmp_path / public_id), name=version)
        storage.put_file(path=_file(tmp_path, "p.jpg", b"p"), name=storage.artwork_name(public_id, "t.jpg"))
    storage.delete_file(storage.artwork_name(neighbour, "t.jpg"))
    storage.delete_item(ITEM)
    assert list(storage.list_names(storage.item_folder(ITEM))) == []
    assert len(list(storage.list_names(storage.item_folder(neighbour)))) == 3


@pytest.mark.usefixtures("media_place")
def test_files_come_in_from_another_disk(other_disk: Path) -> None:
    name = storage.source_name(ITEM, "token")
    storage.take_in_source(path=_file(other_disk, "original", FILM), name=name)
    storage.publish_folder(folder=_version(other_disk / "v"), name=storage.version_folder(ITEM, 1))
    assert storage.read(name) == FILM
    assert len(list(storage.list_names(storage.item_folder(ITEM)))) == 4
    assert list(other_disk.iterdir()) == []


def test_on_disk_only_finished_files_are_left(settings: LazySettings, tmp_path: Path) -> None:
    storage.publish_folder(folder=_version(tmp_path / "a"), name=storage.version_folder(ITEM, 1))
    storage.publish_folder(folder=_version(tmp_path / "b"), name=storage.version_folder(ITEM, 1))
    storage.put_file(path=_file(tmp_path, "p.jpg", b"p"), name=storage.artwork_name(ITEM, "t.jpg"))
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.name.startswith(".")] == []


def test_a_link_on_the_way_leads_nowhere(settings: LazySettings, tmp_path: Path) -> None:
    secret = _file(tmp_path, "secret/master.m3u8", b"secret")
    mine = storage.version_folder(ITEM, 1)
    storage.publish_folder(folder=_version(tmp_path / "v"), name=mine)
    items = Path(settings.MEDIA_ROOT) / "items"
    (items / "linkedItem0").symlink_to(secret.parent)
    (items / ITEM / "v1" / "240p.mp4").symlink_to(secret)
    (items / ITEM / "v2").symlink_to(items / ITEM / "v1")
    for name in ("items/linkedItem0/master.m3u8", f"{mine}/240p.mp4", f"items/{ITEM}/v2/master.m3u8"):
        with pytest.raises(FileGone):
            storage.local_path(name)
        with pytest.raises(FileGone):
            storage.read(name)
    assert storage.local_path(f"{mine}/master.m3u8").read_bytes() == b"#EXTM3U\n"


HOSTILE = [
    "", "/", "/etc/passwd", "items/../../etc/passwd", "items/./x", "items//x", "..", "items/..%2f..",
    "items\\..\\x", "items/.hidden", "items/\0", "items/ü", "items/a b", "items/x\n", "items/" + "x" * 600,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_climbs_or_hides_is_no_name(name: str) -> None:
    for question in (storage.local_path, storage.read, storage.stat):
        with pytest.raises(FileGone):
            question(name)
    with pytest.raises(FileGone):
        storage.delete_folder(name)
    assert not storage.exists(name)


SEGMENTS = st.text() | st.sampled_from(["..", ".", "", "~", "items", "v1"])


@given(st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join))
def test_whatever_is_accepted_as_a_name_stays_below_the_root(name: str) -> None:
    root = Path("/media/root")
    try:
        path = root / checked(name)
    except FileGone:
        return
    assert root in Path(path.resolve()).parents
    assert path.relative_to(root).as_posix() == name


def test_a_full_disk_has_a_name_of_its_own() -> None:
    full = Path("/dev/full")
    with pytest.raises(InsufficientStorage), disk_errors("a file"), full.open("wb", buffering=0) as file:
        file.write(b"one byte too many")


def test_a_bucket_that_does_not_answer_is_told_so(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    use_bucket(settings, f"http://127.0.0.1:{free_port()}", bucket="nowhere")
    with pytest.raises(StorageError) as caught:
        storage.stat(storage.source_name(ITEM, "token"))
    assert caught.value.retryable
    assert not isinstance(caught.value, FileGone)


def test_a_missing_bucket_is_not_a_missing_file(settings: LazySettings, s3_server: str, tmp_path: Path) -> None:
    use_bucket(settings, s3_server, bucket="no-such-bucket")
    with pytest.raises(StorageError) as caught:
        storage.put_file(path=_file(tmp_path, "p.jpg", b"p"), name=storage.artwork_name(ITEM, "t.jpg"))
    assert not isinstance(caught.value, FileGone)


def test_in_a_bucket_the_playlists_come_last(bucket: str, s3_server: str, tmp_path: Path) -> None:
    written: list[str] = []
    events = cast("S3Storage", storages["default"]).bucket.meta.client.meta.events
    events.register("before-call.s3.PutObject", lambda params, **_: written.append(params["url_path"]))
    storage.publish_folder(folder=_version(tmp_path / "v"), name=storage.version_folder(ITEM, 1))
    assert [path.rpartition("/")[2] for path in written] == ["720p.mp4", "720p.m3u8", "master.m3u8"]
    held = bucket_client(s3_server).list_objects_v2(Bucket=bucket)["Contents"]
    assert {entry["Key"].rpartition("/")[0] for entry in held} == {f"site/media/items/{ITEM}/v1"}


def test_a_presigned_address_answers_for_a_minute_at_most(bucket: str, s3_server: str, tmp_path: Path) -> None:
    storage.publish_folder(folder=_version(tmp_path / "v"), name=storage.version_folder(ITEM, 1))
    name = f"{storage.version_folder(ITEM, 1)}/720p.mp4"
    address = storage.presigned_url(name, seconds=3600, content_type="video/mp4", disposition="attachment")
    assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["60"]
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.read() == FILM
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"] == "attachment"
    key = f"site/media/items/{ITEM}/v1/master.m3u8"
    held = bucket_client(s3_server).head_object(Bucket=bucket, Key=key)
    assert held["ContentType"] == "application/vnd.apple.mpegurl"


def test_files_on_disk_have_no_address() -> None:
    with pytest.raises(StorageError):
        storage.presigned_url(storage.source_name(ITEM, "token"), seconds=10)


def test_a_bucket_has_no_paths(bucket: str) -> None:
    with pytest.raises(StorageError):
        storage.local_path(storage.source_name(ITEM, "token"))
