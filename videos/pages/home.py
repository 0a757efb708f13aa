"""The front page: what is on, where one stopped, what is new, and the shelves."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from videos.catalogue import selectors, shelves
from videos.models import Category
from videos.models.content import Viewer
from videos.pages.cards import Card, card_for, cards_for

NEWEST_SHOWN = 12
BEGUN_SHOWN = 4
SHELVES_SHOWN = 4
ON_A_SHELF = 4
SHELF_FROM = 3  # fewer look like a gap


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with its newest films that the page does not show already."""

    category: Category
    cards: list[Card]


def _filled_shelves(categories: list[Category], *, shown: set[int], viewer: Viewer) -> list[Shelf]:
    found: list[Shelf] = []
    for category in categories[:SHELVES_SHOWN]:
        films = selectors.listed_videos(viewer=viewer, category=category.slug).exclude(pk__in=shown)[:ON_A_SHELF]
        cards = cards_for(films, viewer=viewer)
        if len(cards) >= SHELF_FROM:
            found.append(Shelf(category, cards))
    return found


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The programme; on a young site an invitation, filling by itself while films are made."""
    viewer = request.user
    newest = list(selectors.listed_videos(viewer=viewer)[: NEWEST_SHOWN + 1])
    is_young = len(newest) <= NEWEST_SHOWN
    categories = list(shelves.shelves_in_use()) if newest else []
    shown = {film.pk for film in newest}
    return render(
        request,
        "videos/home.html",
        {
            "tonight": card_for(newest[0], viewer=viewer) if newest else None,
            "begun": cards_for(selectors.continue_watching(viewer, limit=BEGUN_SHOWN), viewer=viewer),
            "newest": cards_for(newest[1:], viewer=viewer),
            "shelves": [] if is_young else _filled_shelves(categories, shown=shown, viewer=viewer),
            "categories": categories,
            "being_made": shelves.being_made_count() if is_young else 0,
            "is_young": is_young,
        },
    )
