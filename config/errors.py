"""The one place where errors become HTTP: RFC 9457 problem details for the API, pages for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # DRF's error details are nested lists and dicts of strings

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import select_template
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.errors import AccountError, TooManyRequests
from analytics.errors import AnalyticsError
from videos.errors import VideoError
from videos.http.problems import title_of

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
DOMAIN_ERRORS = (AccountError, AnalyticsError, VideoError)

# The stable `code` of an error decides its status; anything not named here is the client's mistake.
STATUS_BY_CODE: dict[str, int] = {
    "too_many_requests": 429,
    "insufficient_storage": 507,
    "storage_unavailable": 503,
    "file_gone": 404,
    "too_large": 413,
    "unsupported_media_type": 415,
    "upload_stalled": 408,
    "not_found": 404,
    "not_ready": 409,
    "rejected": 409,
    "failed": 409,
    "withdrawn": 409,
    "already_decided": 409,
    "changed": 409,
    "nothing_to_approve": 409,
    "wrong_state": 409,
    "superseded": 409,
    "sign_up_closed": 403,
    "email_not_verified": 403,
    "unavailable": 503,
    "not_permitted": 403,
    "too_many_uploads": 403,
    "withdrawn_by_moderator": 403,
    "session_invalid": 403,
    "session_ended": 410,
    "wrong_offset": 409,
    "upload_expired": 410,
    "wrong_tus_version": 412,
    "quota_exceeded": 413,
    "upload_locked": 423,
    "checksum_mismatch": 460,
}


def problem(
    *, status: int, code: str, detail: str, errors: Any = None, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A problem document. `code` is stable; `title` and `detail` are for people, in their language."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return {**body, **(extra or {})}


def _respond(body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    response = Response(body, status=body["status"], headers=dict(headers or {}), content_type=PROBLEM_TYPE)
    set_rollback()
    return response


def _from_domain(error: AccountError | AnalyticsError | VideoError) -> Response:
    status = STATUS_BY_CODE.get(error.code, 400)
    body = problem(status=status, code=error.code, detail=str(error.message), extra=getattr(error, "extra", None))
    retry_after = getattr(error, "retry_after_seconds", None)
    return _respond(body, {"Retry-After": str(retry_after)} if retry_after else None)


def _from_drf(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait_seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait_seconds) + 1)
    errors = None
    detail = error.detail
    code = error.default_code
    if isinstance(error, exceptions.ValidationError):
        code, errors, text = "invalid", detail, _("Some fields need another value.")
    elif isinstance(detail, list | dict):
        text = _("The request could not be understood.")
    else:
        text, code = str(detail), getattr(detail, "code", None) or code
    return _respond(problem(status=error.status_code, code=str(code), detail=text, errors=errors), headers)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. Unknown errors go on to become a 500 that tells nothing."""
    if isinstance(error, AccountError | AnalyticsError | VideoError):
        return _from_domain(error)
    if isinstance(error, Http404):
        return _from_drf(exceptions.NotFound(_("There is nothing here, or it is not for you.")))
    if isinstance(error, PermissionDenied):
        return _from_drf(exceptions.PermissionDenied())
    if isinstance(error, ValidationError):
        return _from_drf(exceptions.ValidationError(error.messages))
    if isinstance(error, OperationalError):
        log.warning("database did not answer", error=str(error))
        body = problem(status=503, code="unavailable", detail=_("The site is busy. Please try again in a moment."))
        return _respond(body, {"Retry-After": "5"})
    return _from_drf(error) if isinstance(error, exceptions.APIException) else None


def domain_error_page(request: HttpRequest, error: AccountError | AnalyticsError | VideoError) -> HttpResponse:
    """What a page answers when a service refuses: the same status and Retry-After as the API's."""
    response = _answer(request, STATUS_BY_CODE.get(error.code, 400), error.code, str(error.message))
    if retry_after := getattr(error, "retry_after_seconds", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if _is_api(request):
        return JsonResponse(problem(status=status, code=code, detail=detail), status=status, content_type=PROBLEM_TYPE)
    page = select_template([f"{status}.html", "400.html"])  # a status without a page of its own still says its detail
    return HttpResponse(page.render({"detail": detail}, request), status=status)


@csrf_exempt
def api_not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Whatever under /api/ no issue has asked for."""
    return _answer(request, 404, "not_found", _("There is nothing here, or it is not for you."))


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, "bad_request", _("The request could not be understood."))


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, "not_permitted", _("You may not do this."))


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "not_found", _("There is nothing here, or it is not for you."))


@requires_csrf_token
def too_many_requests(request: HttpRequest) -> HttpResponse:
    """allauth's own limits (reset mails, password changes) end here; the longest of them is five minutes."""
    return domain_error_page(request, TooManyRequests(60))


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "server_error", _("Something broke on our side. It has been written down."))
