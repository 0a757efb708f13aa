"""The words of scripts. Their address says which language and which edition of them it is, so browsers ask once."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any, Final  # a view's arguments

import django
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, override
from django.views.i18n import JavaScriptCatalog

YEAR_SECONDS: Final = 365 * 86_400


class CatalogueView(JavaScriptCatalog):
    """`/jsi18n/<language>/<edition>/`, for everybody the same."""

    domain = "djangojs"
    packages = ["config"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language, asked = kwargs.pop("language"), kwargs.pop("edition")
        if language not in dict(settings.LANGUAGES):
            raise Http404
        with override(language):
            response = super().get(request, *args, **kwargs)
        if asked == edition():
            patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
        else:  # of before an upgrade, or after the next: these words are not those
            patch_cache_control(response, no_cache=True)
        return response


def address() -> str:
    """Of the words in the reader's language."""
    return reverse("javascript-catalogue", args=[get_language() or settings.LANGUAGE_CODE, edition()])


@functools.cache
def edition() -> str:
    """Changes with every catalogue, and with Django, which writes them out."""
    digest = hashlib.sha256(django.get_version().encode())
    for folder in settings.LOCALE_PATHS:
        for file in sorted(Path(folder).glob(f"*/LC_MESSAGES/{CatalogueView.domain}.mo")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
