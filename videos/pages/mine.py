"""A member's own uploads, in every state."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from videos.catalogue import selectors
from videos.pages.cards import cards_for

ON_A_PAGE = 30


@require_safe
@login_required
def my_videos(request: HttpRequest) -> HttpResponse:
    """The newest first, `?page=<n>`."""
    assert isinstance(request.user, User)  # login_required
    page = Paginator(selectors.own_videos(request.user), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "videos/my_videos.html", {"page": page, "cards": cards_for(page, viewer=request.user)})
