"""How much a person's films may take: sources that are kept, and uploads that were announced. Staff have no quota."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum

from accounts.models import User
from videos.ingest.refusals import QuotaExceeded
from videos.models import ContentMain, ReplacedSource, Source, Upload, UploadState


def used_bytes(owner: User) -> int:
    """Stored, also what waits to be replaced, and announced, finished or not."""
    return sum(
        int(rows.aggregate(total=Sum("bytes"))["total"] or 0)
        for rows in (
            Source.objects.filter(content__owner=owner),
            ReplacedSource.objects.filter(content__owner=owner),
            Upload.objects.filter(owner=owner, state=UploadState.RECEIVING),
        )
    )


def freed_bytes(owner: User, replaced: ContentMain | None) -> int:
    """How much of the owner's goes when a film of theirs is replaced, sooner or later."""
    if replaced is None or replaced.owner_id != owner.pk:
        return 0
    kept = (kind.objects.filter(content=replaced).values_list("bytes", flat=True) for kind in (Source, ReplacedSource))
    return sum(sum(sizes) for sizes in kept)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a person has and uses at this moment; `quota_bytes` None: nothing limits it."""

    quota_bytes: int | None
    used_bytes: int

    @classmethod
    def of(cls, owner: User) -> Allowance:
        """Asks the database, unless nothing limits this person."""
        quota = _quota_bytes(owner)
        return cls(quota, 0 if quota is None else used_bytes(owner))

    def refuse_beyond(self, needed_bytes: int) -> None:
        """Raises QuotaExceeded where so much more is not free. Reserves nothing."""
        if self.quota_bytes is not None and self.used_bytes + needed_bytes > self.quota_bytes:
            raise QuotaExceeded(quota_bytes=self.quota_bytes, used_bytes=self.used_bytes, needed_bytes=needed_bytes)


def claim(owner: User, needed_bytes: int) -> None:
    """To be called inside the transaction that writes the row which takes the space: of two at once one waits for the
    other's row. Raises QuotaExceeded."""
    if _quota_bytes(owner) is not None:
        User.objects.select_for_update().get(pk=owner.pk)
        Allowance.of(owner).refuse_beyond(needed_bytes)


def _quota_bytes(owner: User) -> int | None:
    return None if owner.is_staff or not settings.UPLOAD_QUOTA_BYTES else settings.UPLOAD_QUOTA_BYTES
