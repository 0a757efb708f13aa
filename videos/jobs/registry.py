"""Which function does a step of a kind of job, and what a kind does when its job fails. Filled when the apps are
ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any  # results are JSON objects

from videos.jobs.errors import UnknownStep
from videos.models import Job

if TYPE_CHECKING:
    from videos.jobs.context import StepContext

StepFunction = Callable[["StepContext"], Mapping[str, Any] | None]
FailureHook = Callable[[Job, str], None]
RetryHook = Callable[[Job], None]

_steps: dict[tuple[str, str], StepFunction] = {}
_failure_hooks: dict[str, FailureHook] = {}
_retry_hooks: dict[str, RetryHook] = {}


def register(kind: str, name: str) -> Callable[[StepFunction], StepFunction]:
    """Decorates the function of step `name` in jobs of `kind`: it gets a StepContext and returns a JSON object for
    later steps, or raises an error with `code`, `retryable` and `detail`. It may run several times, so it must not
    mind."""

    def remember(function: StepFunction) -> StepFunction:
        _steps[str(kind), name] = function
        return function

    return remember


def register_failure(kind: str) -> Callable[[FailureHook], FailureHook]:
    """Decorates what happens, in the same transaction, when a job of `kind` fails or is cancelled:
    `hook(job, code)`."""

    def remember(hook: FailureHook) -> FailureHook:
        _failure_hooks[str(kind)] = hook
        return hook

    return remember


def register_retry(kind: str) -> Callable[[RetryHook], RetryHook]:
    """Decorates what happens, in the same transaction, when a person has a job of `kind` tried again: `hook(job)`."""

    def remember(hook: RetryHook) -> RetryHook:
        _retry_hooks[str(kind)] = hook
        return hook

    return remember


def step_function(kind: str, name: str) -> StepFunction:
    """The function of a step. Raises UnknownStep."""
    try:
        return _steps[kind, name]
    except KeyError:
        raise UnknownStep(f"{kind}.{name}") from None


def failure_hook(kind: str) -> FailureHook | None:
    """What the kind does about a failure, if anything."""
    return _failure_hooks.get(kind)


def retry_hook(kind: str) -> RetryHook | None:
    """What the kind does when its job begins again, if anything."""
    return _retry_hooks.get(kind)
