"""What can go wrong between a file and its renditions. Each has a stable code; REASONS holds the sentence for
people in English, which another layer translates. Knows no Django."""

from __future__ import annotations

REASONS: dict[str, str] = {
    # The source cannot be used; another attempt ends the same.
    "empty_file": "The file is empty.",
    "not_a_video": "This file is neither a video nor sound.",
    "unsupported_container": "Files of this kind are not accepted; MP4, MOV, MKV, WebM and AVI are.",
    "no_streams": "The file contains neither picture nor sound.",
    "too_many_streams": "The file contains more tracks than are accepted.",
    "unsupported_codec": "The file is encoded in a way that cannot be read here.",
    "truncated": "The end of the file is missing. Please upload it again.",
    "corrupt": "The file is damaged and cannot be read.",
    "dimensions_too_large": "The picture is larger than is accepted.",
    "dimensions_unsupported": "The picture has a size or shape that cannot be shown.",
    "frame_rate_unsupported": "The file has more frames a second than are accepted.",
    "duration_too_long": "The film is longer than is accepted.",
    "decode_limit": "Reading the file would need more than is allowed.",
    "output_too_large": "What was made from the file grew larger than is allowed.",
    # The machine or the moment is the reason.
    "disk_full": "There is no space left on the server.",
    "timed_out": "The work took longer than is allowed.",
    "out_of_memory": "The work needed more memory than is allowed.",
    "crashed": "The program that makes films here stopped unexpectedly. The administrator can see what happened; your "
    "file may be fine.",
    "cancelled": "Its owner stopped the making of this film.",
    "verification_failed": "The film did not come out as it should. That is a fault of this site, not of your file; "
    "the administrator can see what happened.",
    "ffmpeg_missing": "A program that makes films is missing on this server. That is not the fault of your file; the "
    "administrator can see what happened.",
}


class PipelineError(Exception):
    """`code` is stable, `message` a sentence for people, `detail` for the operator (the tail of a log, a
    number); `retryable` says whether the same work may succeed later."""

    default_retryable = False

    def __init__(self, code: str, message: str | None = None, detail: str = "", retryable: bool | None = None) -> None:
        self.code = code
        self.message = REASONS[code] if message is None else message
        self.detail = detail
        self.retryable = self.default_retryable if retryable is None else retryable
        super().__init__(code, self.message, detail, self.retryable)  # all of them, so that it can be pickled

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class SourceError(PipelineError):
    """The file itself cannot be used."""


class LimitError(PipelineError):
    """A limit of time, memory or size stopped the work."""


class MachineError(PipelineError):
    """Something around the work failed: the disk, a crash, a missing program."""

    default_retryable = True


class Cancelled(PipelineError):
    """Whoever asked for the work no longer wants it."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("cancelled", detail=detail)

    def __reduce__(self) -> tuple[type[Cancelled], tuple[str]]:
        return type(self), (self.detail,)


class VerificationFailed(PipelineError):
    """The result was read again and is not what was planned."""

    default_retryable = True

    def __init__(self, detail: str) -> None:
        super().__init__("verification_failed", detail=detail)

    def __reduce__(self) -> tuple[type[VerificationFailed], tuple[str]]:
        return type(self), (self.detail,)
