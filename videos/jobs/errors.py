"""What ends a step other than its own result."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


class LeaseLost(Exception):
    """The step is no longer ours: another worker has it, or it was cancelled or deleted. Nothing may be written."""


class StepStopped(Exception):
    """`StepContext.stop_if_asked()` raises it out of a step whose worker is going away or whose lease is lost."""


class UnknownStep(Exception):
    """No code is registered for this step; a worker of a newer version may know it, so it is tried again."""

    code = "unknown_step"
    retryable = True
    detail = "no function is registered for this step"


@runtime_checkable
class Reasoned(Protocol):
    """The shape of VideoError and PipelineError: an error that says what it is and whether another attempt may help."""

    code: str
    retryable: bool
    detail: str


@dataclass(frozen=True)
class Reason:
    """Why a step failed. `code` is stable and has a sentence in videos/reasons.py; `detail` is for the operator."""

    code: str
    detail: str
    is_retryable: bool


DETAIL_CHARACTERS = 4000


def reason_of(error: BaseException) -> Reason:
    """A reason for any error that left a step. Whatever we did not foresee is ours, and may pass."""
    if isinstance(error, Reasoned):
        return Reason(error.code, str(error.detail)[-DETAIL_CHARACTERS:], bool(error.retryable))
    detail = f"{type(error).__name__}: {error}"[:DETAIL_CHARACTERS]
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Reason("disk_full", detail, is_retryable=True)
    if isinstance(error, MemoryError):
        return Reason("out_of_memory", detail, is_retryable=True)
    return Reason("internal_error", detail, is_retryable=True)
