"""`/api/videos/<id>/captions/…`: who may see an item reads what captions it has; its owner and staff change them. Their
text is under the grant of `…/playback/`."""

from __future__ import annotations

from typing import Any  # DRF hands validated data around as dicts

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM, problems
from videos.api.permissions import OwnerOrEditor, ReadOrSignedIn
from videos.catalogue import selectors
from videos.errors import CaptionsTooLarge
from videos.models import Caption, ContentMain
from videos.pipeline import captions, languages
from videos.publishing import words
from videos.publishing.words_step import UNKNOWN_LANGUAGE


class LanguageField(serializers.CharField):
    """A language as people and files write it, kept as a BCP 47 tag."""

    def to_internal_value(self, data: Any) -> str:
        written = super().to_internal_value(data)
        tag = UNKNOWN_LANGUAGE if written.lower() == UNKNOWN_LANGUAGE else languages.bcp47(written)
        if not tag:
            raise serializers.ValidationError(_("Write a language tag such as “en” or “zh-Hans”."), code="invalid")
        return tag


class CaptionSerializer(serializers.ModelSerializer[Caption]):
    """Captions of an item. `origin` is `uploaded`, or `file` for those that the film's file brought along."""

    id = serializers.CharField(source="token", read_only=True)
    language = LanguageField(max_length=16, help_text=_("BCP 47, or `und` for none that is known."))

    class Meta:
        model = Caption
        fields = ["id", "language", "label", "is_default", "is_forced", "origin", "cues", "bytes", "created_at"]
        read_only_fields = ["origin", "cues", "bytes", "created_at"]


class CaptionUploadSerializer(CaptionSerializer):
    """What comes with a file, and the file."""

    file = serializers.FileField(
        write_only=True, allow_empty_file=True, help_text=_("SRT, WebVTT, ASS or SSA of at most 2 MB, in any charset.")
    )

    class Meta(CaptionSerializer.Meta):
        fields = [*CaptionSerializer.Meta.fields, "file"]


class _WordsView(GenericAPIView[Caption]):
    permission_classes = [ReadOrSignedIn, OwnerOrEditor]
    serializer_class = CaptionSerializer
    queryset = Caption.objects.none()  # of which item, the address tells
    pagination_class = None

    def item(self, request: Request, public_id: str) -> ContentMain:
        """The item, if this person may see it, and for a change may change it."""
        content = selectors.video_for(public_id, request.user)
        self.check_object_permissions(request, content)
        return content


class CaptionListView(_WordsView):
    """The captions of an item."""

    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="captions_list", responses={200: CaptionSerializer(many=True), 404: PROBLEM})
    def get(self, request: Request, public_id: str) -> Response:
        found = Caption.objects.filter(content=self.item(request, public_id))
        return Response(CaptionSerializer(found, many=True).data)

    @extend_schema(
        operation_id="captions_upload",
        request={"multipart/form-data": CaptionUploadSerializer},
        responses={201: CaptionSerializer, **problems(400, 401, 403, 404, 413, 415, 503, 507)},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Adds a file. Where it is to be the default, it takes that from the captions that had it."""
        content = self.item(request, public_id)
        fields = CaptionUploadSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        file = fields.validated_data.pop("file")
        if file.size > captions.MOST_BYTES:
            raise CaptionsTooLarge(f"{file.size} bytes")
        caption = words.add_captions(content=content, file=file.read(), **fields.validated_data)
        return Response(CaptionSerializer(caption).data, status=status.HTTP_201_CREATED)


class CaptionView(_WordsView):
    """One of an item's captions."""

    parser_classes = [JSONParser, FormParser, MultiPartParser]

    def _caption(self, request: Request, public_id: str, token: str) -> Caption:
        content = self.item(request, public_id)
        caption = Caption.objects.filter(content=content, token=token).first()
        if caption is None:
            raise Http404
        return caption

    @extend_schema(
        operation_id="captions_change",
        request=CaptionSerializer,
        responses={200: CaptionSerializer, **problems(400, 401, 403, 404)},
    )
    def patch(self, request: Request, public_id: str, token: str) -> Response:
        """Language, name, and when they are shown. The default of an item is at most one: the last that was made it."""
        caption = self._caption(request, public_id, token)
        change = CaptionSerializer(caption, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        changed = words.change_captions(caption=caption, changes=change.validated_data)
        return Response(CaptionSerializer(changed).data)

    @extend_schema(operation_id="captions_delete", responses={204: None, **problems(401, 403, 404)})
    def delete(self, request: Request, public_id: str, token: str) -> Response:
        words.remove_captions(caption=self._caption(request, public_id, token))
        return Response(status=status.HTTP_204_NO_CONTENT)
