"""Environment variables, read with their types."""

from __future__ import annotations

import pytest

from config import env

SIZES = (1080, 720, 360)


@pytest.mark.parametrize(
    ("written", "read"),
    [("", [1080, 720, 360]), ("  ", [1080, 720, 360]), ("720", [720]), (" 360 , 1080,", [360, 1080])],
)
def test_some_of_the_numbers_offered(written: str, read: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIZES", written)
    assert env.numbers("SIZES", SIZES) == read


@pytest.mark.parametrize("written", ["1081", "720p", "720 360", "720,x", "-720", "0"])
def test_other_numbers_stop_the_start(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIZES", written)
    with pytest.raises(env.SettingError, match="expected some of 1080, 720, 360"):
        env.numbers("SIZES", SIZES)
