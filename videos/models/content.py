"""ContentMain: one item that can be watched. Fields, constraints and querysets; decisions are made by services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.public_ids import LENGTH, new_public_id
from videos.errors import DeletedMeanwhile
from videos.models.film import VideoInfo
from videos.models.taxonomy import Category

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Viewer = User | AnonymousUser

TITLE_LIMIT: Final = 200
DESCRIPTION_LIMIT: Final = 10_000


class ContentKind(models.TextChoices):
    VOD = "vod", _("video")
    LIVE = "live", _("live stream")
    RECORDING = "recording", _("recording")


class ContentStatus(models.IntegerChoices):
    """Can something be played? 0 means yes, as the course platform's clients expect."""

    AVAILABLE = 0, _("available")
    PROCESSING = 1, _("processing")
    FAILED = 2, _("failed")
    WITHDRAWN = 3, _("withdrawn")


class AuditStatus(models.IntegerChoices):
    """May it be shown? 0 means yes; only the review service writes it."""

    APPROVED = 0, _("approved")
    PENDING = 1, _("pending")
    REJECTED = 2, _("rejected")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("public")
    UNLISTED = "unlisted", _("unlisted")
    PRIVATE = "private", _("private")


# The same in words that answer the question on a form.
WHO_MAY_SEE = {
    Visibility.PUBLIC.value: _("Everybody"),
    Visibility.UNLISTED.value: _("Whoever has the link"),
    Visibility.PRIVATE.value: _("Only I and the moderators"),
}


class ContentQuerySet(models.QuerySet["ContentMain"]):
    def listed(self) -> ContentQuerySet:
        """What lists show to everybody: approved, available and public."""
        return self.filter(
            audit_status=AuditStatus.APPROVED, status=ContentStatus.AVAILABLE, visibility=Visibility.PUBLIC
        )

    def visible_to(self, viewer: Viewer) -> ContentQuerySet:
        """What this person may know of, by its address: the approved ones that are not private, their own, and for
        moderators everything. Withdrawn items are known to their owner and to moderators."""
        if isinstance(viewer, User) and viewer.is_moderator:
            return self.all()
        open_to_all = Q(
            audit_status=AuditStatus.APPROVED,
            status__in=[ContentStatus.AVAILABLE, ContentStatus.PROCESSING],
            visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED],
        )
        if isinstance(viewer, User) and viewer.is_active:
            return self.filter(open_to_all | Q(owner_id=viewer.pk))
        return self.filter(open_to_all)

    def locked(self, content_id: int) -> ContentMain:
        """The row, held until the transaction ends. Raises DeletedMeanwhile."""
        content = self.select_for_update().filter(pk=content_id).first()
        if content is None:
            raise DeletedMeanwhile
        return content


class ContentMain(models.Model):
    """An uploaded, live or recorded item. `status` tells what can be played, `audit_status` whether it may be shown;
    the state of the work lives on its job."""

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)
    # Deleted by its own service only, which takes the files along (accounts.deletion, publishing.belongings).
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="videos"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContentKind.choices, default=ContentKind.VOD)
    title = models.CharField(_("title"), max_length=TITLE_LIMIT)
    description = models.TextField(_("description"), blank=True, max_length=DESCRIPTION_LIMIT)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="videos"
    )
    film = models.ForeignKey(
        VideoInfo, verbose_name=_("film"), null=True, blank=True, on_delete=models.SET_NULL, related_name="items"
    )
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)

    # Neither has a 0 default: 0 means yes, and only the publishing and review services say yes.
    status = models.PositiveSmallIntegerField(
        _("status"), choices=ContentStatus.choices, default=ContentStatus.PROCESSING
    )
    audit_status = models.PositiveSmallIntegerField(
        _("audit status"), choices=AuditStatus.choices, default=AuditStatus.PENDING
    )
    audit_reason = models.TextField(_("reason"), blank=True)
    audited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    audited_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    is_withdrawn_by_moderator = models.BooleanField(default=False)  # then its owner cannot bring it back

    duration_seconds = models.FloatField(_("duration in seconds"), null=True, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(
        null=True, blank=True
    )  # the published one; NULL until something can be played
    versions_made = models.PositiveIntegerField(default=0)  # each attempt writes into a folder of its own number

    has_own_chapters = models.BooleanField(default=False)  # edited by the owner: the film's file is not asked again
    words_revision = models.PositiveIntegerField(default=0)  # counts changes of captions and chapters, for open pages

    clicks = models.PositiveBigIntegerField(_("views"), default=0)
    watch_seconds = models.FloatField(_("seconds watched"), default=0)

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)  # first time approved and available

    objects = ContentQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-id"]
        permissions = [("review_contentmain", _("Can approve and reject videos"))]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ContentStatus.values), name="content_status_known"),
            models.CheckConstraint(condition=Q(audit_status__in=AuditStatus.values), name="content_audit_status_known"),
            models.CheckConstraint(
                condition=~Q(status=ContentStatus.AVAILABLE) | Q(version__isnull=False),
                name="content_available_has_version",
            ),
        ]
        indexes = [
            # The lists that everybody sees: newest, most viewed, longest, and by shelf. One partial index each.
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="content_listed_newest",
                condition=Q(audit_status=0, status=0, visibility="public"),
            ),
            models.Index(
                F("clicks").desc(),
                F("id").desc(),
                name="content_listed_views",
                condition=Q(audit_status=0, status=0, visibility="public"),
            ),
            models.Index(
                F("category"),
                F("published_at").desc(),
                F("id").desc(),
                name="content_listed_category",
                condition=Q(audit_status=0, status=0, visibility="public"),
            ),
            models.Index(fields=["audit_status", "created_at"], name="content_review_queue"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/watch/{self.public_id}/"

    @property
    def is_listed(self) -> bool:
        """Whether lists show it to everybody."""
        return self.is_available and self.is_approved and self.visibility == Visibility.PUBLIC

    @property
    def is_available(self) -> bool:
        return self.status == ContentStatus.AVAILABLE

    @property
    def is_approved(self) -> bool:
        return self.audit_status == AuditStatus.APPROVED

    @property
    def state_word(self) -> StrOrPromise:
        """One word for where the item stands, for its owner and moderators."""
        if self.status != ContentStatus.AVAILABLE:
            return ContentStatus(self.status).label
        return AuditStatus(self.audit_status).label
