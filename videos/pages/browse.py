"""Everything on the programme: by category, in one of a few orders, page by page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from videos.catalogue import selectors, shelves
from videos.models import Category
from videos.pages.cards import cards_for

ON_A_PAGE = 24
ORDER_WORDS = {
    "newest": _("Newest"),
    "views": _("Most viewed"),
    "longest": _("Longest"),
    "shortest": _("Shortest"),
}


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """`?category=<slug>&ordering=newest|views|longest|shortest&page=<n>`. An unknown category is 404, an unknown order
    the first one, a page beyond the end the last one."""
    slug = request.GET.get("category", "")
    category = get_object_or_404(Category, slug=slug) if slug else None
    ordering = request.GET.get("ordering", "newest")
    if ordering not in ORDER_WORDS:
        ordering = "newest"
    films = selectors.listed_videos(viewer=request.user, category=slug, ordering=ordering)
    page = Paginator(films, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "videos/browse.html",
        {
            "category": category,
            "categories": shelves.shelves_in_use(),
            "ordering": ordering,
            "orderings": ORDER_WORDS.items(),
            "page": page,
            "cards": cards_for(page, viewer=request.user),
        },
    )
