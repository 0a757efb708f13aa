"""`/api/playback/…`: a player opens a session and reports every few seconds what it played."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.addresses import client_network
from accounts.api.problems import PROBLEM
from accounts.throttling import Limit
from analytics import ingest, tokens
from analytics.api import serializers
from analytics.api.parsers import BeaconParser, ShortJSONParser
from analytics.sessions import BEAT_SECONDS
from videos.jobs.progress import progress_of
from videos.models import ContentMain
from videos.streaming.playback import check_playable

# Room for a class of people behind one address, none for a script.
OPENINGS = Limit("playback-sessions", amount=300, window_seconds=60)


class PlaybackSessionsView(APIView):
    """Opening a session counts nothing; only what is played afterwards does."""

    permission_classes = [AllowAny]
    parser_classes = [ShortJSONParser]

    @extend_schema(
        operation_id="playback_session_open",
        request=serializers.SessionOpeningSerializer,
        responses={
            201: serializers.SessionSerializer,
            **dict.fromkeys((400, 401, 403, 404, 409, 413, 429), PROBLEM),
        },
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()  # before anything slow: the player is playing already
        network = client_network(request._request)  # noqa: SLF001 -- DRF's own request is no HttpRequest
        subject = f"member {request.user.pk}" if request.user.is_authenticated else network
        OPENINGS.count(subject)
        wanted = serializers.SessionOpeningSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        visible = ContentMain.objects.visible_to(request.user)
        content = visible.filter(public_id=wanted.validated_data["video"]).first()
        if content is None:
            raise Http404
        check_playable(content=content, viewer=request.user, progress=progress_of)
        session = ingest.open_session(
            content=content,
            viewer=request.user,
            visit=_visit(request, network=network, referrer=wanted.validated_data["referrer"]),
            now=now,
        )
        opened = {"session": tokens.token_for(session.public_id), "beat_seconds": BEAT_SECONDS}
        return Response(serializers.SessionSerializer(opened).data, status=status.HTTP_201_CREATED)


def _visit(request: Request, *, network: str, referrer: str) -> ingest.Visit:
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return ingest.Visit(
        network=network,
        user_agent=request.headers.get("User-Agent", "")[:1000],
        referrer=referrer,
        is_prefetch="prefetch" in purpose,
    )


class HeartbeatsView(APIView):
    """Needs no cookie and no account: the signed session is the capability. Beats may come late, in order."""

    authentication_classes = []
    permission_classes = [AllowAny]
    parser_classes = [ShortJSONParser, BeaconParser]

    @extend_schema(
        operation_id="playback_heartbeat",
        request=serializers.BeatSerializer,
        responses={
            200: serializers.BeatReceiptSerializer,
            **dict.fromkeys((400, 403, 410, 413, 429), PROBLEM),
        },
    )
    def post(self, request: Request) -> Response:
        report = serializers.BeatSerializer(data=request.data)
        report.is_valid(raise_exception=True)
        fields = report.validated_data
        receipt = ingest.take_beat(
            session_id=tokens.session_id_in(fields["session"]),
            beat=report.beat(),
            quality=ingest.PlayingQuality(fields["rung"], fields["stalls"], fields["stall_seconds"]),
            sent_at=fields["sent_at"],
            now=timezone.now(),
        )
        answer = {"accepted": receipt.is_accepted, "watched_seconds": round(receipt.watched_seconds, 3)}
        return Response(serializers.BeatReceiptSerializer(answer).data)
