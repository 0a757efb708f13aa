"""The steps of a transcode job: probe, index, ladder, publish (the poster has its own module). Each hands its result to
storage and to the steps after it, so that what a dead worker loses is the attempt in hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any  # a step's result is a JSON object

from django.conf import settings

from videos import storage
from videos.jobs.registry import register_retry
from videos.jobs.runner import StepContext, register, register_failure
from videos.models import ContentMain, Job, JobKind, Source
from videos.pipeline import ffmpeg, indexing, inspect, instant, ladder, probe, transcode, verify
from videos.pipeline.facts import SourceFacts
from videos.publishing import packaging, review, versions

KIND = JobKind.TRANSCODE
ENCODED_SHARE = 0.97  # of the ladder step; the rest is verifying and packaging


@register(KIND, "probe")
def probe_step(context: StepContext) -> dict[str, Any]:
    """Finds out what the file is. A file that cannot be used ends the job here, with the probe's reason."""
    content = context.content
    source = Source.objects.get(content=content)
    with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
        facts = probe.probe(path)
    with context.fenced():
        Source.objects.filter(pk=source.pk).update(facts=facts.to_json())
        # A film that is to take another's place is not told of before it does (publishing/replacing.py).
        ContentMain.objects.filter(pk=content.pk, replaced_source=None).update(
            duration_seconds=facts.duration_seconds,
            width_px=facts.video.display_width if facts.video else None,
            height_px=facts.video.display_height if facts.video else None,
        )
        review.approve_staff_upload(content)
    return {}


@register(KIND, "index")
def index_step(context: StepContext) -> dict[str, Any]:
    """Publishes the original itself where browsers play it as it is: it is there within a second or two, long before
    the rungs are."""
    content, source, facts = _known(context)
    folder = context.scratch / "version"
    folder.mkdir()
    name = storage.source_name(content.public_id, source.token)
    limits = instant.Limits(settings.INSTANT_SHORT_SIDE, settings.INSTANT_FRAME_RATE, settings.INSTANT_BPS)
    with storage.source_file(name) as path:
        made = inspect.inspect(
            path, folder, source_name=name, play_limits=limits, should_stop=context.should_stop
        ).original
    if isinstance(made, indexing.Refused):
        return {"not_instant": made.reason}
    version = _hand_over(context, folder)
    rendition = packaging.original(content, version, made, facts, source_bytes=source.bytes)
    context.on_finish(lambda: versions.publish(content_id=content.pk, version=version, renditions=[rendition]))
    return {"version": version}


@register(KIND, "ladder")
def ladder_step(context: StepContext) -> dict[str, Any]:
    """Encodes every rung from one decode, checks what came out, packages it and hands the folder to storage under a
    version number of this attempt's own."""
    content, source, facts = _known(context)
    plan = ladder.plan_ladder(facts)
    folder = context.scratch / "version"
    folder.mkdir()

    def report(progress: transcode.Progress) -> None:
        percent = round(progress.fraction * 100, 1)
        rungs = [{"label": rung.label, "percent": percent} for rung in plan.rungs]
        context.report(progress.fraction * ENCODED_SHARE, progress.seconds_left, {"rungs": rungs})

    with storage.source_file(storage.source_name(content.public_id, source.token)) as path:
        encoded = transcode.transcode(
            path,
            facts,
            plan,
            folder,
            ffmpeg=_ffmpeg(),
            threads=settings.FFMPEG_THREADS,
            on_progress=report,
            should_stop=context.should_stop,
        )
    for command in encoded.commands:
        context.log_command(
            command.argv,
            seconds=command.seconds,
            stderr_tail=command.stderr_tail,
            max_rss_bytes=command.max_rss_bytes,
        )
    planned = {rung.label: rung for rung in plan.rungs}
    for made in encoded.rungs:
        verify.verify_rung(
            made.path, ladder=plan, rung=planned.get(made.label), frames=made.frames, should_stop=context.should_stop
        )
    rungs = packaging.package(folder, [rung.path for rung in encoded.rungs])
    version = _hand_over(context, folder)
    return {"version": version, "rungs": [rung.to_json() for rung in rungs]}


@register(KIND, "publish")
def publish_step(context: StepContext) -> dict[str, Any]:
    """Looks once more at what storage holds, then makes it what viewers get, in the transaction that ends the job."""
    content = context.content
    made = context.results["ladder"]
    version = int(made["version"])
    rungs = [packaging.Rung.from_json(rung) for rung in made["rungs"]]
    folder = storage.version_folder(content.public_id, version)
    packaging.check_arrived(folder, rungs)
    renditions = [rung.rendition(content, version) for rung in rungs]
    context.on_finish(lambda: versions.publish(content_id=content.pk, version=version, renditions=renditions))
    return {}


@register_failure(KIND)
def failed(job: Job, code: str) -> None:
    """Nothing came of it: the item says so, with the reason."""
    if job.content_id is not None:
        versions.fail(content_id=job.content_id, code=code)


@register_retry(KIND)
def begun_again(job: Job) -> None:
    """There is hope again for an item that nothing came of."""
    if job.content_id is not None:
        versions.begin_again(content_id=job.content_id)


def _known(context: StepContext) -> tuple[ContentMain, Source, SourceFacts]:
    content = context.content
    source = Source.objects.get(content=content)
    assert source.facts is not None, "the probe step has written them"
    return content, source, SourceFacts.from_json(source.facts)


def _hand_over(context: StepContext, folder: Path) -> int:
    """Gives the folder to storage under a version number of this attempt's own, and takes it back unless the attempt
    ends well."""
    content = context.content
    with context.fenced():
        version = versions.allocate(content.pk)
    name = storage.version_folder(content.public_id, version)
    context.unless_finished(lambda: storage.delete_folder(name))
    storage.publish_folder(folder, name)
    return version


def _ffmpeg() -> Path:
    return ffmpeg.find_ffmpeg(settings.FFMPEG_BINARY or None)
