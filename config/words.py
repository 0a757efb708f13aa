"""The site's words: what is marked for translation in code, templates and scripts, and the catalogues made from it.

`python -m config.words` brings locale/*/LC_MESSAGES/*.po up to date (new texts arrive empty, gone ones leave). Tests
use the same extraction to find what is missing. Compiling is set-up's work (config/cli)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from config.library_words import FROM_LIBRARIES

ROOT = Path(__file__).resolve().parent.parent
CODE = ("config", "accounts", "videos", "rooms", "analytics")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "gettext_noop": None,
    "pgettext_lazy": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
LANGUAGES = ("zh_Hans",)
# Written by hand: Babel's own names people and dates, which git knows better and which would change at every run.
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


@dataclass(frozen=True, slots=True)
class Found:
    """One marked text and where it stands."""

    place: str
    line: int
    message: str | tuple[str, ...]
    context: str | None
    comments: tuple[str, ...]


def _read(file: Path) -> tuple[str, bytes]:
    """Babel's method and what it should read: templates become Python-like text first, as Django itself does it."""
    if file.suffix == ".py":
        return "python", file.read_bytes()
    if file.suffix == ".js":
        return "javascript", file.read_bytes()
    return "python", templatize(file.read_text("utf-8"), origin=str(file)).encode()


def files(domain: str) -> Iterator[Path]:
    """What belongs to a catalogue: `djangojs` is the scripts, `django` everything else."""
    if domain == "djangojs":
        yield from sorted(path for path in (ROOT / "static" / "js").rglob("*.js"))
        return
    for app in CODE:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "cli" not in path.parts:
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def marked(domain: str) -> Iterator[Found]:
    """Every marked text of a catalogue."""
    for file in files(domain):
        method, content = _read(file)
        found = extract(
            method, BytesIO(content), keywords=KEYWORDS, comment_tags=("Translators:",), options={"encoding": "utf-8"}
        )
        for line, message, comments, context in found:
            yield Found(file.relative_to(ROOT).as_posix(), line, message, context, tuple(comments))
    if domain == "django":
        for library, texts in FROM_LIBRARIES.items():
            for text in texts:
                yield Found(library, 0, text, None, ())


def catalogue_file(language: str, domain: str) -> Path:
    """Where a catalogue's source lies."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / f"{domain}.po"


def update(language: str, domain: str) -> Catalog:
    """The catalogue as it should be now: kept translations, new texts empty, nothing fuzzy, nothing obsolete."""
    file = catalogue_file(language, domain)
    known = Catalog(locale=language)
    if file.exists():
        with file.open("rb") as content:
            known = read_po(content, locale=language)
    fresh = Catalog(locale=language, project="Matinee", charset="utf-8", fuzzy=False)
    for found in marked(domain):
        before = known.get(found.message if isinstance(found.message, str) else found.message[0], context=found.context)
        fresh.add(
            found.message,
            before.string if before is not None and not before.fuzzy else None,
            locations=[(found.place, found.line)],
            auto_comments=found.comments,
            flags=before.flags - {"fuzzy"} if before is not None else (),
            context=found.context,
        )
    return fresh


def is_translated(message: Message) -> bool:
    """Whether every form of it has words."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def main() -> None:
    """Writes every catalogue; prints how many texts wait for a translation."""
    for language in LANGUAGES:
        for domain in ("django", "djangojs"):
            catalogue = update(language, domain)
            file = catalogue_file(language, domain)
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as out:
                out.write(HEADER.format(language=language, plural_forms=catalogue.plural_forms).encode())
                write_po(
                    out,
                    catalogue,
                    sort_by_file=True,
                    omit_header=True,
                    include_lineno=False,
                    width=120,
                    ignore_obsolete=True,
                )
            missing = sum(1 for message in catalogue if message.id and not is_translated(message))
            sys.stdout.write(f"{language} {domain}: {len(catalogue)} texts, {missing} without translation\n")


if __name__ == "__main__":
    from django import setup

    setup()
    main()
