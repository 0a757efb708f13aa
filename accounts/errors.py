"""What can go wrong with accounts. config/errors.py turns these into HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class AccountError(Exception):
    """Base: a stable `code`, a sentence for the person, and detail for the operator."""

    code: ClassVar[str] = "account_error"
    message: StrOrPromise = _("That did not work.")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail
