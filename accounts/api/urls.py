"""JSON API of the accounts app."""

from __future__ import annotations

from django.urls import path

from accounts.api.auth import LoginView, LogoutView, RegisterView
from accounts.api.me import MeView

app_name = "accounts-api"
urlpatterns = [
    path("auth/register/", RegisterView.as_view(), name="register"),
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("me/", MeView.as_view(), name="me"),
]
