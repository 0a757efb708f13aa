"""The upload page. The bytes go to the API; this page only offers the form."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from videos.models import Category
from videos.models.content import WHO_MAY_SEE


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
            "part_bytes": settings.UPLOAD_PART_BYTES,
        },
    )
