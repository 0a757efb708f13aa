"""Languages of tracks as files write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.pipeline.languages import bcp47, own_name


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("eng", "en"), ("ENG", "en"), ("en", "en"), ("en_us", "en-US"), ("por-BR", "pt-BR"),
        ("ger", "de"), ("deu", "de"), ("chi", "zh"), ("zho", "zh"), ("zh-hans", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
                ("zh-yue", "zh-yue"), ("yue", "yue"), ("fil", "fil"), ("cmn-Hans", "cmn-Hans"), ("es-419", "es-419"),
        ("iw", "he"), ("scr", "hr"), (" fre ", "fr"),
        ("", ""), ("und", ""), ("mul", ""), ("zxx", ""), ("qaa", ""), ("qtz", ""), ("x", ""), ("english", ""),
        ("en\nus", ""), ('e"n', ""), ("e1", ""),
    ],
)  # fmt: skip
def test_what_files_write_becomes_a_tag(written: str, tag: str) -> None:
    assert bcp47(written) == tag


@given(st.text(max_size=16))
def test_whatever_is_written_there_a_tag_is_short_plain_and_stays_what_it_is(written: str) -> None:
    tag = bcp47(written)
    assert len(tag) <= 16
    assert all(character.isascii() and (character.isalnum() or character == "-") for character in tag)
    assert bcp47(tag) == tag


def test_languages_are_called_what_their_speakers_call_them() -> None:
    assert [own_name(tag) for tag in ("en", "zh", "zh-Hans", "pt-BR", "tlh")] == [
        "English",
        "中文",
        "中文",
        "Português",
        "tlh",
    ]
