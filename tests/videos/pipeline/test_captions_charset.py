"""Text of unknown charset is read as what it is."""

from __future__ import annotations

import pytest

from videos.pipeline.captions_charset import UndecodableText, decoded

CHINESE = "你好，世界。这是一部关于爱情和战争的电影。我们明天在车站见面吧。"
TRADITIONAL = "你好，世界。這是一部關於愛情和戰爭的電影。我們明天在車站見面吧。"
JAPANESE = "こんにちは、世界。これは愛と戦争についての映画です。明日、駅で会いましょう。"
RUSSIAN = "Здравствуй, мир. Это кино о любви и о войне. Встретимся завтра на вокзале?"
FRENCH = "Ça va ? L’été, où nous étions à Besançon… « Déjà ? » C’est la forêt."
GERMAN = "Schöne Grüße aus Köln – über die Straße, für Änne."


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("plain", "ascii"),
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (CHINESE, "gb18030"),
        (f"1\n00:00:01,000 --> 00:00:02,000\n{CHINESE}\n", "gb18030"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (RUSSIAN, "cp1251"),
        (FRENCH, "cp1252"),
        (GERMAN, "cp1252"),
        ("One café only", "cp1252"),
    ],
)
def test_it_is_read_as_it_was_written(text: str, charset: str) -> None:
    assert decoded(text.encode(charset)) == text


def test_big_endian_with_its_mark() -> None:
    assert decoded(b"\xfe\xff" + RUSSIAN.encode("utf-16-be")) == RUSSIAN


def test_utf_8_with_one_broken_character_is_still_utf_8() -> None:
    assert decoded(CHINESE.encode()[:-1]) == CHINESE[:-1] + "\ufffd"


@pytest.mark.parametrize("content", [b"a\x00b", b"\xff\xfe\x00\xd8\x00\xd8", b"\xef\xbb\xbf\xff"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UndecodableText):
        decoded(content)
