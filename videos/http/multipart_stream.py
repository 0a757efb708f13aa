"""One upload form, read as it comes (RFC 7578): text fields are kept, the file's bytes are handed on. Does no
input or output, and knows nothing of HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext_lazy as _
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from videos.errors import EmptyFile, FileMissing, VideoError

FILE_FIELD: Final = "file"
FIELDS_LIMIT: Final = 20
FIELD_BYTES_LIMIT: Final = 64 << 10
FIELD_NAME_LIMIT: Final = 100
# All that is not the file: fields, their headers, and whatever stands before and after.
OVERHEAD_BYTES_LIMIT: Final = (FIELDS_LIMIT + 2) * FIELD_BYTES_LIMIT

_EXTENDED_FILENAME = re.compile(r";\s*filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]*)", re.ASCII | re.IGNORECASE)


class MalformedForm(VideoError):
    """Cut off, wrongly delimited, or with parts that no upload has."""

    code = "malformed_form"
    message = _("The upload could not be read: it broke off, or is not a proper form.")


class FormStream:
    """Feed it the body; it yields the file's bytes in pieces.

    Attributes:
        fields: the text fields; the last one of a name counts.
        filename: what the client called the file, as sent; None while no file has begun.
        file_bytes: how much of the file has been yielded.
    """

    def __init__(self, boundary: str) -> None:
        """Raises MalformedForm where `boundary` cannot delimit anything."""
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.file_bytes = 0
        self._overhead_bytes = 0
        self._field: str | None = None  # the text field that is being read
        self._text = bytearray()
        try:
            # Every byte is a character of latin-1: names are decoded below, and none can break the parser.
            self._parser = PushMultipartParser(boundary.encode("latin-1"), header_charset="latin-1")
        except (MultipartError, UnicodeEncodeError) as error:
            raise MalformedForm(f"boundary: {error}") from error

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Takes the next bytes of the body. The iterator must be used up before the next call.

        Raises:
            MalformedForm, FileMissing.
        """
        self._overhead_bytes += len(chunk)
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is None:
                    self._end()
                elif self._field is None:
                    self.file_bytes += len(event)
                    self._overhead_bytes -= len(event)
                    yield event
                else:
                    self._extend(event)
        except MultipartError as error:
            raise MalformedForm(str(error)) from error
        if self._overhead_bytes > OVERHEAD_BYTES_LIMIT:
            raise MalformedForm("too much besides the file")

    def finish(self) -> None:
        """The body has ended.

        Raises:
            MalformedForm: before its time. FileMissing: without a file. EmptyFile: with one of no bytes.
        """
        try:
            self._parser.close()
        except MultipartError as error:
            raise MalformedForm(str(error)) from error
        if self.filename is None:
            raise FileMissing
        if not self.file_bytes:
            raise EmptyFile if self.filename else FileMissing

    def _begin(self, part: MultipartSegment) -> None:
        name = _decoded(part.name or "")
        filename = _filename_of(part)
        if name == FILE_FIELD:
            if self.filename is not None:
                raise MalformedForm("more than one file")
            self._field, self.filename = None, filename or ""
        elif filename:
            raise MalformedForm(f"a file in another field than “{FILE_FIELD}”")
        elif len(self.fields) >= FIELDS_LIMIT or len(name) > FIELD_NAME_LIMIT:
            raise MalformedForm("too many fields, or a name too long")
        else:
            self._field = name
        self._text.clear()

    def _extend(self, text: bytes) -> None:
        self._text += text
        if len(self._text) > FIELD_BYTES_LIMIT:
            raise MalformedForm("a field too long")

    def _end(self) -> None:
        if self._field is not None:
            self.fields[self._field] = self._text.decode("utf-8", "replace")


def _decoded(latin: str) -> str:
    """Browsers and curl send UTF-8; what is not UTF-8 shows replacement characters."""
    return latin.encode("latin-1").decode("utf-8", "replace")


def _filename_of(part: MultipartSegment) -> str | None:
    """`filename`, or else `filename*` (RFC 5987), which some clients send although RFC 7578 tells them not
    to."""
    if part.filename is not None:
        return _decoded(part.filename)
    match = _EXTENDED_FILENAME.search(part.header("Content-Disposition") or "")
    if match is None:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(match[1], "replace")
    except LookupError:  # a charset that nobody knows
        return ""
