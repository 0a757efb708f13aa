"""Every text that people read is marked, and Simplified Chinese has them all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config import words

ROOT = Path(__file__).resolve().parents[2]
SAME_IN_EVERY_LANGUAGE = {"Matinee", "Matinee.", "HTTP", "API", "English", "简体中文", "MP4", "HLS", "PiP", "–", "·"}
READ_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "label"}
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
BLOCKS = re.compile(r"\{%\s*(blocktranslate|comment)\b.*?%\}.*?\{%\s*end\1\s*%\}", re.DOTALL)


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_marked_text_is_translated_and_nothing_is_fuzzy(language: str, domain: str) -> None:
    with words.catalogue_file(language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    missing = []
    for found in words.marked(domain):
        key = found.message if isinstance(found.message, str) else found.message[0]
        message = catalogue.get(key, context=found.context)
        if message is None or not message.string or (isinstance(message.string, tuple) and not all(message.string)):
            missing.append(f"{found.place}:{found.line}: {key}")
    assert missing == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_translations_keep_the_placeholders(language: str, domain: str) -> None:
    with words.catalogue_file(language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    wrong = [
        (message.id, message.string)
        for message in catalogue
        if message.id
        and isinstance(message.id, str)
        and sorted(re.findall(r"%\(\w+\)[sd]|%s|%d", message.id))
        != sorted(re.findall(r"%\(\w+\)[sd]|%s|%d", str(message.string)))
    ]
    assert wrong == []


class _Texts(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style", "code"}
        self.seen.extend(value or "" for name, value in attributes if name in READ_ATTRIBUTES)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style", "code"}

    def handle_data(self, data: str) -> None:
        if self.silent <= 0:
            self.seen.append(data)


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_in_a_template_is_left_unmarked(template: Path) -> None:
    parser = _Texts()
    parser.feed(TAGS.sub("", BLOCKS.sub("", template.read_text("utf-8"))))
    unmarked = [text.strip() for text in parser.seen if re.search(r"[^\W\d_]{2,}", text)]
    assert [text for text in unmarked if text not in SAME_IN_EVERY_LANGUAGE] == []
