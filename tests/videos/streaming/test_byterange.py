"""Preconditions and ranges, against tables from RFC 9110 and against an oracle that slices bytes in
memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from videos.streaming.byterange import (
    Decision,
    Representation,
    Span,
    decide,
    http_date,
    parse_http_date,
    parse_range,
)

CHANGED = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
FILE = Representation(length=1000, etag='"v1-abc"', modified_at=CHANGED)
HUGE = "9" * 64


def _get(representation: Representation = FILE, /, **fields: str) -> Decision:
    return decide("GET", {name.replace("_", "-"): value for name, value in fields.items()}, representation)


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 1000)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-1000", (0, 1000)),
        ("bytes=-5000", (0, 1000)),
        (f"bytes=-{HUGE}", (0, 1000)),
        ("bytes=999-", (999, 1000)),
        ("bytes=100-199", (100, 200)),
        ("bytes=100-5000", (100, 1000)),
        (f"bytes=100-{HUGE}", (100, 1000)),
        ("bytes=00100-00199", (100, 200)),
        ("BYTES=5-6", (5, 7)),
        ("bytes= 5-6 ", (5, 7)),
        ("bytes=,5-6,,", (5, 7)),
    ],
)
def test_one_range_gives_exactly_its_bytes(value: str, span: tuple[int, int]) -> None:
    decision = _get(range=value)
    assert decision.status == 206
    assert decision.spans == (Span(*span),)
    headers = dict(decision.headers)
    assert headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/1000"
    assert headers["content-length"] == str(span[1] - span[0])
    assert headers["etag"] == '"v1-abc"'


@pytest.mark.parametrize(
    "value", ["bytes=1000-", "bytes=1000-2000", f"bytes={HUGE}-", "bytes=-0", "bytes=-000", "bytes=1000-,-0"]
)
def test_what_lies_beyond_the_end_cannot_be_satisfied(value: str) -> None:
    decision = _get(range=value)
    assert (decision.status, decision.spans) == (416, ())
    assert dict(decision.headers)["content-range"] == "bytes */1000"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=abc",
        "bytes=5-2",
        "bytes=-",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=0x1-2",
        "bytes=1 - 2",
        "bytes=+1-2",
        "items=0-1",
        "bytes 0-1",
        "bytes=٣-٤",
        "bytes=0-1;q=1",
        f"bytes={HUGE}-5",
        "bytes=0-1,abc",
        "bytes=" + ",".join(["0-1"] * 200),
    ],
)
def test_what_is_no_range_is_ignored(value: str) -> None:
    decision = _get(range=value)
    assert (decision.status, decision.spans) == (200, (Span(0, 1000),))
    assert dict(decision.headers)["content-length"] == "1000"


def test_several_ranges_are_answered_with_everything() -> None:
    assert _get(range="bytes=0-1,5-6").status == 200
    assert parse_range("bytes=0-1, 5-6 ,-3,2000-", 1000) == [Span(0, 2), Span(5, 7), Span(997, 1000)]


def test_several_ranges_of_which_one_exists_are_that_one() -> None:
    assert _get(range="bytes=2000-,5-6").spans == (Span(5, 7),)


def test_an_empty_file_has_no_first_byte() -> None:
    empty = Representation(0, '"empty"', CHANGED)
    assert _get(empty).spans == (Span(0, 0),)
    assert _get(empty, range="bytes=0-").status == 416
    assert _get(empty, range="bytes=-5").status == 200


def test_ranges_count_for_get_only() -> None:
    decision = decide("HEAD", {"range": "bytes=5-6"}, FILE)
    assert decision.status == 200
    assert dict(decision.headers)["content-length"] == "1000"


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"v1-abc"', 206),
        ('W/"v1-abc"', 200),
        ('"other"', 200),
        ('"v1-abc", "other"', 200),
        (http_date(CHANGED), 206),
        (http_date(CHANGED - timedelta(seconds=1)), 200),
        (http_date(CHANGED + timedelta(seconds=1)), 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_if_range_wants_the_strong_tag_or_the_exact_date(condition: str, status: int) -> None:
    assert _get(range="bytes=5-6", if_range=condition).status == status


def test_if_range_that_fails_hides_a_range_that_cannot_be_satisfied() -> None:
    assert _get(range="bytes=5000-", if_range='"other"').status == 200
    assert _get(range="bytes=5000-", if_range='"v1-abc"').status == 416


BEFORE, AFTER = http_date(CHANGED - timedelta(days=1)), http_date(CHANGED + timedelta(days=1))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"if_none_match": '"v1-abc"'}, 304),
        ({"if_none_match": 'W/"v1-abc"'}, 304),
        ({"if_none_match": '"a", W/"b,c" , "v1-abc"'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_none_match": '"v1-abc'}, 200),
        ({"if_none_match": '"other"', "if_modified_since": AFTER}, 200),
        ({"if_none_match": '"v1-abc"', "if_modified_since": BEFORE}, 304),
        ({"if_none_match": '"v1-abc"', "range": "bytes=0-1"}, 304),
        ({"if_modified_since": AFTER}, 304),
        ({"if_modified_since": http_date(CHANGED)}, 304),
        ({"if_modified_since": BEFORE}, 200),
        ({"if_modified_since": "nonsense"}, 200),
        ({"if_modified_since": AFTER, "range": "bytes=0-1"}, 304),
        ({"if_match": '"v1-abc"'}, 200),
        ({"if_match": 'W/"v1-abc"'}, 412),
        ({"if_match": "*"}, 200),
        ({"if_match": '"other"'}, 412),
        ({"if_match": '"v1-abc"', "if_unmodified_since": BEFORE}, 200),
        ({"if_match": '"other"', "if_none_match": '"v1-abc"'}, 412),
        ({"if_match": '"v1-abc"', "if_none_match": '"v1-abc"'}, 304),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_unmodified_since": http_date(CHANGED)}, 200),
        ({"if_unmodified_since": AFTER, "range": "bytes=0-1"}, 206),
        ({"if_unmodified_since": "nonsense"}, 200),
        ({"if_unmodified_since": BEFORE, "if_none_match": '"v1-abc"'}, 412),
        ({"if_match": '"other"', "range": "bytes=5000-"}, 412),
    ],
)
def test_preconditions_are_asked_in_their_order(fields: dict[str, str], status: int) -> None:
    assert _get(**fields).status == status


def test_not_modified_says_what_is_still_good_and_has_no_body() -> None:
    decision = _get(if_none_match='"v1-abc"')
    assert decision.spans == ()
    assert dict(decision.headers) == {
        "etag": '"v1-abc"',
        "last-modified": "Tue, 03 Feb 2026 04:05:06 GMT",
        "accept-ranges": "bytes",
    }


@pytest.mark.parametrize(
    "text",
    ["Tue, 03 Feb 2026 04:05:06 GMT", "Tuesday, 03-Feb-26 04:05:06 GMT", "Tue Feb  3 04:05:06 2026"],
)
def test_dates_come_in_three_forms(text: str) -> None:
    assert parse_http_date(text) == CHANGED


@pytest.mark.parametrize(
    "text", ["", "Tue, 03 Feb 2026 04:05:06", "Tue, 31 Feb 2026 04:05:06 GMT", "2026-02-03", "x" * 5000]
)
def test_other_texts_are_no_dates(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 -- made aware below
def test_dates_are_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_http_date(http_date(moment)) == moment


number = st.integers(min_value=0, max_value=60) | st.integers(min_value=0, max_value=10**70)
spec = st.one_of(
    st.tuples(number, number),
    st.tuples(number, st.none()),
    st.tuples(st.none(), number),
)


@given(st.integers(min_value=0, max_value=50), st.lists(spec, min_size=1, max_size=5))
@example(0, [(None, 0)])
@example(0, [(None, 1)])
def test_ranges_agree_with_slices_of_bytes(length: int, specs: list[tuple[int | None, int | None]]) -> None:
    content = bytes(range(length))
    text = ",".join(f"{'' if first is None else first}-{'' if last is None else last}" for first, last in specs)
    spans = parse_range(f"bytes={text}", length)
    if any(first is not None and last is not None and last < first for first, last in specs):
        assert spans is None
        return
    expected = []
    for first, last in specs:
        if first is None:
            assert last is not None
            if last:
                expected.append(content[-last:])
        elif content[first:]:
            expected.append(content[first:] if last is None else content[first : last + 1])
    assert spans is not None
    assert [content[span.start : span.stop] for span in spans] == expected


field = st.none() | st.sampled_from(
    ['"v1-abc"', 'W/"v1-abc"', '"x"', '"x", "v1-abc"', "*", "", ",", '"', BEFORE, AFTER, http_date(CHANGED)]
)


def _holds(value: str, *, weak: bool) -> bool:
    tags = [tag.strip() for tag in value.split(",")]
    return value == "*" or '"v1-abc"' in tags or (weak and 'W/"v1-abc"' in tags)


@given(
    field,
    field,
    field,
    field,
    st.sampled_from([None, "bytes=0-9", "bytes=5000-"]),
    field,
    st.sampled_from(["GET", "HEAD"]),
)
def test_any_mixture_of_conditions_follows_section_13_2_2(
    match: str | None,
    unmodified: str | None,
    none_match: str | None,
    modified: str | None,
    ranged: str | None,
    if_range: str | None,
    method: str,
) -> None:
    """The five steps of the section, written down once more in its own words."""
    given_fields = {
        "if-match": match,
        "if-unmodified-since": unmodified,
        "if-none-match": none_match,
        "if-modified-since": modified,
        "range": ranged,
        "if-range": if_range,
    }
    dates = {BEFORE: -1, AFTER: 1, http_date(CHANGED): 0}
    expected = 200
    if match is not None:
        expected = 200 if _holds(match, weak=False) else 412
    elif unmodified in dates:
        expected = 200 if dates[unmodified] >= 0 else 412
    if expected == 200:
        if none_match is not None:
            expected = 304 if _holds(none_match, weak=True) else 200
        elif modified in dates:
            expected = 304 if dates[modified] >= 0 else 200
    if expected == 200 and ranged and method == "GET" and if_range in {None, '"v1-abc"', http_date(CHANGED)}:
        expected = 206 if ranged == "bytes=0-9" else 416
    fields = {name: value for name, value in given_fields.items() if value is not None}
    assert decide(method, fields, FILE).status == expected
