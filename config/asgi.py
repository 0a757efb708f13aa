"""The ASGI application. Uploads and media bytes are answered before Django, whose handler reads whole bodies and costs too
much for a byte stream; WebSockets go to Channels; everything else to Django."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # before anything that needs loaded models

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from videos.http.media import media_application
from videos.http.receiver import receives, upload_application
from videos.routing import websocket_urlpatterns


async def http_application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Routes one HTTP request by its path."""
    if scope["type"] == "http" and scope["path"].startswith("/media/"):
        await media_application(scope, receive, send)
    elif scope["type"] == "http" and receives(scope):
        await upload_application(scope, receive, send, django_application)
    else:
        await django_application(scope, receive, send)


application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
