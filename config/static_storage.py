"""Hashed names for static files, ES module imports included."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Where a statement can begin. Django's own patterns match `import("./x.js")` in JSDoc types too, which tell nothing of
# what is loaded and make circles that never settle; and they crawl through every `import` inside a minified bundle.
_BEGIN = r"(?:(?m:^)|(?<=;))"
_ADDRESS = r"""["'](?P<url>[./][^"']*)["']"""


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Rewrites the paths of static `import` and `export … from` statements in modules, which Django leaves alone."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "*.js",
        (
            (
                rf"""{_BEGIN}(?P<matched>(?P<words>(?:import|export)\b[\w\s{{}},*$]*?\bfrom\s*){_ADDRESS})""",
                """%(words)s"%(url)s\"""",
            ),
            (rf"""{_BEGIN}(?P<matched>import\s*{_ADDRESS})""", """import "%(url)s\""""),
        ),
    )
    # Each pass carries a changed hash one import further up; a page's longest chain is far shorter than this.
    max_post_process_passes = 30
    # A page may name a file that set-up has not collected yet (a page of the admin, a test without collectstatic).
    manifest_strict = False
