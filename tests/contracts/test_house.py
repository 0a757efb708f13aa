"""The house stays in order: migrations match models, no file grows into a hall, no name says nothing, no address of a
media file leaves without a grant."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
EMPTY_NAMES = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?|methods|stuff)(\.py|\.js|/)")
LONGEST = 400


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split() if "/migrations/" not in name]


@pytest.mark.django_db
def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_file_is_too_long_to_know() -> None:
    files = _tracked("*.py", "*.js", "*.css", "*.html")
    assert files
    assert [str(file) for file in files if len(file.read_text("utf-8").splitlines()) > LONGEST] == []


def test_no_name_says_nothing() -> None:
    assert [str(file) for file in _tracked() if EMPTY_NAMES.search(str(file.relative_to(ROOT)))] == []


def test_no_file_field_prints_an_address_of_its_own() -> None:
    """MEDIA_URL is empty and the product has no FileField: bytes leave through /media/<grant>/ only."""
    wrong = [
        str(file)
        for file in _tracked("accounts/*.py", "videos/*.py", "analytics/*.py", "config/*.py")
        if re.search(r"\b(FileField|ImageField)\(", file.read_text("utf-8"))
        and "serializers." not in file.read_text("utf-8")
    ]
    assert wrong == []


def test_nothing_names_a_package_index() -> None:
    locks = _tracked("requirements/*.txt", "package-lock.json", "package.json", "pyproject.toml")
    assert len(locks) >= 5
    assert [str(file) for file in locks if re.search(r'"resolved"|index-url|https?://', file.read_text("utf-8"))] == []


def test_no_binary_is_kept_in_git() -> None:
    kinds = {".mp4", ".mkv", ".ts", ".png", ".jpg", ".jpeg", ".webp", ".woff2", ".mo", ".flv"}
    media = [file for file in _tracked() if file.suffix in kinds and not file.name.endswith(".d.ts")]
    assert media == []
