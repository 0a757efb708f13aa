"""Middleware of the whole site: a request id on every log line, slashes added only where that is safe, browser
permissions."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from config.errors import DOMAIN_ERRORS, domain_error_page


class SafeSlashMiddleware(CommonMiddleware):
    """Adds a missing slash by redirect for reading methods only: a redirected POST would lose its body."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in {"GET", "HEAD"} and super().should_redirect_with_slash(request)


GetResponse = Callable[[HttpRequest], HttpResponseBase]
GetResponseAsync = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class RequestLogMiddleware:
    """Binds `request_id` for every log line of the request and returns it in X-Request-ID."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse | GetResponseAsync) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request_id = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            response["X-Request-ID"] = request_id
            return response
        return self._stamped(response, request_id)

    @staticmethod
    async def _stamped(response: Awaitable[HttpResponseBase], request_id: str) -> HttpResponseBase:
        finished = await response
        finished["X-Request-ID"] = request_id
        return finished


class PermissionsPolicyMiddleware:
    """Tells browsers which device features pages may ask for."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class DomainErrorMiddleware:
    """A refusal that a service raised inside a page becomes that page's answer; the API has its own way (errors.py)."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """None leaves everything else to Django."""
        if isinstance(exception, DOMAIN_ERRORS):
            return domain_error_page(request, exception)
        return None
