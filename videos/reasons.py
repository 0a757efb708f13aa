"""A sentence for people for every code with which making an item can end. Codes are stable; sentences are
translated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SENTENCES: Final[dict[str, StrOrPromise]] = {
    # The file itself; another attempt ends the same. The words are the pipeline's, which knows no translation.
    "empty_file": _("The file is empty."),
    "not_a_video": _("This file is neither a video nor sound."),
    "unsupported_container": _("Files of this kind are not accepted; MP4, MOV, MKV, WebM and AVI are."),
    "no_streams": _("The file contains neither picture nor sound."),
    "too_many_streams": _("The file contains more tracks than are accepted."),
    "unsupported_codec": _("The file is encoded in a way that cannot be read here."),
    "truncated": _("The end of the file is missing. Please upload it again."),
    "corrupt": _("The file is damaged and cannot be read."),
    "dimensions_too_large": _("The picture is larger than is accepted."),
    "dimensions_unsupported": _("The picture has a size or shape that cannot be shown."),
    "frame_rate_unsupported": _("The file has more frames a second than are accepted."),
    "duration_too_long": _("The film is longer than is accepted."),
    "decode_limit": _("Reading the file would need more than is allowed."),
    "output_too_large": _("What was made from the file grew larger than is allowed."),
    # The machine or the moment; seen only after the last attempt.
    "disk_full": _("There is no space left on the server."),
    "waits_for_room": _("There is too little space left on the server. The work goes on by itself when there is more."),
    "timed_out": _("The work took longer than is allowed."),
    "out_of_memory": _("The work needed more memory than is allowed."),
    "crashed": _(
        "The program that makes films here stopped unexpectedly. The administrator can see what happened; your file "
        "may be fine."
    ),
    "crashed_repeatedly": _(
        "The work stopped unexpectedly three times and was given up. The administrator can see what happened."
    ),
    "verification_failed": _(
        "The film did not come out as it should. That is a fault of this site, not of your file; the administrator can "
        "see what happened."
    ),
    "ffmpeg_missing": _(
        "A program that makes films is missing on this server. That is not the fault of your file; the administrator "
        "can see what happened."
    ),
    "cancelled": _("Its owner stopped the making of this film."),
    "cancelled_by_staff": _("The site’s staff stopped the making of this film."),
    "replaced": _("Another file has taken the place of this one."),
    "insufficient_storage": _("There is no space left on the server."),
    "storage_unavailable": _("The media storage does not answer. Please try again in a moment."),
    "file_gone": _("The uploaded file is no longer there. Please upload it again."),
    "unknown_step": _("This server does not know how to do this work yet."),
    "internal_error": _("Something broke on our side. It has been written down."),
}

# Another attempt at the same file ends the same, or the file is gone.
FINAL: Final = frozenset(
    {
        "empty_file",
        "not_a_video",
        "unsupported_container",
        "no_streams",
        "too_many_streams",
        "unsupported_codec",
        "truncated",
        "corrupt",
        "dimensions_too_large",
        "dimensions_unsupported",
        "frame_rate_unsupported",
        "duration_too_long",
        "decode_limit",
        "output_too_large",
        "replaced",
    }
)


def sentence(code: str) -> str:
    """What to tell a person, in the language of the moment; a code without words of its own gets general ones."""
    return str(SENTENCES.get(code) or SENTENCES["internal_error"])
