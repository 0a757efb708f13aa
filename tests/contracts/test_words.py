"""Every text that people read is marked, and Simplified Chinese has them all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.jslexer import tokenize
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import LazySettings
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation.trans_real import DjangoTranslation

from config import words
from config.library_words import FROM_LIBRARIES

ROOT = Path(__file__).resolve().parents[2]
SAME_IN_EVERY_LANGUAGE = {"Matinee", "Matinee.", "HTTP", "API", "English", "简体中文", "MP4", "HLS", "PiP", "–", "·"}
READ_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "label"}
TITLE_TAIL = " · "
PLACEHOLDER = re.compile(r"%\(\w+\)[sdr]|%[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Names, formats and figures: what a Chinese text may say in Latin letters too.
SAYS_NO_CHINESE = {":", "API", "%(percent)s %", "%(sent)s of %(total)s"}
CLASS_BLOCKS = re.compile(r"\{%\s*block \w+_class\s*%\}.*?\{%\s*endblock.*?%\}", re.DOTALL)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
BLOCKS = re.compile(r"\{%\s*(blocktranslate|comment)\b.*?%\}.*?\{%\s*end\1\s*%\}", re.DOTALL)


both_catalogues = pytest.mark.parametrize("domain", ["django", "djangojs"])
every_language = pytest.mark.parametrize("language", words.LANGUAGES)


def catalogue(language: str, domain: str) -> Catalog:
    with words.catalogue_file(language, domain).open("rb") as file:
        return read_po(file, locale=language)


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A text's wordings: one, or one for each grammatical number."""
    return [text or ""] if isinstance(text, str) or text is None else list(text)


@both_catalogues
@every_language
def test_every_marked_text_is_translated_and_nothing_is_fuzzy(language: str, domain: str) -> None:
    known = catalogue(language, domain)
    missing = []
    for found in words.marked(domain):
        key = found.message if isinstance(found.message, str) else found.message[0]
        message = known.get(key, context=found.context)
        if message is None or not words.is_translated(message):
            missing.append(f"{found.place}:{found.line}: {key}")
    assert missing == []
    assert [message.id for message in known if message.id and message.fuzzy] == []


@both_catalogues
@every_language
def test_a_catalogue_holds_what_extraction_would_write_and_nothing_else(language: str, domain: str) -> None:
    def texts(of: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
        return {(message.context, tuple(forms(message.id))) for message in of if message.id}

    assert texts(catalogue(language, domain)) == texts(words.update(language, domain)), "run `python -m config.words`"


@both_catalogues
@every_language
def test_translations_keep_the_placeholders(language: str, domain: str) -> None:
    wrong = [
        (message.id, form)
        for message in catalogue(language, domain)
        if message.id
        for form in forms(message.string)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
    ]
    assert wrong == []


@both_catalogues
def test_chinese_is_chinese_and_punctuates_as_chinese_does(domain: str) -> None:
    """A text copied over untranslated, a half-width comma or full stop between Chinese characters."""
    odd = [
        (message.id, form)
        for message in catalogue("zh_Hans", domain)
        if message.id and forms(message.id)[0] not in SAYS_NO_CHINESE
        for form in forms(message.string)
        if not HAN.search(form) or re.search(r"[\u4e00-\u9fff][,.;:!?]|[,;!?][\u4e00-\u9fff]", form)
    ]
    assert odd == []


@pytest.mark.parametrize("library", FROM_LIBRARIES)
def test_texts_translated_in_a_librarys_place_are_texts_it_still_has(library: str) -> None:
    spec = find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    theirs: set[tuple[str, ...]] = set()
    for file in Path(spec.origin).parent.glob("**/locale/en/LC_MESSAGES/django.po"):
        with file.open("rb") as content:
            theirs |= {tuple(forms(message.id)) for message in read_po(content)}
    assert [text for text in FROM_LIBRARIES[library] if tuple(forms(text)) not in theirs] == []


def test_the_compiled_catalogue_speaks_before_djangos_and_allauths(tmp_path: Path, settings: LazySettings) -> None:
    compiled = tmp_path / "zh_Hans" / "LC_MESSAGES"
    compiled.mkdir(parents=True)
    with (compiled / "django.mo").open("wb") as file:
        write_mo(file, catalogue("zh_Hans", "django"))
    settings.LOCALE_PATHS = [tmp_path]
    chinese = DjangoTranslation("zh-hans")
    assert chinese.gettext("Sign in") == "登录"
    assert chinese.gettext("Username or email") == "用户名或邮箱"
    assert chinese.ngettext("%(num)d month", "%(num)d months", 2) == "%(num)d个月"
    assert chinese.gettext("This field is required.") == "该字段是必填项。"  # Django's own


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
    text = CLASS_BLOCKS.sub("", BLOCKS.sub("", template.read_text("utf-8")))
    parser.feed(TAGS.sub("", text))
    seen = [piece.strip() for text in parser.seen for piece in text.split(TITLE_TAIL)]
    unmarked = [text for text in seen if re.search(r"[^\W\d_]{2,}", text)]
    assert [text for text in unmarked if text not in SAME_IN_EVERY_LANGUAGE] == []


PROSE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")
MARKS = {"gettext", "ngettext"}
FOR_PROGRAMMERS = {"Error", "detail"}  # never shown


def prose_in(script: str) -> Iterator[str]:
    """Strings of two words and more that nothing translates; selectors have no two plain words in a row."""
    tokens = [token for token in tokenize(script, jsx=False) if not token.type.endswith("comment")]
    call = ""
    for token in tokens:
        if token.type == "name" and token.value in MARKS | FOR_PROGRAMMERS:
            call = token.value
        elif token.value in {")", ";", "}"}:
            call = ""
        elif token.type in {"string", "template_string"} and not call:
            text = re.sub(r"\$\{.*?\}", "", token.value[1:-1])
            if PROSE.search(text) and not text.startswith("@"):  # a rule of CSS
                yield text


@pytest.mark.parametrize("script", list(words.files("djangojs")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_sentence_in_a_script_is_left_unmarked(script: Path) -> None:
    assert list(prose_in(script.read_text("utf-8"))) == []


def test_an_unmarked_sentence_in_a_script_is_found() -> None:
    assert list(prose_in('line.textContent = "The film is gone"; ask(gettext("Not this one"));')) == [
        "The film is gone"
    ]


FIELD_TEXTS = {"label", "help_text", "empty_label", "short_description", "verbose_name", "verbose_name_plural"}
CLASS_TEXTS = FIELD_TEXTS | {"message", "site_header", "site_title", "index_title"}


def plain_texts(source: str) -> Iterator[str]:
    """Literal texts where Django and our errors expect words for people: field texts, choices, errors' messages."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from (literal for it in node.keywords if it.arg in FIELD_TEXTS for literal in _literal(it.value))
        elif isinstance(node, ast.ClassDef):
            is_choices = any(ast.unparse(base).endswith("Choices") for base in node.bases)
            for statement in node.body:
                if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                    continue
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                if is_choices and isinstance(statement.value, ast.Tuple):
                    yield from _literal(statement.value.elts[-1])
                elif {ast.unparse(target) for target in targets} & CLASS_TEXTS:
                    yield from _literal(statement.value)


def _literal(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value


def test_no_label_choice_or_error_in_the_code_is_left_unmarked() -> None:
    unmarked = [
        f"{file.relative_to(ROOT).as_posix()}: {text}"
        for file in words.files("django")
        if file.suffix == ".py"
        for text in plain_texts(file.read_text("utf-8"))
    ]
    assert unmarked == []


def shown_in_the_admin(page: admin.ModelAdmin[Model]) -> Iterator[tuple[type[Model], str]]:
    """Model and field of everything an admin page names by its field."""
    in_sets = [field for _title, options in page.fieldsets or () for field in options["fields"]]
    for name in (*page.list_display, *(page.fields or ()), *page.readonly_fields, *page.list_filter, *in_sets):
        yield page.model, str(name)
    for inline in page.inlines:
        yield from ((inline.model, str(name)) for name in inline.fields or ())


def test_every_model_and_field_in_our_admin_pages_has_a_marked_name() -> None:
    unmarked = set()
    for page in admin.site._registry.values():
        if page.model._meta.app_label not in words.CODE:
            continue
        for model, name in shown_in_the_admin(page):
            if not isinstance(model._meta.verbose_name, Promise):
                unmarked.add(model.__name__)
            with suppress(FieldDoesNotExist):  # a column made by a method carries a description instead
                field = model._meta.get_field(name)
                if isinstance(field, Field) and not isinstance(field.verbose_name, Promise):
                    unmarked.add(f"{model.__name__}.{name}")
    assert unmarked == set()


def test_an_unmarked_choice_label_and_error_are_found() -> None:
    source = """
class Kind(models.TextChoices):
    ONE = "one", "a first"
    TWO = "two", _("a second")
class Gone(VideoError):
    message: StrOrPromise = "It is gone."
    code = "gone"
title = models.CharField(_("title"), help_text="What it is called.")
"""
    assert sorted(plain_texts(source)) == ["It is gone.", "What it is called.", "a first"]
