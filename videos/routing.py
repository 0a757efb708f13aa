"""WebSocket addresses of the videos app."""

from __future__ import annotations

from django.urls import URLPattern, path

from videos.consumers import VideoConsumer

websocket_urlpatterns: list[URLPattern] = [
    path("ws/v1/videos/<str:public_id>/", VideoConsumer.as_asgi()),
]
