"""Categories of the catalogue."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

# The shelves a fresh site begins with (made by a migration; an operator renames, adds and removes in the admin) are
# known to the message catalogues, so that they read well in every language.
KNOWN_NAMES: tuple[str, ...] = (
    gettext_noop("Film"),
    gettext_noop("Documentary"),
    gettext_noop("Animation"),
    gettext_noop("Music"),
    gettext_noop("Lectures"),
    gettext_noop("Games"),
    gettext_noop("Travel"),
    gettext_noop("Everyday"),
)


class Category(models.Model):
    """A shelf of the catalogue; an item stands on one at most."""

    slug = models.SlugField(_("slug"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language where the catalogues know it, else as the operator typed it."""
        return gettext(self.name) if self.name else ""
