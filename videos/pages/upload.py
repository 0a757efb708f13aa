"""The upload page. The bytes go to the API; this page only offers the form."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from videos.models import Category, Visibility

WHO_MAY_SEE = {
    Visibility.PUBLIC.value: _("Everybody"),
    Visibility.UNLISTED.value: _("Whoever has the link"),
    Visibility.PRIVATE.value: _("Only I and the moderators"),
}


@require_safe
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Drop zone and rows."""
    return render(
        request,
        "videos/upload.html",
        {
            "categories": Category.objects.all(),
            "visibilities": WHO_MAY_SEE.items(),
            "max_bytes": settings.UPLOAD_MAX_BYTES,
        },
    )
