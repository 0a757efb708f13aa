"""`/api/videos/<id>/chapters/`: read by who may see the item, written as a whole by its owner and staff."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any  # DRF hands validated data around as dicts

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM, problems
from videos.api.permissions import OwnerOrEditor, ReadOrSignedIn
from videos.catalogue import selectors
from videos.models import Chapter, ContentMain
from videos.publishing import words


class ChapterSerializer(serializers.ModelSerializer[Chapter]):
    """A chapter lasts until the next one, or the film's end. One without a title is counted by players."""

    start_seconds = serializers.FloatField(min_value=0.0)
    title = serializers.CharField(max_length=200, allow_blank=True)

    class Meta:
        model = Chapter
        fields = ["start_seconds", "title"]

    def validate_start_seconds(self, seconds: float) -> float:
        if not math.isfinite(seconds):
            raise serializers.ValidationError(_("Write a number of seconds."), code="invalid")
        return round(seconds, 3)


class ChaptersSerializer(serializers.Serializer[Any]):
    """All chapters, in order. `is_own`: written by the owner, not found in the film's file."""

    chapters: serializers.ListSerializer[Chapter] = serializers.ListSerializer(
        child=ChapterSerializer(), max_length=words.MOST_CHAPTERS
    )
    is_own = serializers.BooleanField(read_only=True)

    def validate_chapters(self, chapters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        starts = [chapter["start_seconds"] for chapter in chapters]
        if any(later <= earlier for earlier, later in pairwise(starts)):
            raise serializers.ValidationError(_("Each chapter begins after the one before it."), code="order")
        duration: float | None = self.context["duration_seconds"]
        if duration is not None and starts and starts[-1] >= duration:
            raise serializers.ValidationError(_("A chapter begins before the film ends."), code="bounds")
        return chapters


class ChaptersView(GenericAPIView[ContentMain]):
    """The chapters of an item."""

    permission_classes = [ReadOrSignedIn, OwnerOrEditor]
    serializer_class = ChaptersSerializer
    queryset = ContentMain.objects.none()

    def _item(self, request: Request, public_id: str) -> ContentMain:
        content = selectors.video_for(public_id, request.user)
        self.check_object_permissions(request, content)
        return content

    @extend_schema(operation_id="chapters_list", responses={200: ChaptersSerializer, 404: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        return self._answer(self._item(request, public_id))

    @extend_schema(
        operation_id="chapters_replace",
        request=ChaptersSerializer,
        responses={200: ChaptersSerializer, **problems(400, 401, 403, 404)},
    )
    def put(self, request: Request, public_id: str) -> Response:
        """Takes the place of all that were there. An empty list is a film without chapters."""
        content = self._item(request, public_id)
        fields = ChaptersSerializer(data=request.data, context={"duration_seconds": content.duration_seconds})
        fields.is_valid(raise_exception=True)
        sent = fields.validated_data["chapters"]
        chapters = [(chapter["start_seconds"], chapter["title"]) for chapter in sent]
        words.set_chapters(content=content, chapters=chapters)
        return self._answer(content)

    @extend_schema(operation_id="chapters_reset", responses={200: ChaptersSerializer, **problems(401, 403, 404)})
    def delete(self, request: Request, public_id: str) -> Response:
        """Back to those of the film's file."""
        content = self._item(request, public_id)
        words.reset_chapters(content=content)
        return self._answer(content)

    def _answer(self, content: ContentMain) -> Response:
        found = Chapter.objects.filter(content=content)
        return Response(ChaptersSerializer({"chapters": found, "is_own": content.has_own_chapters}).data)
