"""Account pages that are not allauth's own, or need a word more than those."""

from __future__ import annotations

from typing import Any, cast  # a form's initial values are free in shape

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView, SignupView
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import UpdateView

from accounts import throttling
from accounts.addresses import client_network
from accounts.errors import SignUpRefused
from accounts.forms import ProfileForm, SignInForm, SignUpForm
from accounts.models import User


class SignInView(LoginView):  # type: ignore[misc]  # allauth ships no types
    """Sign in; offers an account only where one may be made."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if not get_adapter(self.request).is_open_for_signup(self.request):
            context["signup_url"] = None
        return context


class SignUpView(SignupView):  # type: ignore[misc]  # allauth ships no types
    """Sign up; `?code=` fills in the invitation."""

    form_class = SignUpForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        throttling.sign_up(network=client_network(request))
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "invitation": self.request.GET.get("code", "")}

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """What was taken or used up since the form was read is said at its field."""
        try:
            response: HttpResponse = super().form_valid(form)
        except SignUpRefused as error:
            form.add_error(error.field, str(error.message))
            response = self.form_invalid(form)
        return response


@method_decorator(never_cache, name="dispatch")
class AccountView(LoginRequiredMixin, SuccessMessageMixin[ProfileForm], UpdateView[User, ProfileForm]):
    """One's own account: the name others read, and the way to e-mail addresses and password."""

    form_class = ProfileForm
    template_name = "account/home.html"
    success_url = reverse_lazy("account_home")
    success_message = _("Saved.")

    def get_object(self, queryset: object = None) -> User:
        # Not request.user itself: a refused name would be shown in the page's bar.
        return User.objects.get(pk=cast("User", self.request.user).pk)
