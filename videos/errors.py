"""What can go wrong with videos. Each has a stable `code`, a sentence for people, and detail for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar  # `extra` members are JSON values

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class VideoError(Exception):
    """Base. config/errors.py maps `code` to an HTTP status; `extra` joins the problem document."""

    code: ClassVar[str] = "video_error"
    message: StrOrPromise = _("That did not work.")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.extra = dict(extra or {})


class NotReady(VideoError):
    """Nothing can be played yet; `extra` holds the progress object."""

    code = "not_ready"
    message = _("This video is still being prepared.")


class Rejected(VideoError):
    code = "rejected"
    message = _("This video was not approved.")


class Failed(VideoError):
    code = "failed"
    message = _("This video could not be prepared.")


class Withdrawn(VideoError):
    code = "withdrawn"
    message = _("This video was withdrawn.")


class WithdrawnByModerator(VideoError):
    code = "withdrawn_by_moderator"
    message = _("A moderator has withdrawn this video, so only a moderator can bring it back.")


class AlreadyDecided(VideoError):
    code = "already_decided"
    message = _("Somebody else has decided about this video in the meantime.")


class ChangedMeanwhile(VideoError):
    """A decision was made upon another state than the item is in now."""

    code = "changed"
    message = _("This video has changed in the meantime. Please look at it again.")


class NothingToApprove(VideoError):
    """The item has failed: there is nothing that approving it could show."""

    code = "nothing_to_approve"
    message = _("This film could not be made from its file, so there is nothing to approve.")


class EmptyFile(VideoError):
    code = "empty_file"
    message = _("The file is empty.")


class TooLarge(VideoError):
    code = "too_large"
    message = _("The file is larger than this site takes.")


class StorageError(VideoError):
    """The media storage did not do what it was asked; another attempt may work."""

    code = "storage_unavailable"
    message = _("The media storage does not answer. Please try again in a moment.")
    retryable = True


class FileGone(StorageError):
    """There is no such file, or the name cannot name one."""

    code = "file_gone"
    message = _("This file is no longer there.")
    retryable = False


class InsufficientStorage(StorageError):
    code = "insufficient_storage"
    message = _("There is not enough space left on this site.")


class FileMissing(VideoError):
    code = "file_missing"
    message = _("Send the film as the form field “file”.")


class PictureMissing(VideoError):
    code = "file_missing"
    message = _("Send the picture as the form field “file”.")


class ImageUnreadable(VideoError):
    code = "image_unreadable"
    message = _("This is not a picture that can be read here. JPEG, PNG and WebP are accepted.")


class ImageTooLarge(VideoError):
    """In pixels; a file of too many bytes is TooLarge."""

    code = "image_too_large"
    message = _("This picture is larger than is accepted: 40 million pixels.")


class NoPicture(VideoError):
    code = "no_picture"
    message = _("This film has no picture, only sound.")


class NotPermitted(VideoError):
    code = "not_permitted"
    message = _("You may not do this.")


class ReasonMissing(VideoError):
    code = "reason_missing"
    message = _("Say why, so that the owner understands.")


class CaptionsUnreadable(VideoError):
    code = "captions_unreadable"
    message = _("These captions cannot be read. SRT, WebVTT, ASS and SSA are accepted.")


class CaptionsTooLarge(VideoError):
    code = "captions_too_large"
    message = _("These captions are larger than is accepted: 2 MB, and 20,000 lines of dialogue.")


class CaptionsEmpty(VideoError):
    code = "captions_empty"
    message = _("These captions hold nothing that would be shown within the film.")


class CaptionsTooMany(VideoError):
    code = "captions_too_many"
    message = _("This film has as many captions as it may have. Remove some first.")


class DeletedMeanwhile(VideoError):
    """The row went between a question and its answer."""

    code = "not_found"
    message = _("This has been deleted in the meantime.")


class JobUnknown(VideoError):
    code = "not_found"
    message = _("There is nothing here, or it is not for you.")


class WrongJobState(VideoError):
    """The job is in another state than the command is for; `extra` holds that state."""

    code = "wrong_state"
    message = _("That cannot be done with this work as it stands now.")


class JobSuperseded(VideoError):
    """A later job makes the item: this one is history."""

    code = "superseded"
    message = _("Newer work on this film has taken the place of this one.")


class RungUnknown(VideoError):
    code = "unknown_rung"
    message = _("This film has no such size.")
