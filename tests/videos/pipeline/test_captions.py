"""Captions of any make become our WebVTT, or are refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.videos.pipeline.webvtt import ReadCue, read_strictly
from videos.pipeline import captions
from videos.pipeline.captions import CaptionsRefused
from videos.pipeline.captions_cues import Cue

ASS = r"""[Script Info]
; made by hand
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Alignment
Style: Default,Arial,20,&H00FFFFFF,0,0,2
Style: Thought,Arial,20,&H00FFFFFF,0,-1,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not for viewers
Dialogue: 0,0:00:01.50,0:00:03.00,Default,,0,0,0,,Hello, {\b1}you{\b0} there{a note}\Nsecond\hline
Dialogue: 1,0:00:01.50,0:00:03.00,Default,,0,0,0,,Hello, {\b1}you{\b0} there{a note}\Nsecond\hline
Dialogue: 0,0:00:04.00,0:00:05.00,Thought,,0,0,0,,inside {\i0}aloud {\r}inside again
Dialogue: 0,0:00:06.00,0:00:07.00,Default,,0,0,0,,{\an8\fs12\blur2}A sign
Dialogue: 0,0:00:08.00,0:00:09.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100{\p0}
"""


def read(text: str | bytes, *, duration_seconds: float | None = 60.0) -> list[ReadCue]:
    content = text if isinstance(text, bytes) else text.encode()
    return read_strictly(captions.converted(content, duration_seconds=duration_seconds).content)


def refusal(content: bytes, *, duration_seconds: float | None = 60.0) -> str:
    with pytest.raises(CaptionsRefused) as refused:
        captions.converted(content, duration_seconds=duration_seconds)
    return refused.value.code


def test_subrip_with_a_mark_carriage_returns_points_and_missing_numbers() -> None:
    text = (
        "\ufeff1\r\n00:00:01,500 --> 00:00:02,000\r\nHello\r\nyou\r\n\r\n"
        "00:00:03.250-->00:00:04.5\r\nno number\r\n"
        "7\r\n0:00:05,000 --> 0:00:06,000 X1:10 X2:20\r\n42\r\n\r\n\r\n"
        "01:10,000 --> 01:11,000\r\nno hours\r\n"
    )
    assert [(cue.start_ms, cue.end_ms, cue.lines) for cue in read(text, duration_seconds=None)] == [
        (1500, 2000, ("Hello", "you")),
        (3250, 4500, ("no number",)),
        (5000, 6000, ("42",)),
        (70_000, 71_000, ("no hours",)),
    ]


def test_subrip_keeps_italic_bold_underlined_and_places_at_the_top() -> None:
    text = (
        '1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<I>one</i> <font color="#f00">two</font> <b>thr<u>ee\nfour</b></u>\n'
        "\n2\n00:00:03,000 --> 00:00:04,000\na < b && c &amp; d &nope; <3\n"
    )
    first, second = read(text)
    assert first.marked == "<i>one</i> two <b>thr</b><b><u>ee</u></b>\n<b><u>four</u></b>"
    assert first.settings == "line:0"
    assert second.marked == "a &lt; b &amp;&amp; c &amp; d &amp;nope; &lt;3"


@pytest.mark.parametrize("head", ["", "WEBVTT\n\n"])
def test_a_script_comes_out_as_text(head: str) -> None:
    (cue,) = read(f"{head}00:00:01.000 --> 00:00:02.000\n<script>alert(1)</script><img src=x onerror=alert(2)>\n")
    assert cue.lines == ("<script>alert(1)</script><img src=x onerror=alert(2)>",)
    assert "<script" not in cue.marked


def test_webvtt_loses_notes_styles_regions_classes_and_voices_and_keeps_valid_settings() -> None:
    text = (
        "WEBVTT - by somebody\nKind: captions\n\nSTYLE\n::cue { background: url(http://127.0.0.1/) }\n\n"
        "REGION\nid:fred\nwidth:40%\n\nNOTE\nnot for viewers --> really\n\n"
        "first\n00:01.000 --> 00:02.000 region:fred line:84%,end align:start position:120% onclick:x\n"
        "<v.loud Mary>Hello <c.yellow>you</c> <00:00:01.500>there</v> &lt;3\n- second &amp;c.\n\n"
        "00:00:03.000 --> 00:00:04.000\n<i.foreign>Guten Tag</i>\n"
    )
    first, second = read(text)
    assert first.lines == ("Hello you there <3", "- second &c.")
    assert first.settings == "line:84%,end align:start"
    assert second.marked == "<i>Guten Tag</i>"


def test_ass_is_read_for_its_words() -> None:
    first, thought, sign = read(ASS.replace("\n", "\r\n"))
    assert (first.start_ms, first.end_ms) == (1500, 3000)
    assert first.marked == "Hello, <b>you</b> there\nsecond\u00a0line"
    assert thought.marked == "<i>inside </i>aloud <i>inside again</i>"
    assert (sign.lines, sign.settings) == (("A sign",), "line:0")


def test_elder_ssa_with_its_own_order_of_fields() -> None:
    text = (
        "[Script Info]\nScriptType: v4.00\n\n[Events]\nFormat: Marked, Start, End, Style, Name, Text\n"
        "Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,,one, two\n"
    )
    (cue,) = read(text)
    assert cue.lines == ("one, two",)


def test_cues_come_in_order_within_the_film_and_once() -> None:
    text = (
        "00:00:08,000 --> 00:00:20,000\nends with the film\n\n00:00:01,000 --> 00:00:02,000\nearly\n\n"
        "00:00:01,000 --> 00:00:02,000\nearly\n\n00:00:11,000 --> 00:00:12,000\nafter the end\n\n"
        "00:00:05,000 --> 00:00:04,000\nbackwards\n\n00:00:06,000 --> 00:00:07,000\n  \n"
    )
    found = read(text, duration_seconds=10)
    assert [(cue.start_ms, cue.end_ms, cue.lines) for cue in found] == [
        (1000, 2000, ("early",)),
        (8000, 10_000, ("ends with the film",)),
    ]


def test_long_lines_are_cut() -> None:
    (cue,) = read(f"00:00:01,000 --> 00:00:02,000\n{'x' * 4000}\nrest\n")
    assert cue.lines == ("x" * 500, "rest")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "captions_empty"),
        (b"  \r\n\n", "captions_empty"),
        (b"WEBVTT\n\nNOTE nothing else\n", "captions_empty"),
        (b"00:01:30,000 --> 00:01:40,000\nafter the film\n", "captions_empty"),
        (ASS.split("Dialogue", maxsplit=1)[0].encode(), "captions_empty"),
        (b"Dear diary,\nnothing happened today.\n", "captions_unreadable"),
        (b"{100}{200}MicroDVD counts frames\n", "captions_unreadable"),
        (bytes(range(256)) * 40, "captions_unreadable"),
        (b"\xff\xfe\x00", "captions_unreadable"),
        (b"00:00:01,000 --> 00:00:02,000\n" + b"x" * (2 << 20), "captions_too_large"),
        (b"".join(b"%d:%d,0 --> %d:%d,5\nx\n" % (divmod(n, 60) * 2) for n in range(20_001)), "captions_too_large"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_code(content: bytes, code: str) -> None:
    assert refusal(content, duration_seconds=60.0 if code == "captions_empty" else None) == code


LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            [
                "00:00:01,000 --> 00:00:02,000", "0:01.5 --> 0:03.25 line:10% align:end", "1", "", "WEBVTT", "STYLE",
                "[Script Info]", "[Events]", "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\i1}x{\\p1}y",
                "<i>a<b>b</i>c</b>", "<script>x</script>", "a --> b", "&lt;&#0;&amp", "{\\an7}x", "\u2028", "\x0c\x85",
            ]
        ),
    ),
    max_size=12,
)  # fmt: skip


@given(st.one_of(st.binary(max_size=400), LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))))
@example(b"WEBVTT\n\n00:00.000 --> 00:01.000\n&#10;&#10;x")
def test_whatever_comes_the_result_is_valid_or_refused(content: bytes) -> None:
    try:
        found = captions.converted(content, duration_seconds=100.0)
    except CaptionsRefused as refused:
        assert refused.code in {"captions_unreadable", "captions_too_large", "captions_empty"}  # noqa: PT017
    else:
        cues = read_strictly(found.content)
        assert len(cues) == found.cues
        assert all(cue.end_ms <= 100_000 for cue in cues)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=40)


@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 9000), st.lists(WORDS, min_size=1, max_size=3))))
def test_what_we_wrote_reads_as_what_it_was(cues: list[tuple[int, int, list[str]]]) -> None:
    text = "".join(
        f"{n}\n{_srt(s)} --> {_srt(s + length)}\n" + "\n".join(w) + "\n\n" for n, (s, length, w) in enumerate(cues)
    )
    try:
        once = captions.converted(text.encode(), duration_seconds=None)
    except CaptionsRefused:
        return
    again = captions.converted(once.content, duration_seconds=None)
    assert again == once
    assert captions.written(captions.read(once.content), duration_seconds=None) == once


def _srt(milliseconds: int) -> str:
    return f"00:00:{milliseconds // 1000:02},{milliseconds % 1000:03}"


def test_a_cue_of_another_maker_is_written_too() -> None:
    made = captions.written([Cue(1000, 2000, "a &amp; b", "line:0")], duration_seconds=None)
    assert made.content == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\na &amp; b\n"
