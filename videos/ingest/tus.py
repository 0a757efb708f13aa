"""The words of the tus protocol 1.0.0 (tus.io/protocols/resumable-upload): names of fields, and reading them strictly.
Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from videos.ingest.refusals import MalformedUpload

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
CHECKSUMS: Final = {"sha1": 20, "sha256": 32}  # and the length of their digests
PART_TYPE: Final = "application/offset+octet-stream"
METADATA_LIMIT: Final = 64 << 10
# Ours beside those of the protocol: what the film has become, and how large the site would like parts to be.
VIDEO_FIELD: Final = "Matinee-Video"
PART_BYTES_FIELD: Final = "Matinee-Part-Bytes"

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)  # fits the database's integer
_KEY = re.compile(r"[!-+\--~]+", re.ASCII)  # printable, no blank, no comma


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a part has to add up to."""

    algorithm: str
    digest: bytes

    def begin(self) -> hashlib._Hash:
        """An empty sum to be fed the part."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def number(name: str, value: str) -> int:
    """A field that holds a count of bytes. Raises MalformedUpload."""
    if not _NUMBER.fullmatch(value):
        raise MalformedUpload(f"{name}: a number of bytes is expected")
    return int(value)


def checksum(value: str) -> Checksum | None:
    """`Upload-Checksum: sha1 <base64>`; None for an empty one. Raises MalformedUpload."""
    if not value:
        return None
    algorithm, _blank, encoded = value.partition(" ")
    if algorithm not in CHECKSUMS:
        raise MalformedUpload(f"Upload-Checksum: one of {', '.join(CHECKSUMS)} is expected")
    digest = _decoded("Upload-Checksum", encoded)
    if len(digest) != CHECKSUMS[algorithm]:
        raise MalformedUpload("Upload-Checksum: not a digest of that algorithm")
    return Checksum(algorithm, digest)


def metadata(value: str) -> dict[str, str]:
    """`Upload-Metadata: filename <base64>,title <base64>,flag`; texts are UTF-8. Raises MalformedUpload."""
    if len(value) > METADATA_LIMIT:
        raise MalformedUpload("Upload-Metadata: too long")
    found: dict[str, str] = {}
    for pair in value.split(",") if value.strip() else []:
        key, _blank, encoded = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise MalformedUpload("Upload-Metadata: keys have to be there, and each once")
        try:
            found[key] = _decoded("Upload-Metadata", encoded).decode()
        except UnicodeDecodeError as error:
            raise MalformedUpload(f"Upload-Metadata: {key} is not UTF-8") from error
    return found


def _decoded(name: str, encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedUpload(f"{name}: not base64") from error
