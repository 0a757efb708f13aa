"""Every module is served under a name that changes with its content and with the content of what it imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import FileSystemStorage

from config.cli.first_start import NOT_COLLECTED
from config.static_storage import ModuleManifestStorage

HASHED = r"\.[0-9a-f]{12}\.m?js"


def _collect(tmp_path: Path, files: dict[str, str]) -> dict[str, str]:
    """Name → the text under its hashed name."""
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    storage = ModuleManifestStorage(location=str(target), base_url="/static/")
    for _name, _hashed, outcome in storage.post_process(
        {name: (FileSystemStorage(str(source)), name) for name in files}
    ):
        if isinstance(outcome, Exception):
            raise outcome
    return {name: (target / storage.hashed_files[name]).read_text() for name in files}


@pytest.mark.parametrize(
    "statement",
    [
        'import { a, b as c } from "../lib/words.js";',
        'import * as words from "../lib/words.js";',
        'import words from "../lib/words.js";',
        'import "../lib/words.js";',
        'import {\n  a,\n  b,\n} from "../lib/words.js";',
        "export { a } from '../lib/words.js';",
        'export * from "../lib/words.js";',
        'let one=1;import{a}from"../lib/words.js";',
    ],
)
def test_every_form_of_import_is_rewritten(tmp_path: Path, statement: str) -> None:
    made = _collect(tmp_path, {"pages/a.js": statement, "lib/words.js": "export const a = 1;"})
    assert re.search(rf"""["']\.\./lib/words{HASHED}["']""", made["pages/a.js"])


@pytest.mark.parametrize(
    "text",
    [
        '/** @param {import("./b.js").Beat} beat */',
        ' * @type {import("hls.js").Config}\n * import nothing from "./b.js"',
        "const text = \"import a from './b.js'\";",
        "const module = await import(address);",
    ],
)
def test_what_loads_nothing_is_left_alone(tmp_path: Path, text: str) -> None:
    assert _collect(tmp_path, {"a.js": text, "b.js": ""})["a.js"] == text


def test_types_may_point_in_a_circle(tmp_path: Path) -> None:
    _collect(
        tmp_path,
        {"a.js": 'import { b } from "./b.js";', "b.js": '/** @type {import("./a.js").A} */\nexport const b = 1;'},
    )


def test_a_change_far_down_the_chain_changes_every_name_above(tmp_path: Path) -> None:
    chain = {f"m{step}.js": f'import "./m{step + 1}.js";' for step in range(12)}
    before = _collect(tmp_path / "one", {**chain, "m12.js": "1"})
    after = _collect(tmp_path / "two", {**chain, "m12.js": "2"})
    assert before["m0.js"] != after["m0.js"]


def test_what_is_served_under_its_hash_is_packed_and_nothing_else(tmp_path: Path) -> None:
    long = "export const word = 'film';\n" * 200
    _collect(tmp_path, {"a.js": f'import "./b.js";\n{long}', "b.js": long})
    packed = sorted(file.name for file in (tmp_path / "target").glob("*.gz"))
    assert len(packed) == 2
    assert all(re.search(rf"{HASHED}\.gz$", name) for name in packed)


def test_style_sheets_name_their_pictures_by_hash(tmp_path: Path) -> None:
    made = _collect(
        tmp_path,
        {
            "admin/css/base.css": "a { background: url(../img/x.svg) }\n/*# sourceMappingURL=base.css.map */",
            "admin/img/x.svg": "<svg/>",
        },
    )
    assert re.search(r"url\(\"\.\./img/x\.[0-9a-f]{12}\.svg\"\)", made["admin/css/base.css"])
    assert "sourceMappingURL=base.css.map" in made["admin/css/base.css"]


def test_set_up_leaves_out_what_no_page_asks_for() -> None:
    collected = {name for finder in get_finders() for name, _storage in finder.list(list(NOT_COLLECTED))}
    assert {"drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js", "admin/css/base.css", "css/base.css"} <= (
        collected
    )
    assert [name for name in collected if name.endswith((".map", ".d.ts")) or "redoc" in name] == []
