"""`/api/auth/…`: the sign-up form and the sign-in backend of the pages, with a token instead of a session."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.signals import user_signed_up
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttling, tokens, verification
from accounts.addresses import client_network
from accounts.api import serializers
from accounts.api.problems import problems
from accounts.errors import EmailNotVerified, SignUpClosed, SignUpRefused
from accounts.forms import SignUpForm
from accounts.models import User

FIELD_OF_FORM = {"password1": "password", "password2": "password"}


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class _EntranceView(APIView):
    """Nobody is signed in here, so a stale token or cookie that a client still sends does not matter."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        """Makes a refused sign-in a 401; without authenticators DRF would say 403."""
        return "Bearer"


class RegisterView(_EntranceView):
    """Makes an account by the same rules as the sign-up page."""

    @extend_schema(
        operation_id="auth_register",
        request=serializers.RegistrationSerializer,
        responses={
            201: serializers.TokenSerializer,
            202: serializers.ConfirmationSerializer,
            **problems(400, 403, 429, 503),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        page_request = _page_request(request)
        throttling.sign_up(network=client_network(page_request))
        if not get_adapter(page_request).is_open_for_signup(page_request):
            raise SignUpClosed
        form = _form(request)
        user = _new_user(page_request, form)
        if user is None or verification.must_confirm(user):
            detail = _("We have sent you a message. Please follow the link in it to confirm your e-mail address.")
            return Response({"detail": detail}, status=status.HTTP_202_ACCEPTED)
        issued = tokens.issue(user=user)
        return Response(serializers.TokenSerializer(issued).data, status=status.HTTP_201_CREATED)


class LoginView(_EntranceView):
    """Exchanges a username or e-mail address and its password for a token."""

    @extend_schema(
        operation_id="auth_login",
        request=serializers.SignInSerializer,
        responses={200: serializers.TokenSerializer, **problems(400, 401, 403, 429, 503)},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = serializers.SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        page_request = _page_request(request)
        user = authenticate(
            page_request, username=given.validated_data["login"], password=given.validated_data["password"]
        )
        if not isinstance(user, User):
            raise AuthenticationFailed(_("The name or the password is not right."), code="invalid_credentials")
        if verification.must_confirm(user):
            verification.ask_to_confirm(page_request, user)
            raise EmailNotVerified
        return Response(serializers.TokenSerializer(tokens.issue(user=user)).data)


@method_decorator(never_cache, name="dispatch")
class LogoutView(APIView):
    """Ends what the request came with: this token, or this session."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_logout", request=None, responses={204: None, **problems(401, 403)})
    def post(self, request: Request) -> Response:
        if isinstance(request.auth, AuthToken):
            request.auth.delete()
        else:
            logout(_page_request(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _page_request(request: Request) -> HttpRequest:
    """The request as the pages see it: allauth and Django's own functions work on that one."""
    return request._request  # noqa: SLF001 -- DRF has no public name for it


def _form(request: Request) -> SignUpForm:
    """The valid sign-up form. Raises ValidationError under the API's field names."""
    given = serializers.RegistrationSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    fields = given.validated_data
    form = SignUpForm(data={**fields, "password1": fields["password"], "password2": fields["password"]})
    if not form.is_valid():
        errors: dict[str, list[str]] = {}
        for name, messages in form.errors.items():
            errors.setdefault(FIELD_OF_FORM.get(name, name), []).extend(str(message) for message in messages)
        raise ValidationError(errors)
    return form


def _new_user(page_request: HttpRequest, form: SignUpForm) -> User | None:
    """The new account; None when the address has one and nobody is to learn that. Raises ValidationError."""
    if form.account_already_exists:
        form.spend_the_time_of_a_new_account()
        verification.answer_taken_address(page_request, form.cleaned_data["email"])
        return None
    try:
        user = form.save(page_request)
    except SignUpRefused as error:
        raise ValidationError({error.field: [str(error.message)]}) from error
    user_signed_up.send(sender=User, request=page_request, user=user)
    verification.ask_to_confirm(page_request, user)
    return user
