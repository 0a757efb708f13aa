"""Why a film, or a part of one, is not taken. Statuses: videos/http/statuses.py and config/errors.py."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from videos.errors import TooLarge, VideoError


class UnsupportedForm(VideoError):
    """Something else than an upload form."""

    code = "unsupported_media_type"
    message = _("Send the film as multipart/form-data.")


class UnsupportedPart(VideoError):
    """Something else than bytes of a film."""

    code = "unsupported_media_type"
    message = _("Send the bytes as application/offset+octet-stream, not packed.")


class UploadStalled(VideoError):
    """Nothing came any more."""

    code = "upload_stalled"
    message = _("Nothing more of the film arrived. Please try again.")
    retryable = True


class MalformedUpload(VideoError):
    """A field of the upload protocol that cannot be read; `detail` names it."""

    code = "malformed_upload"
    message = _("The upload request could not be understood.")


class WordsRefused(VideoError):
    """Title, shelf or visibility; `extra` has them by name, as the API's other forms."""

    code = "invalid"
    message = _("Some fields need another value.")


class WrongTusVersion(VideoError):
    code = "wrong_tus_version"
    message = _("This site speaks version 1.0.0 of the tus protocol.")


class UploadUnknown(VideoError):
    """There is none, or it is somebody else's."""

    code = "not_found"
    message = _("There is nothing here, or it is not for you.")


class ReplacedUnknown(VideoError):
    """`replaces` names no item that this person may know of."""

    code = "not_found"
    message = _("The film that this one is to replace is not there, or it is not for you.")


class UploadExpired(VideoError):
    code = "upload_expired"
    message = _("This upload has lain still for too long. Please begin it anew.")


class UploadLocked(VideoError):
    """Another request holds it, and did not give way in time."""

    code = "upload_locked"
    message = _("Another request is still busy with this upload. Please try again in a moment.")
    retryable = True


class UploadTakenOver(VideoError):
    """A newer request for the same upload goes on with it."""

    code = "upload_taken_over"
    message = _("This upload is being continued from somewhere else.")


class WrongOffset(VideoError):
    """`extra` has `upload_offset`, from where the upload goes on."""

    code = "wrong_offset"
    message = _("The upload goes on from another place in the file.")

    def __init__(self, *, sent: int, offset: int) -> None:
        super().__init__(f"{sent} sent, {offset} are here", extra={"upload_offset": offset})
        self.offset = offset


class PartTooLong(TooLarge):
    """More bytes than were announced for the whole."""

    message = _("More was sent than the upload was announced to have.")


class ChecksumMismatch(VideoError):
    """The part was discarded."""

    code = "checksum_mismatch"
    message = _("A part of the file arrived damaged and was discarded. Please send it again.")
    retryable = True


class SiteBusy(VideoError):
    """The database did not answer."""

    code = "unavailable"
    message = _("The site is busy. Please try again in a moment.")
    retryable = True


class TooManyUploads(VideoError):
    """`extra` has `most`."""

    code = "too_many_uploads"
    message = _("You have too many unfinished uploads. Please finish or discard some of them first.")


class QuotaExceeded(VideoError):
    """`extra` has `quota_bytes`, `used_bytes` (stored and announced) and `needed_bytes`."""

    code = "quota_exceeded"
    message = _("Your films and uploads would take more space than you have on this site.")

    def __init__(self, *, quota_bytes: int, used_bytes: int, needed_bytes: int) -> None:
        super().__init__(
            f"{needed_bytes} bytes on top of {used_bytes}, the quota is {quota_bytes}",
            extra={"quota_bytes": quota_bytes, "used_bytes": used_bytes, "needed_bytes": needed_bytes},
        )
