"""The accounts app in the admin, one noun a file."""

from accounts.admin import audit, invitation, user

__all__ = ["audit", "invitation", "user"]
