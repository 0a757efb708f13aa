"""A form reads the same however its bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.http.uploads import BOUNDARY, field, film, form
from videos.errors import EmptyFile, FileMissing
from videos.http.multipart_stream import OVERHEAD_BYTES_LIMIT, FormStream, MalformedForm

TRAPS = st.sampled_from([b"\r\n", b"--", b"\r\n--", f"\r\n--{BOUNDARY[:-1]}".encode(), b"\r", b"", b"\0\xff"])
CONTENT = st.lists(st.binary(max_size=40) | TRAPS, min_size=1, max_size=8).map(b"".join).filter(bool)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def read(body: bytes, cuts: list[int]) -> tuple[FormStream, bytes]:
    """The form and its file's bytes, fed in pieces that end at `cuts`."""
    stream = FormStream(BOUNDARY)
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(edges)]
    content = b"".join(piece for part in pieces if part for piece in stream.feed(part))
    stream.finish()
    return stream, content


@given(content=CONTENT, title=TEXT, story=TEXT, cuts=st.lists(st.integers(0, 10_000), max_size=12), first=st.booleans())
def test_any_cuts_give_the_same_form(content: bytes, title: str, story: str, cuts: list[int], first: bool) -> None:
    words = [field("title", title), field("description", story)]
    body = form(film(content), *words) if first else form(*words, film(content))
    stream, received = read(body, cuts)
    assert received == content
    assert stream.file_bytes == len(content)
    assert stream.fields == {"title": title, "description": story}
    assert stream.filename == "film.mp4"


@given(body=CONTENT, cuts=st.lists(st.integers(0, 10_000), max_size=5))
def test_bytes_that_are_no_form_are_refused_by_name(body: bytes, cuts: list[int]) -> None:
    with pytest.raises(MalformedForm):
        read(body, cuts)


@given(end=st.integers(0, 500))
def test_a_form_cut_off_anywhere_is_refused(end: int) -> None:
    body = form(field("title", "Rain"), film(b"x" * 100))
    with pytest.raises(MalformedForm):
        read(body[: min(end, len(body) - 3)], [])


def test_the_last_field_of_a_name_counts() -> None:
    stream, _content = read(form(field("title", "Rain"), film(b"x"), field("title", "Sun")), [])
    assert stream.fields == {"title": "Sun"}


def test_text_that_is_not_utf8_shows_that_it_was_not() -> None:
    body = form(field("title", "Rain"), film(b"x")).replace(b"Rain", b"R\xe4in")
    assert read(body, [])[0].fields == {"title": "R\ufffdin"}


def test_a_form_without_a_film_tells_what_is_missing() -> None:
    with pytest.raises(FileMissing):
        read(form(field("title", "Rain")), [])
    with pytest.raises(EmptyFile):
        read(form(film(b"")), [])


def test_endless_bytes_beside_the_film_are_refused_before_their_end() -> None:
    stream = FormStream(BOUNDARY)
    for _ in range(OVERHEAD_BYTES_LIMIT >> 16):
        assert not list(stream.feed(b"x" * 65_536))
    with pytest.raises(MalformedForm):
        list(stream.feed(b"x"))


@pytest.mark.parametrize("boundary", ["", "line\nbreak", "漢"])
def test_a_boundary_that_cannot_be_is_refused(boundary: str) -> None:
    with pytest.raises(MalformedForm):
        FormStream(boundary)
