"""Compiles locale/*/LC_MESSAGES/*.po where gettext's programs are not needed: Babel in the environment does it."""

from __future__ import annotations

from collections.abc import Mapping

from config.cli import programs
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.stamps import Stamp, digest


def ensure(checkout: Checkout, *, variables: Mapping[str, str], console: Console) -> None:
    """Compiles all of them when one changed or a compiled one is missing. Raises SetUpError."""
    sources = sorted((checkout.root / "locale").glob("*/LC_MESSAGES/*.po"))
    if not sources:
        return
    stamp, key = Stamp(checkout.cache / "catalogues.stamp"), digest(sources)
    if stamp.says(key) and all(source.with_suffix(".mo").exists() for source in sources):
        return
    with console.step("Words"):
        domains = " ".join(sorted({source.stem for source in sources}))
        programs.run(
            [
                checkout.python,
                "-m",
                "babel.messages.frontend",
                "compile",
                "--directory=locale",
                f"--domain={domains}",
            ],
            what="The message catalogues could not be compiled",
            advice="Correct the .po file that is named above.",
            variables=variables,
            cwd=checkout.root,
        )
        stamp.write(key)
