"""The environment that every Django process of the site gets."""

from __future__ import annotations

from pathlib import Path

from config.cli import set_up
from config.cli.checkout import Checkout
from config.cli.options import parse


def _variables(tmp_path: Path, **given: str) -> dict[str, str]:
    checkout = Checkout(tmp_path)
    return set_up.site_variables(parse(["--port", "0"], checkout, given), checkout, port=8123)


def test_what_was_given_goes_on_and_what_was_decided_is_added(tmp_path: Path) -> None:
    variables = _variables(tmp_path, TIME_ZONE="Asia/Shanghai")
    assert variables["TIME_ZONE"] == "Asia/Shanghai"
    assert (variables["PORT"], variables["DATA_DIR"]) == ("8123", str(tmp_path / "data"))


def test_byte_code_is_kept_even_where_the_environment_says_not_to(tmp_path: Path) -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in _variables(tmp_path, PYTHONDONTWRITEBYTECODE="1")
