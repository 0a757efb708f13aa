"""`/api/videos/<id>/poster/`: the picture that stands for an item, and its owner's choice of it."""

from __future__ import annotations

from typing import Any, Final, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM, problems
from accounts.models import User
from videos.api.permissions import OwnerOrEditor, ReadOrSignedIn
from videos.catalogue import selectors
from videos.errors import PictureMissing, TooLarge
from videos.models import ContentMain, Job
from videos.publishing import posters
from videos.streaming import hls

MOST_BYTES: Final = 10 << 20


class PosterSerializer(serializers.Serializer[Any]):
    """`poster` is null where there is none, or none for this viewer; `is_own`: its owner has chosen it."""

    poster = serializers.CharField(allow_null=True)
    is_own = serializers.BooleanField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class PictureSerializer(serializers.Serializer[Any]):
    """The form as a client sends it (for the schema)."""

    file = serializers.FileField(
        help_text=_(
            "JPEG, PNG or WebP, of at most 10 MB and 40 million pixels. Nothing but the picture itself is kept."
        )
    )


class FrameSerializer(serializers.Serializer[Any]):
    """Which frame of the film is to be the poster."""

    at_seconds = serializers.FloatField(min_value=0)

    def validate_at_seconds(self, value: float) -> float:
        """NaN is below nothing, and beyond the end there is no frame."""
        longest = self.context["content"].duration_seconds
        if not value <= (longest if longest is not None else value):
            raise serializers.ValidationError(_("The film ends before that."), code="invalid")
        return value


class PosterJobSerializer(serializers.Serializer[Any]):
    """The job that makes the poster; `…/api/jobs/<id>/` tells how it stands."""

    job = serializers.CharField(source="public_id")


class PosterView(GenericAPIView[ContentMain]):
    """The poster of an item: its owner's and staff's to choose."""

    permission_classes = [ReadOrSignedIn, OwnerOrEditor]
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    serializer_class = PosterSerializer
    queryset = ContentMain.objects.none()  # which item, the address tells

    @extend_schema(operation_id="poster_retrieve", responses={200: PosterSerializer, 404: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        return self._told(request, self._item(request, public_id))

    @extend_schema(
        operation_id="poster_replace",
        request={"multipart/form-data": PictureSerializer},
        responses={200: PosterSerializer, **problems(400, 401, 403, 404, 413, 415, 503, 507)},
    )
    def put(self, request: Request, public_id: str) -> Response:
        """Takes a picture; it stays until another one is chosen."""
        content = self._item(request, public_id)
        sent = request.FILES.get("file")
        if not isinstance(sent, UploadedFile):
            raise PictureMissing
        if (sent.size or 0) > MOST_BYTES:
            raise TooLarge(f"{sent.size} bytes")
        posters.take_picture(content=content, chunks=sent.chunks())
        return self._told(request, self._item(request, public_id))

    @extend_schema(
        operation_id="poster_take_frame",
        request=FrameSerializer,
        responses={202: PosterJobSerializer, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Takes the frame at a second of the film. A film is not read while you wait: the answer is a job."""
        content = self._item(request, public_id)
        wanted = FrameSerializer(data=request.data, context={"content": content})
        wanted.is_valid(raise_exception=True)
        actor = cast("User", request.user)
        return _accepted(posters.take_frame(content=content, actor=actor, **wanted.validated_data))

    @extend_schema(
        operation_id="poster_choose_again",
        responses={202: PosterJobSerializer, 204: None, **problems(401, 403, 404, 409)},
    )
    def delete(self, request: Request, public_id: str) -> Response:
        """Gives the choice up: a job finds a good picture again. Of sound alone the picture goes at once (204)."""
        content = self._item(request, public_id)
        job = posters.choose_again(content=content, actor=cast("User", request.user))
        return Response(status=status.HTTP_204_NO_CONTENT) if job is None else _accepted(job)

    def _item(self, request: Request, public_id: str) -> ContentMain:
        """The item, if this person may see it, and for a change may change it."""
        content = selectors.video_for(public_id, request.user)
        self.check_object_permissions(request, content)
        return content

    def _told(self, request: Request, content: ContentMain) -> Response:
        url = hls.poster_url(content=content, viewer=request.user, now=timezone.now())
        row = posters.of(content) if url else None
        body = {
            "poster": url,
            "is_own": row is not None and row.is_own,
            "width": row.width_px if row else None,
            "height": row.height_px if row else None,
        }
        return Response(PosterSerializer(body).data, headers={"Cache-Control": "private, no-store"})


def _accepted(job: Job) -> Response:
    location = f"/api/jobs/{job.public_id}/"
    return Response(PosterJobSerializer(job).data, status=status.HTTP_202_ACCEPTED, headers={"Location": location})
