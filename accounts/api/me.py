"""`/api/me/`: one's own account."""

from __future__ import annotations

from typing import cast

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.problems import problems
from accounts.api.serializers import MeSerializer
from accounts.models import User


@method_decorator(never_cache, name="dispatch")
class MeView(APIView):
    """Who I am here, and what others read as my name. The e-mail address is changed on its page, which asks for the
    password."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me", responses={200: MeSerializer, **problems(401)})
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(cast("User", request.user)).data)

    @extend_schema(
        operation_id="me_change", request=MeSerializer, responses={200: MeSerializer, **problems(400, 401, 403)}
    )
    def patch(self, request: Request) -> Response:
        change = MeSerializer(cast("User", request.user), data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        change.save()
        return Response(change.data)
