"""Everything that has to stand before a command can run, in order, each only when its inputs changed."""

from __future__ import annotations

from collections.abc import Sequence

from config.cli import addresses, catalogues, frontend, locks, python_environment
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.data_folder import DataFolder
from config.cli.options import Options

_ANY_PORT = 8000  # port 0 is a wish to `serve`, which finds a free one; others only need a number that settings accept


def prepare_checkout(
    checkout: Checkout,
    options: Options,
    console: Console,
    *,
    lists: Sequence[str] = ("base",),
    with_tools: bool = False,
) -> None:
    """Environment, front-end files and catalogues; one process at a time. Raises SetUpError."""
    variables = options.variables
    with locks.holding(
        checkout.cache / "set-up.lock",
        on_wait=lambda: console.say("  Another run.py is setting up; waiting …"),
    ):
        python_environment.ensure(checkout, lists, variables=variables, console=console)
        frontend.ensure(checkout, with_tools=with_tools, variables=variables, console=console)
        catalogues.ensure(checkout, variables=variables, console=console)


def site_variables(options: Options, checkout: Checkout, *, redis_url: str = "", port: int = 0) -> dict[str, str]:
    """The environment of every Django process: what was given, and what set-up decided.

    Byte code of our modules is kept whatever the environment says: without it each process spends a third of its start
    on compiling them (containers often set that variable, and start much).
    """
    variables = {
        **{name: value for name, value in options.variables.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "HOST": options.host,
        "PORT": str(port or options.port or _ANY_PORT),
        "DATA_DIR": str(options.data_dir),
        "ALLOWED_HOSTS": addresses.allowed_hosts(options.host, options.variables),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PATH": checkout.search_path(options.variables.get("PATH", "")),
        "PYTHONUNBUFFERED": "1",
    }
    if redis_url:
        variables["REDIS_URL"] = redis_url
    return variables


def prepare_quietly(checkout: Checkout, options: Options, console: Console) -> dict[str, str]:
    """For commands beside a running site: sets up what is missing and finds the running instance's queue."""
    prepare_checkout(checkout, options, console)
    folder = DataFolder(options.data_dir)
    folder.prepare()
    running = folder.running_instance()
    redis_url = options.variables.get("REDIS_URL", "").strip() or (running.redis_url if running else "")
    return site_variables(options, checkout, redis_url=redis_url)
