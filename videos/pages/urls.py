"""Pages of the videos app."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "videos"
urlpatterns: list[URLPattern] = []
