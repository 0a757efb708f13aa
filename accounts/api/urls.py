"""JSON API of the accounts app."""

from __future__ import annotations

from django.urls import path

# Its classes let the API's schema know our ways of signing in. Here rather than in `ready`: what it loads costs every
# start of a process a third of a second, and only who answers requests needs it.
from accounts.api import schema  # noqa: F401
from accounts.api.auth import LoginView, LogoutView, RegisterView
from accounts.api.me import MeView

app_name = "accounts-api"
urlpatterns = [
    path("auth/register/", RegisterView.as_view(), name="register"),
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("me/", MeView.as_view(), name="me"),
]
