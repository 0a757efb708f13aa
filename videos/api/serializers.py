"""What the API says about videos, and what it takes. Public ids only; a poster's address is a grant for this viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any  # DRF hands representations around as dicts of JSON values

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from videos.catalogue.selectors import position_seconds_of
from videos.models import (
    AuditStatus,
    Caption,
    Category,
    Chapter,
    ContentMain,
    ContentStatus,
    JobState,
    Upload,
    Visibility,
)
from videos.models.content import DESCRIPTION_LIMIT, TITLE_LIMIT
from videos.publishing import details
from videos.streaming import hls

if TYPE_CHECKING:
    from rest_framework.request import Request


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A shelf of the catalogue."""

    name = serializers.CharField(source="shown_name")

    class Meta:
        model = Category
        fields = ["slug", "name"]


class OwnerSerializer(serializers.Serializer[Any]):
    """Who uploaded it."""

    id = serializers.CharField(source="public_id")
    username = serializers.CharField()
    name = serializers.CharField(source="shown_name")


class VideoSerializer(serializers.ModelSerializer[ContentMain]):
    """One item as lists and details show it. `status`: 0 available, 1 processing, 2 failed, 3 withdrawn.
    `audit_status`: 0 approved, 1 pending, 2 rejected. `position_seconds` is the viewer's own place."""

    id = serializers.CharField(source="public_id", read_only=True)
    category = CategorySerializer(read_only=True, allow_null=True)
    owner = OwnerSerializer(read_only=True)
    film = serializers.SerializerMethodField()
    poster = serializers.SerializerMethodField()
    storyboard = serializers.SerializerMethodField()
    position_seconds = serializers.SerializerMethodField()
    width = serializers.IntegerField(source="width_px", read_only=True, allow_null=True)
    height = serializers.IntegerField(source="height_px", read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=ContentStatus.choices, read_only=True)
    audit_status = serializers.ChoiceField(choices=AuditStatus.choices, read_only=True)

    class Meta:
        model = ContentMain
        fields = [
            "id", "kind", "title", "description", "category", "film", "owner", "visibility", "status", "audit_status",
            "audit_reason", "duration_seconds", "width", "height", "clicks", "poster", "storyboard", "position_seconds",
            "created_at", "published_at",
        ]  # fmt: skip
        read_only_fields = fields

    @property
    def _request(self) -> Request:
        request: Request = self.context["request"]
        return request

    def to_representation(self, instance: ContentMain) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        viewer = self._request.user
        if viewer.pk != instance.owner_id and not getattr(viewer, "is_moderator", False):
            shown["audit_reason"] = ""  # said to the owner, not to the world
        return shown

    @extend_schema_field(
        {"type": "object", "nullable": True, "properties": {"id": {"type": "string"}, "title": {"type": "string"}}}
    )
    def get_film(self, content: ContentMain) -> dict[str, str] | None:
        return {"id": content.film.public_id, "title": content.film.title} if content.film else None

    @extend_schema_field({"type": "string", "format": "uri-reference", "nullable": True})
    def get_poster(self, content: ContentMain) -> str | None:
        return hls.poster_url(content=content, viewer=self._request.user, now=timezone.now())

    @extend_schema_field({"type": "string", "format": "uri-reference", "nullable": True})
    def get_storyboard(self, content: ContentMain) -> str | None:
        return hls.storyboard_url(content=content, viewer=self._request.user, now=timezone.now())

    @extend_schema_field({"type": "number", "format": "double"})
    def get_position_seconds(self, content: ContentMain) -> float:
        return position_seconds_of(content, self._request.user)


class CaptionFactsSerializer(serializers.ModelSerializer[Caption]):
    """Captions that the player offers; `und` is a language that nobody has told."""

    class Meta:
        model = Caption
        fields = ["language", "label", "is_default", "is_forced"]
        read_only_fields = fields


class ChapterStartSerializer(serializers.ModelSerializer[Chapter]):
    """A chapter lasts until the next one, or the film's end. One without a title is counted."""

    class Meta:
        model = Chapter
        fields = ["start_seconds", "title"]
        read_only_fields = fields


class VideoDetailSerializer(VideoSerializer):
    """One item with what only its own page needs."""

    captions = CaptionFactsSerializer(many=True, read_only=True)
    chapters = ChapterStartSerializer(many=True, read_only=True)

    class Meta(VideoSerializer.Meta):
        fields = [*VideoSerializer.Meta.fields, "captions", "chapters"]
        read_only_fields = fields


class VideoChangeSerializer(serializers.ModelSerializer[ContentMain]):
    """What an owner may change."""

    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = ContentMain
        fields = list(details.FIELDS)
        extra_kwargs = {"title": {"allow_blank": False}}

    def update(self, instance: ContentMain, validated_data: dict[str, Any]) -> ContentMain:
        """Writes what was sent and nothing else."""
        details.change(content=instance, changes=validated_data)
        return instance


class UploadChangeSerializer(serializers.ModelSerializer[Upload]):
    """The words of an upload, as its film will have them. An empty title is made from the file's name."""

    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = Upload
        fields = list(details.FIELDS)


class VideoUploadSerializer(serializers.Serializer[Any]):
    """The text fields that come with an upload; the file itself has been received by then."""

    title = serializers.CharField(
        max_length=TITLE_LIMIT, required=False, allow_blank=True, help_text=_("From the file name when empty.")
    )
    description = serializers.CharField(max_length=DESCRIPTION_LIMIT, required=False, allow_blank=True, default="")
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), required=False, allow_null=True, default=None
    )
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.PUBLIC)

    def to_internal_value(self, data: Any) -> Any:
        """A form sends an empty category for none."""
        return super().to_internal_value({**data, "category": data.get("category") or None})


class VideoUploadFormSerializer(VideoUploadSerializer):
    """The multipart form as a client sends it (for the schema)."""

    file = serializers.FileField(help_text=_("The film. Any size; it is streamed."))


class RungSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, not the serializer's own label
    percent = serializers.FloatField()


class ProgressErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class JobReferenceSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    may_help = serializers.BooleanField(
        help_text=_("Whether another attempt at what has failed or was cancelled may end better.")
    )
    is_needed = serializers.BooleanField(
        help_text=_("Whether nobody can watch the item to its end without what this makes.")
    )


class ProgressSerializer(serializers.Serializer[Any]):
    """How an item is being made."""

    state = serializers.ChoiceField(choices=JobState.choices)
    stage = serializers.CharField()
    percent = serializers.FloatField()
    seconds_left = serializers.FloatField(allow_null=True)
    queue_place = serializers.IntegerField(allow_null=True)
    rungs = RungSerializer(many=True)
    error = ProgressErrorSerializer(allow_null=True)
    waits_for = ProgressErrorSerializer(
        allow_null=True, help_text=_("What keeps waiting work from being begun: `waits_for_room`, or nothing.")
    )
    job = JobReferenceSerializer(allow_null=True, help_text=_("What makes it, for `/api/jobs/<id>/`."))


class FileAddressSerializer(serializers.Serializer[Any]):
    height = serializers.IntegerField()
    url = serializers.CharField()
    bytes = serializers.IntegerField()


class CaptionAddressSerializer(serializers.Serializer[Any]):
    """A WebVTT file. `language` is BCP 47, `und` while nobody has said; an empty `label` means the language's name."""

    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, not the serializer's own label
    url = serializers.CharField()
    is_default = serializers.BooleanField()
    is_forced = serializers.BooleanField()


class LoudnessSerializer(serializers.Serializer[Any]):
    """EBU R 128, of a whole track; `gain_db` is what a player should add to even it out."""

    integrated_lufs = serializers.FloatField()
    true_peak_dbtp = serializers.FloatField()
    gain_db = serializers.FloatField()


class SoundChoiceSerializer(serializers.Serializer[Any]):
    """A sound track to choose. `language` is BCP 47, empty while nobody knows; of several, `<label>.m3u8` is the
    track's playlist."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, not the serializer's own label
    language = serializers.CharField()
    title = serializers.CharField()
    is_default = serializers.BooleanField()
    loudness = LoudnessSerializer(allow_null=True)


class PlaybackSerializer(serializers.Serializer[Any]):
    """Where the streams are, for this viewer, until `expires_at`."""

    hls = serializers.CharField()
    hls_ts = serializers.CharField(allow_blank=True, help_text=_("Empty while the film is still growing."))
    mp4 = FileAddressSerializer(many=True)
    sounds = SoundChoiceSerializer(many=True)
    poster = serializers.CharField(allow_null=True)
    storyboard = serializers.CharField(allow_null=True)
    captions = CaptionAddressSerializer(many=True)
    chapters = ChapterStartSerializer(many=True)
    words_revision = serializers.IntegerField()
    duration_seconds = serializers.FloatField()
    position_seconds = serializers.FloatField()
    version = serializers.IntegerField()
    is_growing = serializers.BooleanField(help_text=_("Whether its end is still to come: the playlists grow."))
    expires_at = serializers.DateTimeField()
