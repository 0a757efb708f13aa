"""Words are compiled in Python when they changed, and not otherwise."""

from __future__ import annotations

import gettext
import io
import os
import sys
from pathlib import Path

import pytest

from config.cli import catalogues
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.faults import SetUpError

HEAD = 'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(HEAD + 'msgid "Watch"\nmsgstr "观看"\n', "utf-8")
    (folder / "djangojs.po").write_text(HEAD + 'msgid "Pause"\nmsgstr "暂停"\n', "utf-8")
    return Checkout(tmp_path)


def _translation(checkout: Checkout, domain: str, text: str) -> str:
    file = checkout.root / "locale" / "zh_Hans" / "LC_MESSAGES" / f"{domain}.mo"
    with file.open("rb") as opened:
        return gettext.GNUTranslations(opened).gettext(text)


def test_both_domains_are_compiled_once(checkout: Checkout) -> None:
    printed = io.StringIO()
    catalogues.ensure(checkout, variables=os.environ, console=Console(printed))
    assert _translation(checkout, "django", "Watch") == "观看"
    assert _translation(checkout, "djangojs", "Pause") == "暂停"
    said = printed.getvalue()
    catalogues.ensure(checkout, variables=os.environ, console=Console(printed))
    assert printed.getvalue() == said


def test_a_changed_text_or_a_lost_file_is_compiled_again(checkout: Checkout) -> None:
    console = Console(io.StringIO())
    catalogues.ensure(checkout, variables=os.environ, console=console)
    folder = checkout.root / "locale" / "zh_Hans" / "LC_MESSAGES"
    (folder / "django.po").write_text(HEAD + 'msgid "Watch"\nmsgstr "看"\n', "utf-8")
    catalogues.ensure(checkout, variables=os.environ, console=console)
    assert _translation(checkout, "django", "Watch") == "看"
    (folder / "djangojs.mo").unlink()
    catalogues.ensure(checkout, variables=os.environ, console=console)
    assert _translation(checkout, "djangojs", "Pause") == "暂停"


def test_a_broken_catalogue_stops_with_its_name(checkout: Checkout) -> None:
    (checkout.root / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").write_bytes(b'msgid "a\xff"\n')
    with pytest.raises(SetUpError, match="could not be compiled"):
        catalogues.ensure(checkout, variables=os.environ, console=Console(io.StringIO()))


def test_without_a_locale_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    catalogues.ensure(Checkout(tmp_path), variables={}, console=Console(io.StringIO()))
