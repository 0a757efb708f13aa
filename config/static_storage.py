"""Hashed names for static files, ES module imports included."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites relative `import` paths in modules too; Django leaves them unhashed by default."""

    support_js_module_import_aggregation = True
    # A page may name a file that set-up has not collected yet (a page of the admin, a test without collectstatic).
    manifest_strict = False
