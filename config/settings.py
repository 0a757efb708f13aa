"""Every setting of the site, read once from the environment. docs/settings.md describes each variable; a test
compares them."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any  # Django's settings are dicts of mixed values
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from config import bucket_address, databases, env, logs, proxies, redis_urls

django_stubs_ext.monkeypatch()  # Django's generic classes may be written with their types: ModelAdmin[ContentMain]

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are -------------------------------------------------------------------------------------------------
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "data")
INCOMING_DIR = DATA_DIR / "incoming"  # uploads on their way in; on the media disk, so that accepting one is a rename
SCRATCH_DIR = DATA_DIR / "scratch"  # a worker's attempts
CACHE_DIR = DATA_DIR / "cache"

HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65535)
PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")  # the address behind a proxy, e.g. https://video.example.org
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
_proxies = env.items("TRUSTED_PROXIES") or (["127.0.0.0/8", "::1", proxies.UNIX] if PUBLIC_URL else [])
try:
    TRUSTED_PROXIES = proxies.Trusted.named(_proxies)  # config/asgi.py; nothing behind it sees X-Forwarded-*
except ValueError as error:
    raise env.SettingError("TRUSTED_PROXIES", ",".join(_proxies), "addresses, networks or `unix`") from error

# --- Security ---------------------------------------------------------------------------------------------------------
DEBUG = env.boolean("DJANGO_DEBUG")
_LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS") or [
    *_LOCAL_HOSTS,
    *([_public.hostname] if _public.hostname else []),
    *([HOST] if HOST not in {"0.0.0.0", "::", *_LOCAL_HOSTS} else []),  # noqa: S104 -- compared, not bound
]
if DEBUG and not set(ALLOWED_HOSTS) <= set(_LOCAL_HOSTS):
    raise env.SettingError("DJANGO_DEBUG", "1", "local host names only while debugging")
if "*" in ALLOWED_HOSTS:
    raise env.SettingError("ALLOWED_HOSTS", "*", "the names this site is reached by")


def _secret_key() -> str:
    """SECRET_KEY, or the key that set-up wrote into the data folder once."""
    key_file = DATA_DIR / "secret_key"
    key = env.text("SECRET_KEY") or (key_file.read_text().strip() if key_file.exists() else "")
    if len(key) < 50:
        raise env.SettingError("SECRET_KEY", key and "(hidden)", "50 characters or more; `python3 run.py` makes one")
    return key


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")

CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS redirects; behind it every request is plain
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # subdomains belong to the operator, not to us
    "security.W008",  # see SECURE_SSL_REDIRECT
    "security.W019",  # see X_FRAME_OPTIONS
    "security.W021",  # preloading is the operator's decision
    *([] if IS_HTTPS else ["security.W004", "security.W012", "security.W016"]),  # plain HTTP on one's own machine
]
X_FRAME_OPTIONS = "SAMEORIGIN"  # as frame-ancestors says below
PERMISSIONS_POLICY = (
    "autoplay=(self), fullscreen=(self), picture-in-picture=(self), camera=(), microphone=(), geolocation=()"
)
_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    # The hash is that of nothing: an empty <style>, into which media-chrome writes through the object model only
    # (static/js/player/chrome/shadow-styles.js). No inline style with a letter in it passes.
    "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
    "img-src": ["'self'", "data:", "blob:"],
    "media-src": ["'self'", "blob:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'", "blob:"],  # hls.js runs its demuxer in a worker made from a blob
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
}
CONTENT_SECURITY_POLICY = {"EXCLUDE_URL_PREFIXES": [], "DIRECTIVES": _POLICY}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the admin's lists with bulk actions post many check boxes
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Gives `runserver` its ASGI server. Everybody else would only import Twisted: 0.45 s of every process's start.
    *(["daphne"] if "runserver" in sys.argv else []),
    "accounts.apps.AccountsConfig",
    "videos.apps.VideosConfig",
    "analytics.apps.AnalyticsConfig",
    "config.apps.SiteConfig",
    "config.admin_site.MatineeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "phonenumber_field",
    "csp",
]
MIDDLEWARE = [
    "config.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.SafeSlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.DomainErrorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database, cache, queue, fan-out ----------------------------------------------------------------------------------
DATABASES = {"default": databases.from_url(env.text("DATABASE_URL"), default_file=DATA_DIR / "matinee.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CACHES = redis_urls.caches(REDIS_URL)
CHANNEL_LAYERS = redis_urls.channel_layers(REDIS_URL)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = redis_urls.broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = (
    False  # a ring is a doorbell: the job lives in the database, so a lost or doubled ring is harmless
)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2, "visibility_timeout": 3600}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "reap-expired-leases": {"task": "videos.reap", "schedule": 5.0, "options": {"queue": "quick", "expires": 5}},
    "sweep-leftovers": {"task": "videos.sweep", "schedule": 3600.0, "options": {"queue": "quick", "expires": 3600}},
}
QUICK_SLOTS = env.integer("QUICK_SLOTS", 1, minimum=1, maximum=64)
ENCODE_SLOTS = env.integer("ENCODE_SLOTS", 1, minimum=1, maximum=64)
WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, minimum=1, maximum=64)

# --- Media ------------------------------------------------------------------------------------------------------------
MEDIA_URL = ""  # nothing is ever served by a plain address: bytes leave through grants only
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_STORAGE = env.choice("MEDIA_STORAGE", "files", ("files", "s3"))
_bucket, _endpoint = env.text("S3_BUCKET"), env.text("S3_ENDPOINT_URL")
_region = env.text("S3_REGION", "" if _endpoint else bucket_address.DEFAULT_REGION)
_S3_OPTIONS = {
    "bucket_name": _bucket,
    "endpoint_url": _endpoint or None,
    "region_name": _region or None,
    "access_key": env.text("S3_ACCESS_KEY") or None,
    "secret_key": env.text("S3_SECRET_KEY") or None,
    "location": env.text("S3_PREFIX"),
    "addressing_style": bucket_address.addressing_style(bucket=_bucket, endpoint_url=_endpoint),
    "signature_version": "s3v4",
    "default_acl": None,
    "querystring_auth": True,
    "querystring_expire": 60,
    "file_overwrite": True,
}
if MEDIA_STORAGE == "s3":
    if not _bucket:
        raise env.SettingError("S3_BUCKET", "", "the bucket's name, because MEDIA_STORAGE=s3")
    try:
        _origin = bucket_address.origin(bucket=_bucket, endpoint_url=_endpoint, region=_region)
    except ValueError as error:
        raise env.SettingError("S3_ENDPOINT_URL", _endpoint, "an address that browsers reach too") from error
    # The bucket gives films out itself, by a redirect that the policy of every page with a player has to allow.
    _POLICY["connect-src"].append(_origin)
    _POLICY["media-src"].append(_origin)
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _S3_OPTIONS}
    if MEDIA_STORAGE == "s3"
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(MEDIA_ROOT)}},
    "staticfiles": {"BACKEND": "config.static_storage.ModuleManifestStorage"},
}
FFMPEG_BINARY = env.text("FFMPEG_BINARY")
FFMPEG_THREADS = env.integer("FFMPEG_THREADS", 0, minimum=0, maximum=256)
GRANT_SECONDS = env.integer("GRANT_SECONDS", 0, minimum=0)  # 0: six hours, or twice the film
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 0, minimum=0)  # 0: as much as the disk takes
UPLOAD_QUOTA_BYTES = env.integer("UPLOAD_QUOTA_BYTES", 50 << 30, minimum=0)  # for each who is not staff; 0: no quota
UPLOADS_UNFINISHED = env.integer("UPLOADS_UNFINISHED", 200, minimum=0)  # of each who is not staff; 0: any number
UPLOAD_PART_BYTES = env.integer("UPLOAD_PART_BYTES", 40 << 20, minimum=1 << 20)  # under what proxies let pass
DISK_RESERVE_BYTES = env.integer("DISK_RESERVE_BYTES", 1 << 30, minimum=0)
SEGMENT_CACHE_BYTES = env.integer("SEGMENT_CACHE_BYTES", 2 << 30, minimum=0)
INSTANT_SHORT_SIDE = env.integer("INSTANT_SHORT_SIDE", 1080, minimum=0)  # 0: no original is played as it is
INSTANT_FRAME_RATE = env.integer("INSTANT_FRAME_RATE", 60, minimum=1)
INSTANT_BPS = env.integer("INSTANT_BPS", 20_000_000, minimum=1)
INSTANT_REMUX_BYTES = env.integer("INSTANT_REMUX_BYTES", 4 << 30, minimum=0)  # 0: nothing is copied into an MP4
PART_SECONDS = env.integer("PART_SECONDS", 30, minimum=0)  # of film that one step encodes; 0: all of it
LADDER_RUNGS = env.numbers("LADDER_RUNGS", (2160, 1440, 1080, 720, 480, 360, 240))
STAFF_UPLOADS_APPROVED = env.boolean("STAFF_UPLOADS_APPROVED", default=True)

# --- Static files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_MAX_AGE = 3600

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SignInBackend"]  # the limits on guessing stand there
PASSWORD_HASHERS = [
    "accounts.hashers.SmallArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIGNUP = env.choice("SIGNUP", "open", ("open", "invitation", "closed"))
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = env.choice("EMAIL_VERIFICATION", "none", ("none", "optional", "mandatory"))
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*" if ACCOUNT_EMAIL_VERIFICATION == "mandatory" else "email",
    "password1*",
    "password2*",
]
ACCOUNT_USERNAME_VALIDATORS = "accounts.names.USERNAME_VALIDATORS"
ACCOUNT_PREVENT_ENUMERATION = "strict"  # an address that has an account signs up like any other, unconfirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # changing e-mail addresses asks for the password again …
ACCOUNT_REAUTHENTICATION_TIMEOUT = 30 * 60  # … when the last time is longer ago than this; signing in counts
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Matinee: "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
# Signing in and up is limited by accounts/throttling.py, for pages, admin and API alike; allauth's other limits stay.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "signup": None}
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=30),
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": None,
    "AUTH_HEADER_PREFIX": "Bearer",
    "EXPIRY_DATETIME_FORMAT": None,
}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if _mail := env.text("EMAIL_URL"):
    _mail_parts = urlsplit(_mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail_parts.hostname or "localhost", _mail_parts.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_parts.username or "", _mail_parts.password or ""
    EMAIL_USE_SSL = _mail_parts.scheme == "smtps"
    EMAIL_USE_TLS = _mail_parts.scheme == "smtp+tls"
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", f"matinee@{_public.hostname or 'localhost'}")

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.FormParser"],
    "DEFAULT_PAGINATION_CLASS": "videos.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.problem_response",
    "NUM_PROXIES": 0,  # config/proxies.py has looked at them
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Matinee API",
    "DESCRIPTION": "Version 1. Fields are added, never changed or removed. Errors are RFC 9457 problem details.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {  # where fields of one name have several sets of words
        "JobStateEnum": "videos.models.JobState",
        "StepStateEnum": "videos.models.StepState",
    },
}

# --- Words and time ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "en", ("en", "zh-hans"))
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True

LOG_LEVEL = env.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error"))
LOG_FORMAT = env.choice("LOG_FORMAT", "text", logs.FORMATS)
LOGGING = logs.configuration(LOG_LEVEL, LOG_FORMAT)
