"""What the account API takes and says. An e-mail address is said to its owner only, a phone number to nobody."""

from __future__ import annotations

from typing import Any  # serializers without a model carry dicts

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from accounts.tokens import IssuedToken


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account. Whatever else is sent is ignored."""

    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    password = serializers.CharField(trim_whitespace=False, write_only=True, style={"input_type": "password"})
    invitation = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=32,
        help_text=_("Needed where this site takes new accounts by invitation only."),
    )


class SignInSerializer(serializers.Serializer[Any]):
    """A username or e-mail address, and the password."""

    login = serializers.CharField(max_length=254)
    password = serializers.CharField(trim_whitespace=False, write_only=True, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[IssuedToken]):
    """Shown once."""

    token = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class ConfirmationSerializer(serializers.Serializer[Any]):
    """The account waits until its e-mail address is confirmed."""

    detail = serializers.CharField(read_only=True)


class MeSerializer(serializers.ModelSerializer[User]):
    """One's own account."""

    id = serializers.CharField(source="public_id", read_only=True)
    name = serializers.CharField(source="shown_name", read_only=True)
    is_moderator = serializers.BooleanField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "display_name", "name", "email", "is_staff", "is_moderator", "date_joined"]
        read_only_fields = ["username", "email", "is_staff", "date_joined"]

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        """Writes what was sent and nothing else: a password changed meanwhile stays changed."""
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save(update_fields=list(validated_data))
        return instance
