"""The command without a name: set up, start the processes, print the address, keep them running until told to stop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.cli import addresses, embedded_redis, first_start, lifeline, processes, set_up
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.data_folder import DataFolder, Instance
from config.cli.embedded_redis import EmbeddedRedis
from config.cli.faults import SetUpError
from config.cli.options import Options
from config.cli.readiness import Readiness, choose_port
from config.cli.stamps import Stamp
from config.cli.supervisor import Post, Supervisor, describe_exit

_REDIS_SECONDS = 20.0
_READY_SECONDS = 120.0
_HOPELESS_FALLS = 3
_WAITING_TICK_SECONDS = 0.03
_DEMO_DONE, _DEMO_REFUSED = "made", "not wanted"


def serve(checkout: Checkout, options: Options) -> int:
    """Returns 0 after an orderly stop. Raises SetUpError."""
    lifeline.guard()
    console = Console()
    began = time.monotonic()
    console.say("Matinee")
    folder = DataFolder(options.data_dir)
    folder.prepare()
    folder.claim()  # held until this process ends
    _forget_killed_instance(folder)
    port = choose_port(options.host, options.port)
    set_up.prepare_checkout(checkout, options, console)
    variables = set_up.site_variables(options, checkout, port=port)
    console.has_heads = variables.get("LOG_FORMAT") != "json"
    first_start.ensure_database(checkout, folder, variables=variables, console=console)
    first_start.ensure_static_files(checkout, folder, variables=variables, console=console)
    to_print_once = first_start.ensure_administrator(checkout, folder, variables=variables, console=console)
    variables.pop("ADMIN_PASSWORD", None)  # has served its purpose; no process need hold it
    own_redis = (
        None if variables.get("REDIS_URL") else embedded_redis.prepare(checkout, options.data_dir, options.variables)
    )
    try:
        with Supervisor(console, checkout.root) as supervisor:
            running = _Running(checkout, options, console, folder, supervisor, port, variables)
            if running.start(own_redis):
                console.say(f"  Ready after {time.monotonic() - began:.1f} s")
                running.greet(to_print_once)
                running.keep(to_print_once)
            console.say("Stopping …")
    finally:
        folder.withdraw()
        if own_redis:
            own_redis.remove_folder()
    return 0


class _Running:
    """One run of the site, from the first process to the request to stop."""

    def __init__(
        self,
        checkout: Checkout,
        options: Options,
        console: Console,
        folder: DataFolder,
        supervisor: Supervisor,
        port: int,
        variables: Mapping[str, str],
    ) -> None:
        self._checkout = checkout
        self._options = options
        self._console = console
        self._folder = folder
        self._supervisor = supervisor
        self._port = port
        self._variables = dict(variables)
        allowed = variables["ALLOWED_HOSTS"].split(",")
        self._readiness = Readiness(options.host, port, host_header=allowed[0].strip().lstrip("."))

    def start(self, own_redis: EmbeddedRedis | None) -> bool:
        """Queue and web at once until /readyz says yes, then the lanes: so the address comes first. False: told to
        stop. Raises SetUpError."""
        with self._console.step("Processes"):
            queue = self._supervisor.start(processes.redis(own_redis, self._variables)) if own_redis else None
            if own_redis:
                self._variables["REDIS_URL"] = own_redis.url
            site = self._supervisor.start(
                processes.web(self._checkout, host=self._options.host, port=self._port, variables=self._variables)
            )
            if own_redis and queue and not self._comes_up(queue, own_redis.answers, _REDIS_SECONDS, self._no_queue):
                return False
            self._announce(own_redis)
            if not self._comes_up(site, self._readiness.is_ready, _READY_SECONDS, self._no_site):
                return False
        for lane in processes.lanes(self._checkout, data_dir=self._options.data_dir, variables=self._variables):
            self._supervisor.start(lane)
        return True

    def greet(self, to_print_once: str) -> None:
        """The addresses, what the machine lacks, and what is said only once."""
        public = self._variables.get("PUBLIC_URL", "").rstrip("/")
        hosts = addresses.reachable_hosts(self._options.host)
        self._console.say()
        for url in [public] if public else [f"http://{host}:{self._port}" for host in hosts]:
            self._console.say(f"Matinee is at {url}/")
        for warning in self._readiness.warnings(self._options.data_dir):
            self._console.say(warning)
        if to_print_once:
            self._console.say(to_print_once)
        self._console.say("Stop it with Ctrl-C.\n")

    def keep(self, to_print_once: str = "") -> None:
        """Until a stop is asked for; the very first start also makes the demonstration clips, and says again afterwards
        what would have scrolled away."""
        demo_stamp = Stamp(self._folder.notes / "demo.stamp")
        is_decided = demo_stamp.says(_DEMO_DONE) or demo_stamp.says(_DEMO_REFUSED)
        if not is_decided and not self._options.has_demo:
            demo_stamp.write(_DEMO_REFUSED)
        elif not is_decided:
            demo = self._supervisor.start(processes.demo(self._checkout, self._variables))
            if self._supervisor.run(until=lambda: demo.exit_code is not None):
                self._note_demo(demo, demo_stamp)
                if to_print_once:
                    self._console.say(f"\n{to_print_once}\n")
        self._supervisor.run()

    def _note_demo(self, demo: Post, stamp: Stamp) -> None:
        if demo.exit_code == 0:
            stamp.write(_DEMO_DONE)
        else:
            self._console.line("demo", f"{describe_exit(demo.exit_code)}; the next start tries again")

    def _address(self) -> str:
        return f"http://{addresses.reachable_hosts(self._options.host)[0]}:{self._port}/"

    def _announce(self, own_redis: EmbeddedRedis | None) -> None:
        self._folder.announce(
            Instance(
                process_id=os.getpid(),
                address=self._address(),
                redis_url=self._variables["REDIS_URL"],
                redis_folder=str(own_redis.socket_path.parent) if own_redis else "",
            )
        )

    def _comes_up(
        self, post: Post, answers: Callable[[], bool], seconds: float, failure: Callable[[Post], SetUpError]
    ) -> bool:
        """True once it answers, False when somebody asked to stop; raises what `failure` says otherwise."""
        waited = self._supervisor.run(
            until=lambda: _is_hopeless(post) or answers(), seconds=seconds, tick_seconds=_WAITING_TICK_SECONDS
        )
        if self._supervisor.is_stopping:
            return False
        if waited and not _is_hopeless(post):
            return True
        raise failure(post)

    def _no_queue(self, post: Post) -> SetUpError:
        return SetUpError(
            "The queue's server does not start",
            tail="\n".join(post.last_lines),
            advice=f"Set REDIS_URL to a server of your own, or remove {self._options.data_dir / 'redis'} (nothing is "
            "lost: jobs are in the database) and start again.",
        )

    def _no_site(self, post: Post) -> SetUpError:
        return SetUpError(
            f"The site did not become ready (/readyz: {self._readiness.last_word})",
            tail="\n".join(post.last_lines),
            advice="The lines above say why. Check the settings (docs/settings.md), then start again.",
        )


def _is_hopeless(post: Post) -> bool:
    return post.falls >= _HOPELESS_FALLS


def _forget_killed_instance(folder: DataFolder) -> None:
    """The lock is ours, so whoever is announced there was killed and could not tidy up."""
    left = folder.last_instance()
    if left and left.redis_folder:
        EmbeddedRedis((), Path(left.redis_folder) / "redis.sock").remove_folder()
    folder.withdraw()
