"""`/api/videos/…`: list, upload, one item, how it is made and where it plays."""

from __future__ import annotations

from typing import cast

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM
from accounts.models import User
from videos.api import serializers
from videos.api.filters import WhoseFilterSet, YesOrNoFilter
from videos.api.permissions import OwnerOrStaff, ReadOrSignedIn
from videos.api.received import received
from videos.catalogue import selectors
from videos.errors import FileMissing
from videos.ingest.accept import accept_source
from videos.ingest.files import ReceivedFile
from videos.jobs.progress import progress_of
from videos.models import Category, ContentMain
from videos.publishing import versions
from videos.streaming import playback


class VideoFilter(WhoseFilterSet):
    """`?category=<slug>`, `?ordering=newest|views|longest|shortest|title`, `?mine=true` for one's own in every
    state instead of what is listed."""

    category = django_filters.ModelChoiceFilter(queryset=Category.objects.all(), to_field_name="slug")
    ordering = django_filters.ChoiceFilter(
        choices=[(name, name) for name in selectors.ORDERINGS], method="ordered", label=_("order of the list")
    )
    mine = YesOrNoFilter(method="already_decided", label=_("only one's own, in every state; needs an account"))

    class Meta:
        model = ContentMain
        fields = ["category", "ordering", "mine"]

    def whose_list(self) -> QuerySet[ContentMain]:
        viewer = self.request.user
        if not self.form.cleaned_data["mine"]:
            return selectors.listed_videos(viewer=viewer)
        if isinstance(viewer, User):
            return selectors.own_videos(viewer)
        raise NotAuthenticated

    def ordered(self, items: QuerySet[ContentMain], _name: str, value: str) -> QuerySet[ContentMain]:
        return items.order_by(*selectors.ORDERINGS[value])


class VideoListView(GenericAPIView[ContentMain]):
    """The catalogue, and the door for new films."""

    permission_classes = [ReadOrSignedIn]
    serializer_class = serializers.VideoSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = VideoFilter

    queryset = ContentMain.objects.none()  # VideoFilter knows whose list is asked for

    @extend_schema(
        operation_id="videos_list",
        responses={200: serializers.VideoSerializer(many=True), 400: PROBLEM, 401: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="videos_upload",
        request={"multipart/form-data": serializers.VideoUploadFormSerializer},
        responses={
            201: serializers.VideoSerializer, 400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 413: PROBLEM, 507: PROBLEM,
        },
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Takes a film. The file has been streamed to disk by the upload receiver; this stores and queues it."""
        if (file := received(request, ReceivedFile)) is None:
            raise FileMissing
        fields = serializers.VideoUploadSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        content = accept_source(owner=cast("User", request.user), received=file, **fields.validated_data)
        shown = selectors.video_for(content.public_id, request.user)
        body = self.get_serializer(shown).data
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": f"/api/videos/{content.public_id}/"})


class VideoView(GenericAPIView[ContentMain]):
    """One item."""

    permission_classes = [ReadOrSignedIn, OwnerOrStaff]
    serializer_class = serializers.VideoDetailSerializer

    def _item(self, request: Request, public_id: str) -> ContentMain:
        content = selectors.video_for(public_id, request.user)
        self.check_object_permissions(request, content)
        return content

    @extend_schema(operation_id="videos_retrieve", responses={200: serializers.VideoDetailSerializer, 404: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        return Response(self.get_serializer(self._item(request, public_id)).data)

    @extend_schema(
        operation_id="videos_change",
        request=serializers.VideoChangeSerializer,
        responses={200: serializers.VideoDetailSerializer, 400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM},
    )
    def patch(self, request: Request, public_id: str) -> Response:
        change = serializers.VideoChangeSerializer(self._item(request, public_id), data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        change.save()
        return self.get(request, public_id)

    @extend_schema(operation_id="videos_delete", responses={204: None, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM})
    def delete(self, request: Request, public_id: str) -> Response:
        versions.delete(content=self._item(request, public_id), actor=cast("User", request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PlaybackView(GenericAPIView[ContentMain]):
    """The only way to learn a stream's address."""

    permission_classes = [ReadOrSignedIn]
    serializer_class = serializers.PlaybackSerializer

    @extend_schema(
        operation_id="videos_playback", responses={200: serializers.PlaybackSerializer, 404: PROBLEM, 409: PROBLEM}
    )
    def get(self, request: Request, public_id: str) -> Response:
        content = selectors.video_for(public_id, request.user)
        found = playback.playback_of(
            content=content,
            viewer=request.user,
            position_seconds=selectors.position_seconds_of(content, request.user),
            progress=progress_of,
        )
        response = Response(self.get_serializer(found).data)
        response["Cache-Control"] = "private, no-store"
        return response


class ProgressView(GenericAPIView[ContentMain]):
    """How the item is being made."""

    permission_classes = [ReadOrSignedIn]
    serializer_class = serializers.ProgressSerializer

    @extend_schema(operation_id="videos_progress", responses={200: serializers.ProgressSerializer, 404: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        response = Response(self.get_serializer(progress_of(selectors.video_for(public_id, request.user))).data)
        response["Cache-Control"] = "private, no-store"
        return response
