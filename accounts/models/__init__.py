"""Models of the accounts app, one noun a file; this package only re-exports."""

from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.invitation import Invitation
from accounts.models.user import User

__all__ = ["AuditEntry", "AuditHead", "Invitation", "User"]
