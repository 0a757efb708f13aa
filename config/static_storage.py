"""Hashed names for static files, ES module imports included; what is collected is rewritten and packed once."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any  # whitenoise and this part of Django have no types

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Where a statement can begin. Django's own patterns match `import("./x.js")` in JSDoc types too, which tell nothing of
# what is loaded and make circles that never settle; and they crawl through every `import` inside a minified bundle.
_BEGIN = r"(?:(?m:^)|(?<=;))"
_ADDRESS = r"""["'](?P<url>[./][^"']*)["']"""
# Scripts of packages, which import nothing; searching them is most of the time it would take.
_BUNDLES = ("admin/", "drf_spectacular_sidecar/", "rest_framework/")


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Rewrites addresses in style sheets, and the paths of static `import` and `export … from` statements in modules,
    which Django leaves alone. Source maps are not collected, so what names them is left as it is."""

    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""", """@import url("%(url)s")"""),
            ),
        ),
        (
            "*.js",
            (
                (
                    rf"""{_BEGIN}(?P<matched>(?P<words>(?:import|export)\b[\w\s{{}},*$]*?\bfrom\s*){_ADDRESS})""",
                    """%(words)s"%(url)s\"""",
                ),
                (rf"""{_BEGIN}(?P<matched>import\s*{_ADDRESS})""", """import "%(url)s\""""),
            ),
        ),
    )
    keep_intermediate_files = False
    # A page may name a file that set-up has not collected yet (a page of the admin, a test without collectstatic).
    manifest_strict = False

    def _post_process(
        self, paths: Mapping[str, Any], adjustable_paths: Iterable[str], hashed_files: dict[str, str]
    ) -> Iterator[tuple[str, str | None, bool | Exception, bool]]:
        """What is imported comes before what imports it, so that one pass brings every hash to the top of its chain.
        Django, which goes by the depth of folders, needs a pass for each link."""
        adjustable = {name for name in adjustable_paths if not (name.endswith(".js") and name.startswith(_BUNDLES))}
        for name in self._imported_first(paths, adjustable):
            for _name, hashed, outcome, is_unsettled in super()._post_process(
                {name: paths[name]}, adjustable, hashed_files
            ):
                yield name, hashed, outcome, is_unsettled and name in adjustable

    def _imported_first(self, paths: Mapping[str, Any], adjustable: set[str]) -> list[str]:
        order = [name for name in paths if name not in adjustable]
        placed = set(order)
        on_the_way: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name in on_the_way or name not in paths:
                return
            on_the_way.add(name)
            for needed in self._named_in(name, *paths[name]):
                place(needed)
            placed.add(name)
            order.append(name)

        for name in paths:
            place(name)
        return order

    def _named_in(self, name: str, storage: Any, path: str) -> Iterator[str]:
        with storage.open(path) as file:
            content = file.read().decode("utf-8", "replace")
        for pattern, _template in self._patterns["*.css" if name.endswith(".css") else "*.js"]:
            for match in pattern.finditer(content):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(name), re.split("[?#]", match["url"])[0]))

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Only what pages name: the hashed ones."""
        hashed = set(self.hashed_files.values())
        yield from super().compress_files(name for name in paths if name in hashed)
