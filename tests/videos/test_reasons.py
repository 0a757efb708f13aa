"""Every way in which making an item can end has words."""

from __future__ import annotations

from videos.errors import FileGone, InsufficientStorage, StorageError
from videos.jobs.errors import UnknownStep, reason_of
from videos.pipeline.errors import REASONS
from videos.reasons import SENTENCES, sentence


def test_every_code_of_the_pipeline_has_the_pipelines_words() -> None:
    assert {code: str(SENTENCES.get(code)) for code in REASONS} == REASONS


def test_every_code_a_step_can_fail_with_has_words() -> None:
    errors = [
        StorageError(),
        FileGone(),
        InsufficientStorage(),
        UnknownStep(),
        ValueError(),
        MemoryError(),
        OSError(28, ""),
    ]
    assert {reason_of(error).code for error in errors} | {"crashed_repeatedly"} <= set(SENTENCES)


def test_a_code_without_words_gets_general_ones() -> None:
    assert sentence("invented later") == "Something broke on our side. It has been written down."
