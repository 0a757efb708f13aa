"""What to answer to a GET or HEAD, decided from the request's header fields and the facts of the file:
preconditions in the order of RFC 9110 §13.2.2, then ranges (§14). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_MOST_DIGITS = 18  # more than any file has bytes; longer numbers are "beyond the end", not work for the processor
_BEYOND: int = 10**_MOST_DIGITS
_MOST_SPECS = 64

_RANGE_SPEC = re.compile(r"(\d+)-(\d*)|-(\d+)", re.ASCII)
_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ENTITY_TAGS = re.compile(rf"[ \t,]*(?:{_ENTITY_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")
_FIRST_YEAR_OF_LAST_CENTURY = 70  # of two digits: no file is older than the clock that dates it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIME = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
_DATE_FORMS = (
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<d>\d\d) (?P<mon>[A-Z][a-z]{{2}}) (?P<y>\d{{4}}) {_TIME} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{5,8}}, (?P<d>\d\d)-(?P<mon>[A-Z][a-z]{{2}})-(?P<y>\d\d) {_TIME} GMT", re.ASCII),
    re.compile(rf"[A-Z][a-z]{{2}} (?P<mon>[A-Z][a-z]{{2}}) (?P<d>[ \d]\d) {_TIME} (?P<y>\d{{4}})", re.ASCII),
)


@dataclass(frozen=True, slots=True)
class Representation:
    """The file as it is now. `etag` is strong and quoted; `modified_at` is aware and has whole seconds."""

    length: int
    etag: str
    modified_at: datetime


class Span(NamedTuple):
    """Bytes `start` to `stop`, the last excluded."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A status (200, 206, 304, 412 or 416), the bytes to send for a GET, and the header fields that depend on
    both."""

    status: int
    spans: tuple[Span, ...]
    headers: tuple[tuple[str, str], ...]


def decide(method: str, fields: Mapping[str, str], representation: Representation) -> Decision:
    """Decides about `method` (GET or HEAD). `fields` are the request's header fields under lower-case names,
    those that came several times joined by commas."""
    refused = _preconditions(fields, representation)
    if refused == 412:
        return Decision(412, (), ())
    validators = (
        ("etag", representation.etag),
        ("last-modified", http_date(representation.modified_at)),
        ("accept-ranges", "bytes"),
    )
    if refused == 304:
        return Decision(304, (), validators)
    whole = Span(0, representation.length)
    if method == "GET" and "range" in fields and _may_be_partial(fields, representation):
        spans = parse_range(fields["range"], representation.length)
        if spans is not None and not spans:
            size = f"bytes */{representation.length}"
            return Decision(416, (), (("content-range", size), ("accept-ranges", "bytes")))
        # Several ranges are answered with everything, as RFC 9110 §14.2 allows; multipart is one more branch.
        if spans is not None and len(spans) == 1 and spans[0].stop > spans[0].start:
            (span,) = spans
            place = f"bytes {span.start}-{span.stop - 1}/{representation.length}"
            length = ("content-length", str(span.stop - span.start))
            return Decision(206, (span,), (*validators, ("content-range", place), length))
    return Decision(200, (whole,), (*validators, ("content-length", str(representation.length))))


def parse_range(value: str, length: int) -> list[Span] | None:
    """The satisfiable ranges of a Range field for a file of `length` bytes, in the order asked for. None: the
    field is to be ignored (another unit, a syntax error, a first byte after the last, too many). Empty:
    nothing can be satisfied."""
    unit, equals, text = value.partition("=")
    specs = [spec for part in text.split(",") if (spec := part.strip(" \t"))]
    if not equals or unit.strip(" \t").lower() != "bytes" or not 1 <= len(specs) <= _MOST_SPECS:
        return None
    spans = []
    for spec in specs:
        match = _RANGE_SPEC.fullmatch(spec)
        if match is None:
            return None
        first, last, suffix = match.groups()
        if suffix is not None:
            if count := _number(suffix):
                spans.append(Span(max(0, length - count), length))
            continue
        start = _number(first)
        stop = _number(last) + 1 if last else _BEYOND + 1
        if stop <= start:
            return None
        if start < length:
            spans.append(Span(start, min(stop, length)))
    return spans


@lru_cache(maxsize=1024)
def http_date(moment: datetime) -> str:
    """IMF-fixdate, RFC 9110 §5.6.7; independent of the locale."""
    moment = moment.astimezone(UTC)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


def parse_http_date(value: str) -> datetime | None:
    """Any of the three forms of RFC 9110 §5.6.7, or None."""
    match = next((found for form in _DATE_FORMS if (found := form.fullmatch(value.strip(" \t")))), None)
    if match is None or match["mon"] not in _MONTHS:
        return None
    year = int(match["y"])
    if len(match["y"]) == 2:
        year += 1900 if year >= _FIRST_YEAR_OF_LAST_CENTURY else 2000
    month = _MONTHS.index(match["mon"]) + 1
    second = int(match["s"])
    try:
        moment = datetime(year, month, int(match["d"]), int(match["h"]), int(match["m"]), min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    return moment + timedelta(seconds=1) if second == 60 else moment if second < 60 else None


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return min(int(digits or "0"), _BEYOND) if len(digits) <= _MOST_DIGITS else _BEYOND


def _preconditions(fields: Mapping[str, str], representation: Representation) -> int | None:
    """412 or 304 where a precondition says so."""
    if "if-match" in fields:
        if not _matches(fields["if-match"], representation.etag, allow_weak=False):
            return 412
    elif "if-unmodified-since" in fields:
        since = parse_http_date(fields["if-unmodified-since"])
        if since is not None and representation.modified_at > since:
            return 412
    if "if-none-match" in fields:
        if _matches(fields["if-none-match"], representation.etag, allow_weak=True):
            return 304
    elif "if-modified-since" in fields:
        since = parse_http_date(fields["if-modified-since"])
        if since is not None and representation.modified_at <= since:
            return 304
    return None


def _matches(field: str, etag: str, *, allow_weak: bool) -> bool:
    if field.strip(" \t") == "*":
        return True
    return any(tag == etag and (allow_weak or not weak) for weak, tag in _entity_tags(field))


def _entity_tags(field: str) -> Iterable[tuple[str, str]]:
    """(weakness, opaque tag) of a list; nothing where it is malformed, so that no precondition holds by
    accident."""
    return _ENTITY_TAG.findall(field) if _ENTITY_TAGS.fullmatch(field) else []


def _may_be_partial(fields: Mapping[str, str], representation: Representation) -> bool:
    """If-Range (§13.1.5): the strong tag, or exactly the date of the last change."""
    condition = fields.get("if-range")
    if condition is None:
        return True
    condition = condition.strip(" \t")
    if condition.startswith(('"', "W/")):
        return condition == representation.etag
    return parse_http_date(condition) == representation.modified_at
