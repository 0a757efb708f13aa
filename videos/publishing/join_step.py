"""The step that makes whole files of the parts: joins, checks what came out, packages it and hands the folder to
storage under a version number of its own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final  # a step's result is a JSON object

import structlog

from videos import storage
from videos.jobs.runner import StepContext, register
from videos.models import JobKind, Rendition, RenditionKind, RenditionPart
from videos.pipeline import joining, verify
from videos.pipeline.command import AUDIO_LABEL, output_name
from videos.pipeline.errors import VerificationFailed
from videos.pipeline.ladder import Ladder, MeasuredRung, Rung, worth_keeping
from videos.pipeline.loudness import Loudness
from videos.publishing import packaging
from videos.publishing.attempts import Film, film_of, hand_over, ladder_of

log = structlog.get_logger(__name__)

KIND: Final = JobKind.TRANSCODE


@register(KIND, "join")
def join_step(context: StepContext) -> dict[str, Any]:
    """One file for each rung. A rung that did not become what was planned is left out, with the reason; where none did,
    the step fails by it."""
    film = film_of(context)
    ladder = ladder_of(context, film)
    folder = context.scratch / "version"
    folder.mkdir()
    refused: list[dict[str, str]] = []
    if ladder.rungs:
        version = int(context.results["plan"]["version"])
        refused = _join_rungs(context, film, ladder, version, folder)
    else:
        version = int(context.results["sound"]["version"])
        _take_sound(context, film, ladder, version, folder)
    if "rungs" in context.parameters:
        _take_others(film, folder)
    else:
        _drop_needless(ladder, folder)
    packaged = packaging.package(folder, ladder=ladder, loudness=_loudness(context))
    made = hand_over(context, folder)
    return {"version": made, "parts": version, "rungs": [each.to_json() for each in packaged], "refused": refused}


def _join_rungs(context: StepContext, film: Film, ladder: Ladder, version: int, folder: Path) -> list[dict[str, str]]:
    """Joins and verifies rung after rung, so that a machine with little room holds the parts of one at a time."""
    refused: list[dict[str, str]] = []
    parts = storage.version_folder(film.content.public_id, version)
    with ExitStack() as borrowed:
        sounds = {
            label: borrowed.enter_context(storage.source_file(f"{parts}/{filename}"))
            for label, filename in _sounds(context).items()
        }
        main = sounds[ladder.audio.label] if ladder.audio is not None else None
        for done, rung in enumerate(ladder.rungs):
            context.stop_if_asked()
            try:
                _join_rung(context, film, ladder, rung, _parts(film, version, rung.label), main, folder)
            except VerificationFailed as error:
                log.warning("a rung is not what was planned", label=rung.label, detail=error.detail)
                refused.append({"label": rung.label, "code": error.code, "detail": error.detail[:500]})
                (folder / output_name(rung.label)).unlink(missing_ok=True)
                if len(refused) == len(ladder.rungs):
                    raise
            context.report((done + 1) / len(ladder.rungs))
        if len(sounds) > 1:
            for label, path in sounds.items():
                _copy(path, folder / output_name(label))
    return refused


def _join_rung(
    context: StepContext, film: Film, ladder: Ladder, rung: Rung, names: Sequence[str], main: Path | None, folder: Path
) -> None:
    out = folder / output_name(rung.label)
    with ExitStack() as borrowed:
        pieces = [borrowed.enter_context(storage.source_file(name)) for name in names]
        joined = joining.join(pieces, main, out, ladder=ladder, is_split=len(ladder.sounds) > 1)
    verify.verify_rung(out, ladder=ladder, rung=rung, frames=joined.samples, should_stop=context.should_stop)


def _parts(film: Film, version: int, label: str) -> list[str]:
    """The files of a rung in order. Raises VerificationFailed where one is missing."""
    rendition = Rendition.objects.get(content=film.content, version=version, label=label)
    parts = list(RenditionPart.objects.filter(rendition=rendition).order_by("number"))
    if [part.number for part in parts] != list(range(rendition.parts)):
        raise VerificationFailed(f"{label}: {len(parts)} of {rendition.parts} parts")
    folder = storage.version_folder(film.content.public_id, version)
    return [f"{folder}/{part.filename}" for part in parts]


def _drop_needless(ladder: Ladder, folder: Path) -> None:
    """Rungs that would help nobody (ladder.worth_keeping)."""
    measured = [
        MeasuredRung(rung.label, rung.short_side, round(8 * path.stat().st_size / ladder.duration_seconds))
        for rung in ladder.rungs
        if (path := folder / output_name(rung.label)).exists()
    ]
    for rung in {rung.label for rung in measured} - set(worth_keeping(measured)):
        (folder / output_name(rung)).unlink()


def _take_others(film: Film, folder: Path) -> None:
    """Where one rung is made again, the others come along from the version that is published."""
    published = storage.version_folder(film.content.public_id, film.content.version or 0)
    rows = Rendition.objects.filter(content=film.content, version=film.content.version or 0, parts=0)
    for row in rows.filter(kind__in=[RenditionKind.RUNG, RenditionKind.SOUND]):
        target = folder / output_name(row.label)
        if not target.exists():
            with storage.source_file(f"{published}/{target.name}") as path:
                _copy(path, target)


def _take_sound(context: StepContext, film: Film, ladder: Ladder, version: int, folder: Path) -> None:
    """A film without picture is its sound."""
    assert ladder.audio is not None, "a film has pictures or sound"
    out = folder / output_name(AUDIO_LABEL)
    (filename,) = _sounds(context).values()
    with storage.source_file(f"{storage.version_folder(film.content.public_id, version)}/{filename}") as path:
        _copy(path, out)
    verify.verify_rung(out, ladder=ladder, rung=None, should_stop=context.should_stop)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)


def _sounds(context: StepContext) -> dict[str, str]:
    """File names by the sounds' labels, the main one first."""
    made = [*context.results_of("part"), *context.results_of("sound")]
    return {label: filename for result in made for label, filename in result["sounds"].items()}


def _loudness(context: StepContext) -> Mapping[str, Loudness | None]:
    """By the sounds' labels."""
    told: dict[str, Loudness | None] = {}
    for result in [*context.results_of("part"), *context.results_of("sound")]:
        for label, values in result["loudness"].items():
            told[label] = Loudness(*values) if values else None
    return told
