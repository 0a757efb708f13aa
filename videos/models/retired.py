"""Files that nobody is given any more."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from videos.models.content import ContentMain


class RetiredFiles(models.Model):
    """A folder or a file of an item in storage that something newer has replaced. Pages that play it go on; it is
    removed when the last grant that can name it has died."""

    content = models.ForeignKey(ContentMain, on_delete=models.CASCADE, related_name="retired_files")
    name = models.CharField(max_length=512, unique=True)
    retired_at = models.DateTimeField(auto_now_add=True)
    remove_after = models.DateTimeField(
        default=timezone.now, db_index=True
    )  # by the settings and the film's length when it was replaced

    class Meta:
        verbose_name = _("replaced files")
        verbose_name_plural = _("replaced files")

    def __str__(self) -> str:
        return self.name
