"""Settings of the site, built from the list of mechanisms and from the surroundings.

Importing this module reads the environment and creates nothing; ``biaochi serve`` makes the data folder and the key.
"""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from biaochi.registry import played
from biaochi.web import environment
from biaochi.web.rooms import web_rooms

PACKAGE = Path(__file__).resolve().parent
DATA = environment.data_folder()
DEMO = environment.flag("BIAOCHI_DEMO")
TLS = environment.flag("BIAOCHI_TLS")
BEHIND_PROXY = environment.flag("BIAOCHI_BEHIND_PROXY")
PROXIES = environment.networks("BIAOCHI_PROXIES", ("127.0.0.0/8", "::1")) if BEHIND_PROXY else ()
METRICS_OPEN = environment.flag("BIAOCHI_METRICS_OPEN")
WEBHOOKS_INSIDE = environment.flag("BIAOCHI_WEBHOOKS_INSIDE")
if environment.flag("BIAOCHI_PLAYED"):
    # Django offers no seam for its clock.  The process that plays a year sets it once, before any model is loaded, so
    # that defaults, sessions and our own code agree on the present; no serving process ever does.
    timezone.now = played.now

SECRET_KEY = environment.secret_key(DATA)
DEBUG = False
ALLOWED_HOSTS = environment.listed("BIAOCHI_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = environment.listed("BIAOCHI_ORIGINS", ())

INSTALLED_APPS = [
    "biaochi.web",
    *(f"biaochi.mechanisms.{m}.web" for m in web_rooms()),
    "biaochi.registry",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "biaochi.web.middleware.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "biaochi.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "biaochi.web.middleware.Measure",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "biaochi.registry.acting.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "biaochi.web.middleware.OfficeValues",
    "biaochi.web.api.gate.ApiGate",
]
_sso = environment.single_sign_on()
SSO_NAME = _sso["name"] if _sso else ""
SSO_CLAIM = _sso["claim"] if _sso else ""
SSO_ASKS_TWICE = environment.flag("BIAOCHI_OIDC_MFA")
if _sso:
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
    MIDDLEWARE.append("allauth.account.middleware.AccountMiddleware")
    SOCIALACCOUNT_ADAPTER = "biaochi.web.sso.Adapter"
    SOCIALACCOUNT_ONLY = True
    SOCIALACCOUNT_LOGIN_ON_GET = True
    SOCIALACCOUNT_STORE_TOKENS = False
    SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
    ACCOUNT_EMAIL_VERIFICATION = "none"
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "office",
                    "name": _sso["name"],
                    "client_id": _sso["client"],
                    "secret": _sso["secret"],
                    "settings": {"server_url": _sso["url"]},
                }
            ],
        }
    }
ROOT_URLCONF = "biaochi.web.urls"
WSGI_APPLICATION = "biaochi.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "biaochi.web.context.site",
            ],
        },
    },
]

DATABASES = {"default": environment.database(DATA)}
ATOMIC_REQUESTS = False
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {"default": environment.cache(DATA)}
METRICS_FOLDER = DATA / environment.METRICS_FOLDER if environment.flag(environment.SERVED) else None

AUTH_USER_MODEL = "registry.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "portal"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "biaochi.web.errors.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "biaochi.web.middleware.client_address"

SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = TLS
CSRF_FAILURE_VIEW = "biaochi.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
# The middleware takes the header away unless a proxy of ours set it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = TLS
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DOCUMENT_ROOT = DATA / "documents"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "biaochi.registry.forms.Renderer"
SILENCED_SYSTEM_CHECKS = ["axes.W003", "axes.W006"]

_mail = environment.mail()
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL", "biaochi@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "biaochi.web.logs.JsonLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "axes": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "biaochi": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
