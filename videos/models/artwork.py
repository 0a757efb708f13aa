"""Pictures that belong to an item."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain
from videos.models.source import new_token


class ArtworkKind(models.TextChoices):
    POSTER = "poster", _("poster")
    STORYBOARD = "storyboard", _("storyboard")  # sheets of small pictures, for the seek bar


def sheet_filename(token: str, number: int) -> str:
    """A sheet of a storyboard; they count from 1."""
    return f"{token}-{number}.jpg"


class Artwork(models.Model):
    """A picture under the item's `art` folder; a new picture gets a new token, so its address never changes content.
    Of a storyboard the size is that of one of its small pictures, the bytes are those of all its files."""

    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="artwork")
    kind = models.CharField(max_length=12, choices=ArtworkKind.choices)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    sheets = models.PositiveSmallIntegerField(default=1)  # files of a storyboard
    is_own = models.BooleanField(default=False)  # chosen by the owner: no step replaces it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("artwork")
        verbose_name_plural = _("artwork")
        constraints = [models.UniqueConstraint(fields=["content", "kind"], name="artwork_once_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.token}"

    @property
    def filename(self) -> str:
        """Its name under the item's `art` folder; of a storyboard the list of its sheets."""
        return f"{self.token}.vtt" if self.kind == ArtworkKind.STORYBOARD else f"{self.token}.jpg"

    @property
    def filenames(self) -> tuple[str, ...]:
        """Every file of it under the item's `art` folder."""
        if self.kind != ArtworkKind.STORYBOARD:
            return (self.filename,)
        return self.filename, *(sheet_filename(self.token, number) for number in range(1, self.sheets + 1))
