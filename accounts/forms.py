"""Forms of the account pages. The API signs people up through the same form, so that there is one set of rules."""

from __future__ import annotations

from typing import Any  # allauth passes free-form arguments through

from allauth.account.forms import LoginForm, SignupForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts import invitations
from accounts.errors import SignUpRefused, UsernameTaken
from accounts.models import User


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Says what the one field takes; the way to a forgotten password is the page's own link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or e-mail address")
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "placeholder": ""})
        self.fields["password"].help_text = ""


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
    """Username, e-mail, password twice; with SIGNUP=invitation also the code."""

    field_order = ["invitation", "username", "email", "password1", "password2"]

    invitation = forms.CharField(
        label=_("Invitation code"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.SIGNUP != "invitation":
            del self.fields["invitation"]

    def clean_invitation(self) -> str:
        """Says early what is wrong with the code; save() spends it."""
        code: str = self.cleaned_data["invitation"]
        try:
            invitations.check(code=code)
        except SignUpRefused as error:
            raise ValidationError(error.message, code=error.code) from error
        return code

    def save(self, request: HttpRequest) -> User:
        """The new account and its spent invitation, in one transaction. Raises SignUpRefused."""
        try:
            with transaction.atomic():
                user: User = super().save(request)
                if "invitation" in self.fields:
                    invitations.use(code=self.cleaned_data["invitation"], user=user)
        except IntegrityError as error:
            raise UsernameTaken from error
        return user

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """(new account, None), or (None, the answer that tells nothing) when the address has an account."""
        if self.account_already_exists:
            self.spend_the_time_of_a_new_account()
        saved: tuple[User | None, HttpResponseBase | None] = super().try_save(request)
        return saved

    def spend_the_time_of_a_new_account(self) -> None:
        """Hashes the password as save() would have, so that the answer takes as long."""
        User().set_password(self.cleaned_data["password1"])


class ProfileForm(forms.ModelForm[User]):
    """What one may say about oneself."""

    class Meta:
        model = User
        fields = ["display_name"]
        help_texts = {"display_name": _("What others read. Empty: your username.")}
