"""The protocol's fields are read strictly: what is not exactly as the specification has it is refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.ingest import tus
from videos.ingest.refusals import MalformedUpload


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(st.dictionaries(KEYS, TEXTS, max_size=6))
def test_metadata_is_read_as_it_was_meant(words: dict[str, str]) -> None:
    assert tus.metadata(",".join(f"{key} {encoded(text)}" for key, text in words.items())) == words


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("", {}),
        ("flag", {"flag": ""}),
        ("flag ", {"flag": ""}),
        (f"filename {encoded('a')}, title {encoded('b')}", {"filename": "a", "title": "b"}),
    ],
)
def test_values_may_be_missing_and_blanks_stand_after_commas(field: str, words: dict[str, str]) -> None:
    assert tus.metadata(field) == words


@pytest.mark.parametrize(
    "field",
    [
        "filename not-base64",
        "filename YQ",
        "filename YQ== YQ==",
        "filename  YQ==",
        "filename Y!Q=",
        "filename YQ==,",
        ",filename YQ==",
        "filename YQ==,filename Yg==",
        f"filename {encoded(bytes([255, 254]))}",
        "ключ YQ==",
        "x" * (tus.METADATA_LIMIT + 1),
    ],
)
def test_malformed_metadata_is_refused(field: str) -> None:
    with pytest.raises(MalformedUpload):
        tus.metadata(field)


@given(st.text(max_size=200))
def test_nothing_else_comes_out_of_metadata_than_words_or_a_refusal(field: str) -> None:
    try:
        words = tus.metadata(field)
    except MalformedUpload:
        return
    assert all(isinstance(text, str) for text in words.values())


@pytest.mark.parametrize("value", ["", "-1", "+1", "1.0", "1e3", " 1", "0x1", "٣", "1" * 19, "one"])
def test_a_number_of_bytes_is_digits(value: str) -> None:
    with pytest.raises(MalformedUpload):
        tus.number("Upload-Length", value)


def test_the_largest_number_fits_the_database() -> None:
    assert tus.number("Upload-Length", "9" * 18) < 1 << 63
    assert tus.number("Upload-Length", "0") == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_names_algorithm_and_digest(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"film").digest()
    read = tus.checksum(f"{algorithm} {encoded(digest)}")
    assert read == tus.Checksum(algorithm, digest)
    assert read is not None
    summed = read.begin()
    summed.update(b"film")
    assert summed.digest() == read.digest


@pytest.mark.parametrize(
    "field",
    ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ", "sha1 YQ==", "sha1 not-base64", f"SHA1 {encoded('x' * 20)}"],
)
def test_a_malformed_checksum_is_refused(field: str) -> None:
    with pytest.raises(MalformedUpload):
        tus.checksum(field)


def test_no_checksum_is_none() -> None:
    assert tus.checksum("") is None
