"""The ASGI application. Uploads, media bytes and static files are answered before Django, whose handler reads whole
bodies and costs too much for a byte stream; WebSockets go to Channels; everything else to Django."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# WhiteNoise hands static files over as plain iterators; Django reads such a (small, hashed, cached) file whole.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
# First of all: what is imported below needs loaded models.
django_application = cast("ASGI3Application", get_asgi_application())

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from config import proxies  # noqa: E402
from config.static_files import static_application  # noqa: E402
from videos.http.body_limit import limited  # noqa: E402
from videos.http.media import media_application  # noqa: E402
from videos.http.receiver import receives, upload_application  # noqa: E402
from videos.http.resumable import is_about_uploads, resumable_application  # noqa: E402
from videos.routing import websocket_urlpatterns  # noqa: E402

if TYPE_CHECKING:
    from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

capped_django = limited(django_application)


async def http_application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Routes one HTTP request by its path."""
    if scope["type"] == "http" and scope["path"].startswith("/media/"):
        await media_application(scope, receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
        await static_application(scope, receive, send, django=capped_django)
    elif scope["type"] == "http" and receives(scope):
        await upload_application(scope, receive, send, django_application)
    elif is_about_uploads(scope):
        await resumable_application(scope, receive, send, django=django_application, capped_django=capped_django)
    else:
        await capped_django(scope, receive, send)


# Who is asking is found out by the consumers themselves, and asked again while a socket lives (videos/consumers.py).
doors = ProtocolTypeRouter(
    {"http": http_application, "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))}
)
application = proxies.behind(settings.TRUSTED_PROXIES, doors)
