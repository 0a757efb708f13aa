"""`/api/uploads/…`: the tus protocol 1.0.0, and what is being uploaded as JSON. Bytes are received by
videos/http/resumable.py before these views run."""

from __future__ import annotations

from email.utils import format_datetime
from typing import cast

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM
from accounts.models import User
from videos.api.received import received
from videos.api.serializers import UploadChangeSerializer
from videos.errors import StorageError
from videos.ingest import tus, uploads
from videos.ingest.refusals import UnsupportedPart, UploadLocked
from videos.ingest.uploads import ReceivedPart
from videos.models import Category, Upload, UploadState
from videos.publishing import details

BYTES = {"application/offset+octet-stream": OpenApiTypes.BINARY}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "OPTIONS, GET, HEAD, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, Upload-Checksum, "
        "X-HTTP-Method-Override, X-Requested-With, X-CSRFToken"
    ),
    "Access-Control-Max-Age": "86400",
}


def _field(name: str, description: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=description)


RESUMABLE = _field("Tus-Resumable", "The protocol's version: `1.0.0`.")
OFFSET = _field("Upload-Offset", "How much of the upload the client believes to be here, in bytes.")
CHECKSUM = _field("Upload-Checksum", "`sha1` or `sha256`, a blank, and the body's digest in base64.", required=False)
LENGTH = _field("Upload-Length", "How many bytes the film has.")
METADATA = _field(
    "Upload-Metadata",
    "Pairs of a key and a UTF-8 text in base64: `filename`, `title`, `description`, `category` (a slug), `visibility`; "
    "`replaces`: the id of one’s own video whose film this one takes the place of.",
    required=False,
)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """An upload. `offset` is how much of it has come; `video` is the item that a finished one has become."""

    id = serializers.CharField(source="public_id", read_only=True)
    offset = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=UploadState.choices, read_only=True)
    video = serializers.SerializerMethodField()
    replaces = serializers.SerializerMethodField()
    category = serializers.SlugRelatedField[Category](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Upload
        fields = [
            "id", "bytes", "offset", "expires_at", "state", "video", "filename", "title", "description", "category",
            "visibility", "replaces", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.INT64)
    def get_offset(self, upload: Upload) -> int:
        return uploads.shown_offset(upload)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_video(self, upload: Upload) -> str | None:
        return upload.item.public_id if upload.item and upload.is_finished else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_replaces(self, upload: Upload) -> str | None:
        return upload.replaces.public_id if upload.replaces else None


class TusView(GenericAPIView[Upload]):
    """What both addresses have in common."""

    permission_classes = [IsAuthenticated]
    serializer_class = UploadSerializer

    def get_permissions(self) -> list[BasePermission]:
        """Browsers ask what is allowed without saying who they are."""
        asked = [AllowAny()] if self.request.method == "OPTIONS" else super().get_permissions()
        return cast("list[BasePermission]", asked)

    def options(self, request: HttpRequest, *_args: object, **_parameters: object) -> Response:
        """What this server can do, for clients and for browsers that ask on behalf of another site's page."""
        offered = {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
            tus.PART_BYTES_FIELD: str(settings.UPLOAD_PART_BYTES),
        }
        if settings.UPLOAD_MAX_BYTES:
            offered["Tus-Max-Size"] = str(settings.UPLOAD_MAX_BYTES)
        return Response(status=status.HTTP_204_NO_CONTENT, headers={**offered, **PREFLIGHT})

    def user(self) -> User:
        return cast("User", self.request.user)


class UploadListView(TusView):
    """Announce an upload, or see which are unfinished."""

    queryset = Upload.objects.none()  # whose list it is, the request tells

    @extend_schema(operation_id="uploads_list", responses={200: UploadSerializer(many=True), 401: PROBLEM})
    def get(self, request: Request) -> Response:
        """One's own unfinished uploads, the newest first."""
        unfinished = uploads.unfinished_of(self.user()).select_related("category", "content", "replaces")
        page = self.paginate_queryset(unfinished)
        return _unstored(self.get_paginated_response(self.get_serializer(page, many=True).data))

    @extend_schema(
        operation_id="uploads_create",
        parameters=[RESUMABLE, LENGTH, METADATA, CHECKSUM],
        request=BYTES,
        responses={
            201: UploadSerializer, 400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 412: PROBLEM, 413: PROBLEM, 460: PROBLEM,
            507: PROBLEM,
        },
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Announces a film and reserves its space. The body may hold its first bytes. The answer's `Location` takes
        the rest; `Matinee-Part-Bytes` is the size that this site would like parts to have."""
        part = received(request, ReceivedPart)
        if part is None:
            upload = uploads.create_upload(
                owner=self.user(),
                total_bytes=tus.number("Upload-Length", request.headers.get("Upload-Length", "")),
                metadata=request.headers.get("Upload-Metadata", ""),
            )
            part = ReceivedPart(upload, 0)
        upload = uploads.finish_if_whole(part)
        headers = {
            **_standing(upload, part.offset),
            "Location": f"/api/uploads/{upload.public_id}/",
            tus.PART_BYTES_FIELD: str(settings.UPLOAD_PART_BYTES),
        }
        return Response(self.get_serializer(upload).data, status=status.HTTP_201_CREATED, headers=headers)


class UploadView(TusView):
    """One upload."""

    @extend_schema(operation_id="uploads_retrieve", responses={200: UploadSerializer, 404: PROBLEM, 410: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        """Where it stands, also while it is being written to. `HEAD` tells the protocol's clients the same in fields,
        and ends an older request that still writes."""
        return _unstored(Response(self.get_serializer(uploads.upload_of(self.user(), public_id)).data))

    def head(self, request: Request, public_id: str) -> Response:
        """The offset from which to go on; a film that has come whole is handed over. What may pass is told as 423:
        after any other refusal tus-js-client forgets the upload and sends the film from its beginning."""
        try:
            with uploads.held(owner=self.user(), public_id=public_id) as part:
                upload = uploads.finish_if_whole(part)
        except (StorageError, DatabaseError) as error:
            raise UploadLocked(str(error)) from error
        headers = {**_standing(upload, part.offset), "Upload-Length": str(upload.bytes)}
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return _unstored(Response(status=status.HTTP_200_OK, headers=headers))

    @extend_schema(
        operation_id="uploads_append",
        parameters=[RESUMABLE, OFFSET, CHECKSUM],
        request={**BYTES, "application/json": UploadChangeSerializer},
        responses={
            200: UploadSerializer, 204: None, 400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 408: PROBLEM,
            409: PROBLEM, 410: PROBLEM, 412: PROBLEM, 413: PROBLEM, 415: PROBLEM, 423: PROBLEM, 460: PROBLEM,
            507: PROBLEM,
        },
    )  # fmt: skip
    def patch(self, request: Request, public_id: str) -> Response:
        """Adds bytes. The answer to the last ones names the item in `Matinee-Video`. JSON changes the words instead,
        without the protocol's fields and while bytes are on their way; after the last ones, those of the item."""
        part = received(request, ReceivedPart)
        if part is None:
            return self._change_words(request, public_id)
        upload = uploads.finish_if_whole(part)
        return Response(status=status.HTTP_204_NO_CONTENT, headers=_standing(upload, part.offset))

    def _change_words(self, request: Request, public_id: str) -> Response:
        upload = uploads.upload_of(self.user(), public_id)
        if request.content_type.partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedPart
        change = UploadChangeSerializer(upload, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        words = change.validated_data
        upload = uploads.change_words(owner=self.user(), public_id=public_id, changes=words)
        if upload.content:  # it has a title already: an empty one is no wish for another
            wishes = {name: value for name, value in words.items() if value or name != "title"}
            details.change(content=upload.content, changes=wishes)
        return _unstored(Response(self.get_serializer(upload).data))

    @extend_schema(
        operation_id="uploads_terminate",
        parameters=[RESUMABLE],
        responses={204: None, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 410: PROBLEM, 412: PROBLEM, 423: PROBLEM},
    )
    def delete(self, request: Request, public_id: str) -> Response:
        """Gives the upload up and frees its space. The film that a finished one has become stays, and `Matinee-Video`
        names it: whoever gave up may have been a moment late."""
        with uploads.held(owner=self.user(), public_id=public_id) as part:
            upload = part.upload
            became = {tus.VIDEO_FIELD: upload.item.public_id} if upload.item and upload.is_finished else {}
            uploads.terminate(upload)
        return Response(status=status.HTTP_204_NO_CONTENT, headers=became)


def _standing(upload: Upload, offset: int) -> dict[str, str]:
    """Fields that tell where an upload stands."""
    fields = {
        "Upload-Offset": str(offset),
        "Upload-Expires": format_datetime(upload.expires_at.replace(microsecond=0), usegmt=True),
    }
    if upload.item and upload.is_finished:
        fields[tus.VIDEO_FIELD] = upload.item.public_id
    return fields


def _unstored(response: Response) -> Response:
    response["Cache-Control"] = "no-store"
    return response
