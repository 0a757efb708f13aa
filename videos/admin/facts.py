"""The facts of a file in words, for those who decide about it."""

from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from videos.models import ContentMain, Source
from videos.pipeline.probe import SourceFacts


def facts_of(content: ContentMain) -> list[tuple[str, str]]:
    """Label and value: file, container, picture, sound, renditions."""
    rows: list[tuple[str, str]] = []
    source = Source.objects.filter(content=content).first()
    if source is not None:
        rows.append((_("File"), f"{source.filename} · {filesizeformat(source.bytes)}"))
        rows.extend(_probed(SourceFacts.from_json(source.facts)) if source.facts else [])
    rungs = [
        f"{rung.label} · {filesizeformat(rung.bytes)}"
        for rung in content.renditions.filter(version=content.version or 0)
    ]
    if rungs:
        rows.append((_("Renditions"), ", ".join(rungs)))
    return rows


def _probed(facts: SourceFacts) -> list[tuple[str, str]]:
    rows = [(_("Container"), facts.container)]
    if facts.video is not None:
        video = facts.video
        rate = f"{float(video.frame_rate):.3g}"
        size = f"{video.display_width} × {video.display_height}"
        rows.append((_("Picture"), f"{video.codec} · {size} · {rate} fps · {video.pix_fmt}"))
    rows.extend(
        (
            _("Sound"),
            f"{track.codec} · {track.channels} × {track.sample_rate} Hz"
            + (f" · {track.language}" if track.language else ""),
        )
        for track in facts.audio
    )
    return rows
