"""Every address of the site. The media application and the upload receiver stand before this (config/asgi.py)."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView
from drf_spectacular.views import SpectacularAPIView

from config import errors, health
from config.catalogue import CatalogueView

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("jsi18n/<str:language>/<str:edition>/", CatalogueView.as_view(), name="javascript-catalogue"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("favicon.ico", RedirectView.as_view(url="/static/icons/favicon.svg", permanent=False)),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", TemplateView.as_view(template_name="api/docs.html"), name="docs"),
    path("api/", include("accounts.api.urls")),
    path("api/", include("videos.api.urls")),
    path("api/", include("analytics.api.urls")),
    path("api/", errors.api_not_found),
    path("api/<path:rest>", errors.api_not_found),
    path("", include("videos.pages.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler429 = "config.errors.too_many_requests"  # allauth looks it up by name
handler500 = errors.server_error
