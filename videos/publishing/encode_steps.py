"""The steps that encode: what is to be made is planned, then any number of workers make the film's parts and its
sounds. Each hands its files to storage, so the next step may run on another machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final  # a step's parameters and result are JSON objects

from django.conf import settings

from videos import storage
from videos.errors import RungUnknown
from videos.jobs.queue import StepPlan, add_steps
from videos.jobs.runner import StepContext, register
from videos.models import Job, JobKind, Lane, Standing, Step, StepState
from videos.pipeline import transcode
from videos.pipeline.filmfile import FinishedFile
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.pipeline.loudness import Loudness
from videos.pipeline.meter import OnProgress, Progress
from videos.pipeline.parts import Part, plan_parts, seconds_to_make
from videos.pipeline.transcode import sounds_beside
from videos.publishing import growing, versions
from videos.publishing.attempts import Film, encoding_of, film_of, ladder_of

KIND: Final = JobKind.TRANSCODE
ENCODING_STAGE: Final = 2
# Shares of the job's percent; joining and what follows have the rest.
_PICTURE_WEIGHT, _SOUND_WEIGHT, _AHEAD_WEIGHT = 90.0, 3.0, 10.0
# How long making a second of film may take, by the guess of parts.seconds_to_make(), which errs on the slow side: above
# the first whoever watches would come to the end of what is made, below the second never.
SLOW, QUICK = 1.5, 0.5


@register(KIND, "plan")
def plan_step(context: StepContext) -> dict[str, Any]:
    """Divides the film into parts and adds the steps that make them. Where nothing of it can be played yet, the first
    parts are short, and it is watched while it grows."""
    film = film_of(context)
    ladder = ladder_of(context, film)
    if not ladder.rungs and "rungs" in context.parameters:
        raise RungUnknown
    if not ladder.rungs:
        assert ladder.audio is not None, "a film has pictures or sound"
        sound = _sound_step(ladder.audio, version=None, weight=_PICTURE_WEIGHT)

        def begin_sound() -> None:
            add_steps(job_id=context.job.pk, plans=[sound])

        context.on_finish(begin_sound)
        return {"sides": settings.LADDER_RUNGS}
    is_awaited = film.content.version is None  # the inspect step has published what can be played as it is
    ahead = _ahead(ladder) if is_awaited else None
    is_watched = is_awaited and ahead is None
    parts = plan_parts(ladder, film.facts, part_seconds=settings.PART_SECONDS, is_awaited=is_watched)
    with context.fenced():
        version = versions.allocate(film.content.pk)
        version_ahead = versions.allocate(film.content.pk) if ahead else None
    plans = _part_steps(parts, version, weight=_PICTURE_WEIGHT, is_awaited=is_watched)
    if not sounds_beside(parts, ladder):
        each = _SOUND_WEIGHT / max(1, len(ladder.sounds))
        plans += [_sound_step(audio, version=version, weight=each) for audio in ladder.sounds]
    parts_ahead: tuple[Part, ...] = ()
    if ahead is not None and version_ahead is not None:
        parts_ahead = plan_parts(ahead, film.facts, part_seconds=settings.PART_SECONDS, is_awaited=True)
        label = ahead.rungs[0].label
        plans = [
            *_part_steps(parts_ahead, version_ahead, weight=_AHEAD_WEIGHT, is_awaited=True, alone=label),
            *plans,
        ]

    def begin() -> None:
        growing.clear(film.content)
        growing.begin(film.content, version, ladder, parts=len(parts), sound=ladder.audio if is_watched else None)
        if ahead is not None and version_ahead is not None:
            growing.begin(film.content, version_ahead, ahead, parts=len(parts_ahead), sound=ahead.audio)
        Job.objects.filter(pk=context.job.pk).update(standing=Standing.FIRST if is_awaited else Standing.USUAL)
        add_steps(job_id=context.job.pk, plans=plans)

    context.on_finish(begin)
    made = {"version": version, "sides": settings.LADDER_RUNGS}
    return made if version_ahead is None else {**made, "ahead": version_ahead}


def _ahead(ladder: Ladder) -> Ladder | None:
    """One rung alone, for who waits, where all of them together are made more slowly than they play: the largest that
    is made well in time, else the lowest. It is made twice then, and the parts of all rungs are watched by nobody."""
    processors = settings.FFMPEG_THREADS or os.cpu_count() or 1
    alone = [replace(ladder, rungs=(rung,)) for rung in ladder.rungs]
    if len(alone) < 2 or seconds_to_make(ladder, processors=processors) <= SLOW:
        return None
    return next((one for one in alone if seconds_to_make(one, processors=processors) <= QUICK), alone[-1])


def _part_steps(
    parts: Sequence[Part], version: int, *, weight: float, is_awaited: bool, alone: str = ""
) -> list[StepPlan]:
    """A step a part; `alone` is the label of the one rung that it is about."""
    frames = sum(part.frames for part in parts)
    parameters = {"version": version, "is_awaited": is_awaited, **({"alone": alone} if alone else {})}
    return [
        StepPlan(
            "part", Lane.ENCODE, weight * part.frames / frames, ENCODING_STAGE, {"part": part.to_json(), **parameters}
        )
        for part in parts
    ]


def _sound_step(audio: AudioPlan, *, version: int | None, weight: float) -> StepPlan:
    return StepPlan("sound", Lane.ENCODE, weight, ENCODING_STAGE, {"sound": audio.label, "version": version})


@register(KIND, "part")
def part_step(context: StepContext) -> dict[str, Any]:
    """Encodes one part in every rung, from one decode; of a film that is one part its sounds too."""
    film = film_of(context)
    ladder = ladder_of(context, film)
    parameters = context.step.parameters
    part, version = Part.from_json(parameters["part"]), int(parameters["version"])
    if alone := parameters.get("alone"):
        ladder = replace(ladder, rungs=tuple(rung for rung in ladder.rungs if rung.label == alone))
    is_whole = part.is_last and part.number == 0 and not alone
    with encoding_of(context, film, ladder) as encoding:
        encoded = transcode.encode_part(
            encoding,
            part,
            context.scratch,
            sounds=ladder.sounds if is_whole else (),
            on_progress=_reporter(context, ladder),
        )
        shown = {rung.label: encoded.files[rung.label] for rung in ladder.rungs}
        if parameters["is_awaited"] and ladder.audio is not None:
            folder = context.scratch / "watched"
            folder.mkdir()
            beside = transcode.encode_sound_of_part(encoding, ladder.audio, part, folder)
            shown |= beside.files
    given = {
        label: (_give(context, film, version, file, f"{label}-{part.number}"), file) for label, file in shown.items()
    }
    sounds = {
        audio.label: _give(context, film, version, encoded.files[audio.label], audio.label)
        for audio in (ladder.sounds if is_whole else ())
    }
    is_awaited = bool(parameters["is_awaited"])

    def arrive() -> None:
        growing.arrive(film.content, version, part.number, given, is_awaited=is_awaited)
        if (standing := _standing_after(context, part)) is not None:
            Job.objects.filter(pk=context.job.pk).update(standing=standing)

    context.on_finish(arrive)
    return {"sounds": sounds, "loudness": _told(encoded.loudness)}


def _standing_after(context: StepContext, part: Part) -> Standing | None:
    """Where the job stands among its owner's when this part is there; None where that stays as it is."""
    others = Step.objects.filter(job=context.job, name="part").exclude(pk=context.step.pk).exclude(state=StepState.DONE)
    if not others.exists():
        return Standing.FIRST  # sound, joining, publishing: seconds
    if not context.step.parameters["is_awaited"]:
        return None
    if not others.filter(parameters__is_awaited=True).exists():
        return Standing.USUAL  # the one size that goes ahead is whole
    return Standing.GROWING if part.number == 0 else None


@register(KIND, "sound")
def sound_step(context: StepContext) -> dict[str, Any]:
    """Encodes one sound track of the whole film, and measures how loud it is."""
    film = film_of(context)
    ladder = ladder_of(context, film)
    label = str(context.step.parameters["sound"])
    audio = next(audio for audio in ladder.sounds if audio.label == label)
    version = context.step.parameters["version"]
    if version is None:  # sound alone: nobody has asked for a version yet
        with context.fenced():
            version = versions.allocate(film.content.pk)
    with encoding_of(context, film, ladder) as encoding:
        encoded = transcode.encode_sound(
            encoding, audio, context.scratch, on_progress=lambda told: context.report(told.fraction, told.seconds_left)
        )
    filename = _give(context, film, version, encoded.files[label], label)
    return {"version": version, "sounds": {label: filename}, "loudness": _told(encoded.loudness)}


def _give(context: StepContext, film: Film, version: int, file: FinishedFile, stem: str) -> str:
    """Moves a file to the version's folder, under a name of this attempt's own, which is returned; takes it back unless
    the attempt ends well."""
    filename = f"{stem}-{context.claim.fence}.mp4"
    name = f"{storage.version_folder(film.content.public_id, version)}/{filename}"
    context.unless_finished(lambda: storage.delete_file(name))
    storage.take_in_source(file.path, name)
    return filename


def _reporter(context: StepContext, ladder: Ladder) -> OnProgress:
    def report(progress: Progress) -> None:
        percent = round(progress.fraction * 100, 1)
        rungs = [{"label": rung.label, "percent": percent} for rung in ladder.rungs]
        context.report(progress.fraction, progress.seconds_left, {"rungs": rungs})

    return report


def _told(loudness: Mapping[str, Loudness | None]) -> dict[str, Any]:
    return {
        label: [found.integrated_lufs, found.true_peak_dbtp] if found else None for label, found in loudness.items()
    }
