"""Lengths of films as people read them."""

from __future__ import annotations

import pytest

from videos.catalogue.lengths import clock_text


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
