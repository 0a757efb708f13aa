"""The first and the last step of a transcode job. What lies between: encode_steps.py, join_step.py; beside them
posters.py and others that the job can do without. Each step hands its result to storage and to the steps after it, so
that what a dead worker loses is the attempt in hand."""

from __future__ import annotations

from typing import Any, Final  # a step's result is a JSON object

from videos import storage
from videos.jobs.registry import register_retry
from videos.jobs.runner import StepContext, register, register_failure
from videos.models import ContentMain, Job, JobKind, Source, Standing
from videos.pipeline import indexing
from videos.publishing import growing, originals, packaging, review, versions
from videos.publishing.attempts import hand_over

KIND: Final = JobKind.TRANSCODE


@register(KIND, "inspect")
def inspect_step(context: StepContext) -> dict[str, Any]:
    """Finds out what the file is. A file that cannot be used ends the job here, with the reason. Where browsers play it
    as it is, the original itself is published: it is there within a second or two, long before the rungs are."""
    content = context.content
    if "rungs" in context.parameters:  # the film is known, and more of it is published than its original
        return {}
    source = Source.objects.get(content=content)
    folder = context.scratch / "version"
    folder.mkdir()
    name = storage.source_name(content.public_id, source.token)
    with storage.source_file(name) as path:
        found = originals.look_at(path, folder, source_name=name, should_stop=context.should_stop)
    facts = found.facts
    with context.fenced():
        Source.objects.filter(pk=source.pk).update(facts=facts.to_json())
        # A film that is to take another's place is not told of before it does (publishing/replacing.py).
        ContentMain.objects.filter(pk=content.pk, replaced_source=None).update(
            duration_seconds=facts.duration_seconds,
            width_px=facts.video.display_width if facts.video else None,
            height_px=facts.video.display_height if facts.video else None,
        )
        if context.parameters.get("asks_again"):  # the item was decided about when it was another film
            review.ask_again(ContentMain.objects.locked(content.pk))
        review.approve_staff_upload(content)
    if isinstance(found.original, indexing.Refused):
        return {"not_instant": found.original.reason}
    version = hand_over(context, folder)
    rendition = packaging.original(content, version, found.original, facts, source_bytes=found.original.bytes)
    context.on_finish(lambda: versions.publish(content_id=content.pk, version=version, renditions=[rendition]))
    return {"version": version}


@register(KIND, "publish")
def publish_step(context: StepContext) -> dict[str, Any]:
    """Looks once more at what storage holds, then makes it what viewers get, in the transaction that ends the step."""
    content = context.content
    made = context.results["join"]
    version = int(made["version"])
    packaged = [packaging.Packaged.from_json(rung) for rung in made["rungs"]]
    folder = storage.version_folder(content.public_id, version)
    packaging.check_arrived(folder, packaged)
    renditions = [each.rendition(content, version) for each in packaged]

    def publish() -> None:
        versions.publish(content_id=content.pk, version=version, renditions=renditions)
        growing.drop(content, int(made["parts"]))
        if "ahead" in context.results["plan"]:
            growing.drop(content, int(context.results["plan"]["ahead"]))
        Job.objects.filter(pk=context.job.pk).update(standing=Standing.USUAL)  # what is left can be done without

    context.on_finish(publish)
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
        growing.reopen(job.content_id)
