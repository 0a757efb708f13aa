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
LONGEST, LONGEST_OF_THE_PRODUCT = 400, 300
PRODUCT = ("accounts/*", "analytics/*", "config/*", "videos/*", "static/*", "templates/*", "benchmarks/*")
# Written so that this file does not name what it looks for. Where packages come from is the business of the package
# clients' configuration; where this checkout lies is nobody's.
PACKAGE_HOSTS = re.compile(r"pypi[.]org|python[h]osted|npmj[s][.]|deb[.]debian|yarn[p]kg")
MACHINE_PATHS = re.compile(r"/wor[k]/|/roo[t]/|/hom[e]/\w|/User[s]/\w|C:\\User[s]")


def _tracked(*patterns: str) -> list[Path]:
    """Files that git has and that are there, migrations left out: they are written by a program and never changed."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split() if "/migrations/" not in name]
    return [file for file in files if file.is_file()]


def _holding(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """place:line of what matches."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.django_db
def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_django_finds_nothing_to_warn_of() -> None:
    """As it would be served: set-up leaves these checks to us."""
    call_command("check", deploy=True, databases=["default"], fail_level="WARNING")


def test_no_file_is_too_long_to_know() -> None:
    files = _tracked("*.py", "*.js", "*.css", "*.html")
    assert files
    assert [str(file) for file in files if len(file.read_text("utf-8").splitlines()) > LONGEST] == []


def test_no_file_of_the_product_is_longer_than_one_reads_at_once() -> None:
    files = [file for file in _tracked(*PRODUCT) if file.suffix in {".py", ".js", ".css", ".html"}]
    assert files
    long = [file.name for file in files if len(file.read_text("utf-8").splitlines()) > LONGEST_OF_THE_PRODUCT]
    assert set(long) <= {"settings.py"}  # every setting stands in one file


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


def test_only_the_streaming_service_writes_addresses_of_media() -> None:
    """Whoever else wants one asks it, and gets a grant with it."""
    writers = {"config/asgi.py", "videos/http/media.py"}
    scripts = _tracked("accounts/*.py", "analytics/*.py", "videos/*.py", "config/*.py", "templates/*", "static/js/*")
    written = re.compile(r"""["'`(=]/media/(?!<)""")
    places = [place for place in _holding(written, scripts) if not place.startswith("videos/streaming/")]
    assert [place for place in places if place.partition(":")[0] not in writers] == []


def test_no_file_of_the_storage_is_asked_for_its_address() -> None:
    """django-storages would sign one for everybody; the storage's own presigned_url is short and behind a grant."""
    asked = re.compile(r"(default_storage|storages\[.default.\])\.url\(|MEDIA_URL\b")
    product = _tracked("accounts/*.py", "analytics/*.py", "videos/*.py", "templates/*")
    assert _holding(asked, product) == []


def test_the_locks_name_no_package_index() -> None:
    locks = _tracked("requirements/*.txt", "package-lock.json", "package.json", "pyproject.toml")
    assert len(locks) >= 5
    assert _holding(re.compile(r'"resolved"|index-url|https?://'), locks) == []


def test_nothing_names_where_packages_come_from() -> None:
    assert _holding(PACKAGE_HOSTS, _tracked()) == []


def test_nothing_names_a_folder_of_somebodys_machine() -> None:
    assert _holding(MACHINE_PATHS, _tracked()) == []


def test_no_binary_is_kept_in_git() -> None:
    kinds = {".mp4", ".mkv", ".ts", ".png", ".jpg", ".jpeg", ".webp", ".woff2", ".mo", ".flv"}
    media = [file for file in _tracked() if file.suffix in kinds and not file.name.endswith(".d.ts")]
    assert media == []
    assert [str(file.relative_to(ROOT)) for file in _tracked() if b"\0" in file.read_bytes()] == []
