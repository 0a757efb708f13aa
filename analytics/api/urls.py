"""JSON API of the analytics app."""

from __future__ import annotations

from django.urls import path

from analytics.api import playback

app_name = "analytics-api"
urlpatterns = [
    path("playback/sessions/", playback.PlaybackSessionsView.as_view(), name="playback-sessions"),
    path("playback/heartbeats/", playback.HeartbeatsView.as_view(), name="playback-heartbeats"),
]
