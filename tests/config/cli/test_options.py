"""An option beats the environment, which beats `.env`, which beats the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.cli.checkout import Checkout
from config.cli.faults import SetUpError
from config.cli.options import COMMANDS, parse, parser


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_without_anything_it_serves_locally_from_the_checkouts_own_folder(checkout: Checkout) -> None:
    given = parse([], checkout, {})
    assert (given.command, given.host, given.port, given.has_demo) == ("", "127.0.0.1", 8000, True)
    assert given.data_dir == checkout.root / "data"


def test_the_environment_beats_the_file_and_an_option_beats_both(checkout: Checkout, tmp_path: Path) -> None:
    (checkout.root / ".env").write_text(
        "PORT=1111\nHOST=10.0.0.1\nNO_DEMO=yes\nDATA_DIR=/from/file\nTIME_ZONE=Asia/Tokyo\n"
    )
    environment = {"PORT": "2222", "HOST": "10.0.0.2"}
    given = parse(["--port", "3333", "--data-dir", str(tmp_path / "films")], checkout, environment)
    assert (given.port, given.host, given.has_demo) == (3333, "10.0.0.2", False)
    assert given.data_dir == tmp_path / "films"
    assert given.variables["TIME_ZONE"] == "Asia/Tokyo"


def test_what_follows_a_commands_name_belongs_to_the_command(checkout: Checkout) -> None:
    given = parse(["--port", "81", "manage", "runserver", "--help"], checkout, {})
    assert (given.port, given.command, given.arguments) == (81, "manage", ("runserver", "--help"))


def test_a_value_that_is_named_like_a_command_stays_a_value(checkout: Checkout) -> None:
    given = parse(["--data-dir", "test"], checkout, {})
    assert given.command == ""
    assert given.data_dir.name == "test"


@pytest.mark.parametrize("port", ["99999", "-1", "http", "8000.5"])
def test_a_port_that_is_none_is_refused(checkout: Checkout, port: str) -> None:
    with pytest.raises(SetUpError, match="not a port"):
        parse([f"--port={port}"], checkout, {})


def test_a_switch_that_is_neither_yes_nor_no_is_refused(checkout: Checkout) -> None:
    with pytest.raises(SetUpError, match="NO_DEMO='perhaps'"):
        parse([], checkout, {"NO_DEMO": "perhaps"})


def test_an_unknown_command_is_refused(checkout: Checkout) -> None:
    with pytest.raises(SystemExit):
        parse(["serve"], checkout, {})


def test_the_help_names_every_command_option_and_variable() -> None:
    told = parser().format_help()
    for word in (
        *COMMANDS,
        "--host",
        "--port",
        "--data-dir",
        "--no-demo",
        "HOST",
        "PORT",
        "DATA_DIR",
        "NO_DEMO",
        ".env",
    ):
        assert word in told
