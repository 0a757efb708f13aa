"""How pages write numbers and times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from videos.templatetags import video_text
from videos.templatetags.icons import icon


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (1, "1 second"), (250, "4 minutes 10 seconds"), (600, "10 minutes"), (2569, "42 minutes"),
        (3600, "1 hour"), (7265, "2 hours 1 minute"), (None, ""),
    ],
)  # fmt: skip
def test_a_length_in_words_is_as_exact_as_anybody_cares(seconds: float | None, words: str) -> None:
    assert video_text.duration_words(seconds) == words


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (9_999, "9.9k"),
        (41_208, "41.2k"),
        (105_432, "105k"),
        (1_000_000, "1m"),
        (2_650_000_000, "2.6bn"),
    ],
)
def test_counts_are_shortened_and_never_rounded_up(count: int, shown: str) -> None:
    with translation.override("en"):
        assert video_text.compact_count(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(9_999, "9999"), (10_000, "1万"), (41_208, "4.1万"), (120_000_000, "1.2亿")]
)
def test_chinese_counts_by_ten_thousands(count: int, shown: str) -> None:
    with translation.override("zh-hans"):
        assert video_text.compact_count(count) == shown


def test_one_view_is_one_view() -> None:
    assert video_text.views(1) == "1 view"
    assert video_text.views(2) == "2 views"
    assert video_text.views_exact(41_208) == "41,208 views"


def test_moments_are_told_by_their_largest_unit() -> None:
    now = timezone.now()
    assert video_text.ago(now) == "just now"
    assert video_text.ago(now - timedelta(days=3, hours=5)).replace("\xa0", " ") == "3 days ago"
    assert video_text.ago(None) == ""


def test_a_persons_colour_is_the_same_for_ever_and_one_of_eight() -> None:
    hues = {video_text.hue(f"person{number}") for number in range(200)}
    assert hues == set(range(8))
    assert video_text.hue("person1") == video_text.hue("person1")


def test_an_icon_is_a_symbol_hidden_from_readers() -> None:
    assert 'aria-hidden="true"' in icon("play")
    assert "#play" in icon("play")
    assert 'slot="pause"' in icon("pause", slot="pause")


def test_chinese_writes_the_parts_of_a_length_without_gaps() -> None:
    with translation.override("zh-hans"):
        hour = translation.ngettext("%(count)d hour", "%(count)d hours", 1) % {"count": 1}
        minutes = translation.ngettext("%(count)d minute", "%(count)d minutes", 2) % {"count": 2}
        assert video_text.duration_words(3720) == hour + minutes


def test_exact_views_are_grouped_in_chinese_as_the_script_groups_them() -> None:
    with translation.override("zh-hans"):
        assert "41,208" in video_text.views_exact(41208)
