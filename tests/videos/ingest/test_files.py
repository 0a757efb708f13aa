"""Names from outside are made fit to be shown, whatever they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.ingest.files import FILENAME_LIMIT, NAMELESS, shown_filename, title_from_filename
from videos.models.content import TITLE_LIMIT

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("holiday.mp4", "holiday.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\Ana\\film.mov", "film.mov"),
        ("a\0b.mp4", "ab.mp4"),
        ("line\r\nbreak.mp4", "line break.mp4"),
        ("$(id).mp4", "$(id).mp4"),
        ("-y.mp4", "-y.mp4"),
        ("gpj\u202e4pm.exe", "gpj4pm.exe"),
        ("e\u0301te\u0301.mp4", "été.mp4"),
        ("电影.mkv", "电影.mkv"),
        ("می\u200cخواهم.mp4", "می\u200cخواهم.mp4"),
        ("lone\ud800.mp4", "lone.mp4"),
        ("", NAMELESS),
        (".", NAMELESS),
        ("..", NAMELESS),
        ("folder/", NAMELESS),
        ("\u200d", NAMELESS),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
        ("x" * 252 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_a_file_name_is_shown_without_its_traps(sent: str, shown: str) -> None:
    assert shown_filename(sent) == shown


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("holiday_in_rome.mp4", "holiday in rome"),
        ("S01E01.The.Pilot.mkv", "S01E01.The.Pilot"),
        ("film.2024", "film.2024"),
        ("Mr. Bean", "Mr. Bean"),
        ("clip.3gp", "clip"),
        ("  __  .mp4", ""),
        (".mp4", ""),
        ("电影_第一集.mp4", "电影 第一集"),
        ("<script>.mp4", "<script>"),
        ("t" * 300 + ".mp4", "t" * 200),
    ],
)
def test_a_title_is_made_of_a_file_name(filename: str, title: str) -> None:
    assert title_from_filename(filename) == title


@given(st.text() | st.text(alphabet=f"ab./\\_ \0\r\n{BIDI}\u200d\u2028\ud800"))
def test_no_file_name_can_break_a_line_or_a_path(sent: str) -> None:
    shown, title = shown_filename(sent), title_from_filename(sent)
    assert 0 < len(shown) <= FILENAME_LIMIT
    assert len(title) <= TITLE_LIMIT
    for text in (shown, title):
        assert text == text.strip()
        assert not set(text) & set("/\\\r\n\0" + BIDI)
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in text)
        text.encode()
    assert shown not in {".", ".."}
    assert shown_filename(shown) == shown
