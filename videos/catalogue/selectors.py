"""Reading the catalogue: lists as pages and the API show them, and one item for one viewer."""

from __future__ import annotations

from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.models import User
from videos.models import Artwork, ContentMain, ContentStatus, Job, JobKind, JobState, WatchPosition
from videos.models.artwork import ArtworkKind
from videos.models.content import Viewer

_BEING_MADE = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)
# Name in the address → order. Ties by id, so that a list never shuffles between two pages of it.
ORDERINGS: dict[str, tuple[OrderBy, ...]] = {
    "newest": (F("published_at").desc(nulls_last=True), F("id").desc()),
    "views": (F("clicks").desc(), F("id").desc()),
    "longest": (F("duration_seconds").desc(nulls_last=True), F("id").desc()),
    "shortest": (F("duration_seconds").asc(nulls_last=True), F("id").desc()),
    "title": (F("title").asc(), F("id").desc()),
}


def with_card_facts(items: QuerySet[ContentMain], viewer: Viewer) -> QuerySet[ContentMain]:
    """Adds what a card shows in the same query: owner, shelf, tokens of the pictures, and where this viewer stopped."""
    art = Artwork.objects.filter(content=OuterRef("pk")).values("token")
    items = items.select_related("owner", "category", "film").annotate(
        poster_token=Subquery(art.filter(kind=ArtworkKind.POSTER)[:1]),
        storyboard_token=Subquery(art.filter(kind=ArtworkKind.STORYBOARD)[:1]),
    )
    if isinstance(viewer, User):
        place = WatchPosition.objects.filter(content=OuterRef("pk"), user=viewer).values("position_seconds")[:1]
        return items.annotate(viewer_position=Coalesce(Subquery(place), Value(0.0), output_field=FloatField()))
    return items.annotate(viewer_position=Value(0.0, output_field=FloatField()))


def listed_videos(*, viewer: Viewer, category: str = "", ordering: str = "newest") -> QuerySet[ContentMain]:
    """What everybody may find, in one query; an unknown shelf is an empty list, an unknown ordering raises KeyError."""
    items = ContentMain.objects.listed()
    if category:
        items = items.filter(category__slug=category)
    return with_card_facts(items, viewer).order_by(*ORDERINGS[ordering])


def own_videos(owner: User) -> QuerySet[ContentMain]:
    """Everything a person uploaded, in every state, newest first. `is_being_made`: also of films that are watched while
    they grow."""
    open_jobs = Job.objects.filter(content=OuterRef("pk"), state__in=_BEING_MADE).exclude(kind=JobKind.POSTER)
    own = ContentMain.objects.filter(owner=owner).annotate(is_being_made=Exists(open_jobs))
    return with_card_facts(own, owner).order_by("-id")


def continue_watching(viewer: Viewer, *, limit: int = 8) -> QuerySet[ContentMain]:
    """What a member began and did not finish, last watched first; nothing for guests."""
    if not isinstance(viewer, User):
        return ContentMain.objects.none()
    begun = Q(watch_positions__user=viewer, watch_positions__position_seconds__gt=0)
    items = ContentMain.objects.visible_to(viewer).filter(begun, status=ContentStatus.AVAILABLE)
    return with_card_facts(items, viewer).order_by("-watch_positions__watched_at")[:limit]


def video_for(public_id: str, viewer: Viewer) -> ContentMain:
    """One item this viewer may know of, with the facts of a card; Http404 for what is not there and what is hidden
    alike."""
    item = with_card_facts(ContentMain.objects.visible_to(viewer), viewer).filter(public_id=public_id).first()
    if item is None:
        raise Http404
    return item


def position_seconds_of(content: ContentMain, viewer: Viewer) -> float:
    """Where this viewer stopped; 0 for guests and for what was not begun or is finished."""
    annotated: float | None = getattr(content, "viewer_position", None)
    if annotated is not None:
        return annotated
    if not isinstance(viewer, User):
        return 0.0
    place = (
        WatchPosition.objects.filter(user=viewer, content=content).values_list("position_seconds", flat=True).first()
    )
    return place or 0.0
