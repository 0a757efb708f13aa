"""Options of run.py: one on the command line beats the environment, which beats `.env`, which beats the default."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.cli import dotenv
from config.cli.checkout import Checkout
from config.cli.faults import SetUpError
from config.env import FALSE, TRUE

COMMANDS = {
    "manage": "run any Django command, e.g. `manage changepassword admin`",
    "test": "set up and run every check and test; more arguments go to pytest",
    "bench": "print figures: `bench` lists them, `bench NAME` runs one",
    "prove": "run a long proof whole: `prove` lists them, `prove NAME` runs one",
    "lock": "for maintainers: resolve requirements/ and package-lock.json anew",
}
_HIGHEST_PORT = 65535
_VALUED = {"--host", "--port", "--data-dir"}
_EPILOG = "\n".join(
    [
        "commands:",
        *(f"  {name:<8} {meaning}" for name, meaning in COMMANDS.items()),
        "  (none)   set up what is missing and serve",
        "",
        "Each option is also an environment variable: HOST PORT DATA_DIR NO_DEMO. A file `.env` beside run.py",
        "is read too. All settings: docs/settings.md and .env.example.",
    ]
)


@dataclass(frozen=True)
class Options:
    """What was asked for. `variables` is the environment that every process of ours starts from."""

    command: str
    arguments: tuple[str, ...]
    host: str
    port: int
    data_dir: Path
    has_demo: bool
    variables: Mapping[str, str]


def parser() -> argparse.ArgumentParser:
    """Options before the command's name; what follows the name belongs to the command."""
    made = argparse.ArgumentParser(
        prog="python3 run.py",
        usage="python3 run.py [options] [command [arguments]]",
        description="Sets up and serves Matinee.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--host", help="address to listen on (127.0.0.1); 0.0.0.0 lets others in")
    made.add_argument("--port", help="port to listen on (8000); 0 takes a free one")
    made.add_argument("--data-dir", help="folder of database, media and keys (./data)")
    made.add_argument(
        "--no-demo", action="store_true", help="do not make the three demonstration clips at the first start"
    )
    return made


def _split(argv: Sequence[str]) -> tuple[list[str], str, tuple[str, ...]]:
    index = 0
    while index < len(argv):
        if argv[index] in COMMANDS:
            return list(argv[:index]), argv[index], tuple(argv[index + 1 :])
        index += 2 if argv[index] in _VALUED else 1
    return list(argv), "", ()


def parse(argv: Sequence[str], checkout: Checkout, environment: Mapping[str, str] = os.environ) -> Options:
    """Raises SetUpError for a value that cannot be used and SystemExit as argparse does."""
    ours, command, arguments = _split(argv)
    given = parser().parse_args(ours)
    variables = {**dotenv.read(checkout.root / ".env"), **environment}
    data_dir = given.data_dir or variables.get("DATA_DIR", "").strip()
    return Options(
        command=command,
        arguments=arguments,
        host=given.host or variables.get("HOST", "").strip() or "127.0.0.1",
        port=_port(given.port or variables.get("PORT", "").strip() or "8000"),
        data_dir=Path(data_dir).expanduser().resolve() if data_dir else checkout.root / "data",
        has_demo=not (given.no_demo or _flag("NO_DEMO", variables)),
        variables=variables,
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise SetUpError(f"{text!r} is not a port", advice="Give --port (or PORT) a number from 0 to 65535.")
    return int(text)


def _flag(name: str, variables: Mapping[str, str]) -> bool:
    value = variables.get(name, "").strip().lower()
    if value not in TRUE | FALSE:
        raise SetUpError(f"{name}={value!r} is neither yes nor no", advice=f"Set {name} to 1 or 0, or leave it out.")
    return value in TRUE
