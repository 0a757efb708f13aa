"""Who may do what with a video through the API."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from videos.models import ContentMain


class ReadOrSignedIn(BasePermission):
    """Guests read; changing needs an account. What a guest may see is decided by the querysets."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or request.user.is_authenticated


class OwnerOrStaff(BasePermission):
    """Only its owner, or staff with the right to, change an item."""

    def has_object_permission(self, request: Request, view: APIView, obj: ContentMain) -> bool:
        if request.method in SAFE_METHODS or obj.owner_id == request.user.pk:
            return True
        verb = "delete" if request.method == "DELETE" else "change"
        return bool(request.user.is_staff and request.user.has_perm(f"videos.{verb}_contentmain"))


class OwnerOrEditor(BasePermission):
    """Only its owner, or staff with the right to change it, add to an item or take something of it away."""

    def has_object_permission(self, request: Request, view: APIView, obj: ContentMain) -> bool:
        if request.method in SAFE_METHODS or obj.owner_id == request.user.pk:
            return True
        return bool(request.user.is_staff and request.user.has_perm("videos.change_contentmain"))
