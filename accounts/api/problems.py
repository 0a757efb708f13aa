"""How the schema describes errors; what makes them is config/errors.py."""

from __future__ import annotations

from typing import Any  # serializers without a model carry dicts

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text=_("Stable; what programs decide on."))
    detail = serializers.CharField()
    errors = serializers.DictField(required=False)  # type: ignore[assignment]  # also the name of a serializer's own


PROBLEM = OpenApiResponse(ProblemSerializer, description="Problem details")


def problems(*statuses: int) -> dict[int, OpenApiResponse]:
    """Entries for `extend_schema(responses={…, **problems(400, 429)})`."""
    return dict.fromkeys(statuses, PROBLEM)
