"""VideoInfo: the film that items may belong to. The catalogue's own columns, typed."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import LENGTH, new_public_id


class VideoInfo(models.Model):
    """A film: identifiers elsewhere, title, rating, release and summary."""

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    title = models.CharField(_("title"), max_length=200)
    original_title = models.CharField(_("original title"), max_length=200, blank=True)
    imdb_id = models.CharField(_("IMDb id"), max_length=20, blank=True, db_index=True)
    tmdb_id = models.CharField(_("TMDB id"), max_length=20, blank=True, db_index=True)
    movie_id = models.CharField(_("catalogue id"), max_length=40, blank=True, db_index=True)
    rating = models.DecimalField(
        _("rating"),
        max_digits=3,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("0 to 10"),
    )
    released_on = models.DateField(_("released on"), null=True, blank=True)
    running_minutes = models.PositiveSmallIntegerField(_("running time in minutes"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("film")
        verbose_name_plural = _("films")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return f"{self.title} ({self.released_on.year})" if self.released_on else self.title
