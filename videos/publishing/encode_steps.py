"""The steps that encode: what is to be made is planned, then any number of workers make the film's parts and its
sounds. Each hands its files to storage, so the next step may run on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final  # a step's parameters and result are JSON objects

from django.conf import settings

from videos import storage
from videos.errors import RungUnknown
from videos.jobs.queue import StepPlan, add_steps
from videos.jobs.runner import StepContext, register
from videos.models import Job, JobKind, Lane
from videos.pipeline import transcode
from videos.pipeline.filmfile import FinishedFile
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.pipeline.loudness import Loudness
from videos.pipeline.meter import OnProgress, Progress
from videos.pipeline.parts import Part, plan_parts
from videos.pipeline.transcode import sounds_beside
from videos.publishing import growing, versions
from videos.publishing.attempts import Film, encoding_of, film_of, ladder_of

KIND: Final = JobKind.TRANSCODE
ENCODING_STAGE: Final = 2
# Shares of the job's percent; joining and what follows have the rest.
_PICTURE_WEIGHT, _SOUND_WEIGHT = 90.0, 3.0


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
        context.on_finish(lambda: add_steps(job_id=context.job.pk, plans=[sound]))
        return {"sides": settings.LADDER_RUNGS}
    is_awaited = film.content.version is None  # the inspect step has published what can be played as it is
    parts = plan_parts(ladder, film.facts, part_seconds=settings.PART_SECONDS, is_awaited=is_awaited)
    with context.fenced():
        version = versions.allocate(film.content.pk)
    plans = [
        StepPlan(
            "part",
            Lane.ENCODE,
            _PICTURE_WEIGHT * part.frames / ladder.frames,
            ENCODING_STAGE,
            {"part": part.to_json(), "version": version, "is_awaited": is_awaited},
        )
        for part in parts
    ]
    if not sounds_beside(parts, ladder):
        each = _SOUND_WEIGHT / max(1, len(ladder.sounds))
        plans += [_sound_step(audio, version=version, weight=each) for audio in ladder.sounds]

    def begin() -> None:
        sound = ladder.audio if is_awaited else None
        growing.begin(film.content, version, ladder, parts=len(parts), sound=sound)
        Job.objects.filter(pk=context.job.pk).update(is_awaited=is_awaited)
        add_steps(job_id=context.job.pk, plans=plans)

    context.on_finish(begin)
    return {"version": version, "sides": settings.LADDER_RUNGS}


def _sound_step(audio: AudioPlan, *, version: int | None, weight: float) -> StepPlan:
    return StepPlan("sound", Lane.ENCODE, weight, ENCODING_STAGE, {"sound": audio.label, "version": version})


@register(KIND, "part")
def part_step(context: StepContext) -> dict[str, Any]:
    """Encodes one part in every rung, from one decode; of a film that is one part its sounds too."""
    film = film_of(context)
    ladder = ladder_of(context, film)
    parameters = context.step.parameters
    part, version = Part.from_json(parameters["part"]), int(parameters["version"])
    is_whole = part.is_last and part.number == 0
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
    context.on_finish(
        lambda: growing.arrive(film.content, version, part.number, given, is_awaited=bool(parameters["is_awaited"]))
    )
    return {"sounds": sounds, "loudness": _told(encoded.loudness)}


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
