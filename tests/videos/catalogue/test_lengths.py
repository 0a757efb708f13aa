"""Lengths of films as people read them."""

from __future__ import annotations

import pytest

from videos.catalogue.lengths import bytes_text, clock_text


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (59.6, "0:59"),
        (19.6, "0:19"),
        (149.999999, "2:30"),
        (149.98, "2:29"),
        (754, "12:34"),
        (3599.4, "59:59"),
        (3599.996, "1:00:00"),
        (6130, "1:42:10"),
        (-1, "0:00"),
        (None, ""),
    ],
)
def test_a_length_grows_an_hour_only_when_it_needs_one(seconds: float | None, shown: str) -> None:
    assert clock_text(seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999_499, "999 kB"),
        (999_600, "1.00 MB"),
        (8_717_636, "8.72 MB"),
        (15_230_000_000, "15.2 GB"),
        (734_000_000, "734 MB"),
        (None, ""),
    ],
)
def test_a_size_is_what_the_scripts_say_too(size: int | None, shown: str) -> None:
    assert bytes_text(size) == shown
