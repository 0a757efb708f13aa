"""A version that grows part by part: its rows are there before its files are, and it is published with its first part
where nothing else of the film can be played. The finished parts are also what the join step makes the whole film of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from videos import storage
from videos.models import ContentMain, Rendition, RenditionKind, RenditionPart, Step
from videos.pipeline.filmfile import FinishedFile
from videos.pipeline.ladder import AudioPlan, Ladder
from videos.publishing import retiring, versions


def clear(content: ContentMain) -> None:
    """Before anything begins: what attempts that have ended in nothing have left goes."""
    for old in _unpublished(content).values_list("version", flat=True).distinct():
        retiring.retire_version(content, old)


def begin(content: ContentMain, version: int, ladder: Ladder, *, parts: int, sound: AudioPlan | None) -> None:
    """Rows for what is going to be, in the transaction that ends the plan step: every rung, and the sound that parts
    bring along (None where nobody is to watch them)."""
    duration = float(ladder.duration_seconds)
    rows = [
        Rendition(
            content=content,
            version=version,
            kind=RenditionKind.RUNG,
            label=rung.label,
            height=rung.short_side,
            width_px=rung.width,
            height_px=rung.height,
            frame_rate=float(ladder.frame_rate),
            frames=ladder.frames,
            average_bps=rung.maxrate_bps,
            peak_bps=rung.maxrate_bps,
            duration_seconds=duration,
            bytes=0,
            parts=parts,
        )
        for rung in ladder.rungs
    ]
    if sound is not None:
        rows.append(
            Rendition(
                content=content,
                version=version,
                kind=RenditionKind.SOUND,
                label=sound.label,
                average_bps=sound.bit_rate_bps,
                peak_bps=sound.bit_rate_bps,
                duration_seconds=duration,
                language=sound.language,
                title=sound.title,
                bytes=0,
                parts=parts,
            )
        )
    Rendition.objects.bulk_create(rows)


def arrive(
    content: ContentMain, version: int, number: int, files: Mapping[str, tuple[str, FinishedFile]], *, is_awaited: bool
) -> None:
    """A part is there, in the transaction that ends its step: `files` by the renditions' labels, with the names that
    they have in the version's folder. The first one makes the film playable, if it is to be watched while it grows."""
    for row in Rendition.objects.filter(content=content, version=version, label__in=files):
        filename, file = files[row.label]
        pieces = [[_written(piece.duration_seconds), piece.offset, piece.bytes] for piece in file.pieces]
        RenditionPart.objects.update_or_create(
            rendition=row,
            number=number,
            defaults={"filename": filename, "segments": pieces, "init_bytes": file.init_bytes, "bytes": file.bytes},
        )
        if not number:
            row.codecs = file.codecs
            row.save(update_fields=["codecs"])
    if is_awaited and not number:
        versions.publish_growing(content_id=content.pk, version=version)


def reopen(content_id: int) -> None:
    """Work that had failed goes on: what had begun to grow is watched again, if its first part is there and nothing
    else of the film is."""
    watched = Step.objects.filter(job__content=content_id, name="part", parameters__is_awaited=True).order_by("-pk")
    version = watched.values_list("parameters__version", flat=True).first()
    content = ContentMain.objects.get(pk=content_id)
    begun = Rendition.objects.filter(content=content, kind=RenditionKind.RUNG, version=version or 0, pieces__number=0)
    if version is not None and begun.exists() and not retiring.is_retired(content, version):
        versions.publish_growing(content_id=content_id, version=version)


def drop(content: ContentMain, version: int) -> None:
    """The whole film is there, in the transaction that publishes it: parts that nobody has ever been given go at once.
    Those that some still watch were retired by the publication."""
    if retiring.is_retired(content, version):
        return
    Rendition.objects.filter(content=content, version=version).delete()
    transaction.on_commit(partial(storage.discard_folder, storage.version_folder(content.public_id, version)))


def _unpublished(content: ContentMain) -> QuerySet[Rendition]:
    """Of attempts that have ended in nothing."""
    return Rendition.objects.filter(content=content, parts__gt=0).exclude(version=content.version or 0)


def _written(seconds: Fraction) -> str:
    return f"{seconds.numerator}/{seconds.denominator}"
