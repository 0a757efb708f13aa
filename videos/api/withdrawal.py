"""`/api/videos/<id>/withdraw/` and `…/restore/`: taking an item back, and bringing it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import PROBLEM
from accounts.models import User
from videos.api.permissions import ReadOrSignedIn
from videos.api.serializers import VideoSerializer
from videos.catalogue import selectors
from videos.models import ContentMain
from videos.publishing import withdrawing

_ANSWERS = {200: VideoSerializer, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM}


class _MoveView(GenericAPIView[ContentMain]):
    permission_classes = [ReadOrSignedIn]  # who may, the service decides
    serializer_class = VideoSerializer

    def move(self, request: Request, public_id: str, service: Callable[..., ContentMain]) -> Response:
        content = selectors.video_for(public_id, request.user)
        service(content=content, actor=cast("User", request.user))
        return Response(self.get_serializer(selectors.video_for(public_id, request.user)).data)


class WithdrawView(_MoveView):
    """Take an item back."""

    @extend_schema(operation_id="videos_withdraw", request=None, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """Nobody can play it any more, within seconds; its files stay. For its owner and moderators."""
        return self.move(request, public_id, withdrawing.withdraw)


class RestoreView(_MoveView):
    """Bring it back."""

    @extend_schema(operation_id="videos_restore", request=None, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """As it was before. What a moderator has withdrawn, only a moderator brings back (403
        `withdrawn_by_moderator`)."""
        return self.move(request, public_id, withdrawing.restore)
