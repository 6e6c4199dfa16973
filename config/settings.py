"""Django settings for every environment; environment variables hold the differences."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import beat_schedule, csp, env, logs, npm_static, openapi

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.get_str("VAR", default="var", explain="Folder for data and temporary files")).resolve()

# --- Site -------------------------------------------------------------------------------------------------
SECRET_KEY = env.get_str("SECRET_KEY", explain="Long random string that signs sessions and cursors")
PUBLIC_ORIGIN = env.get_str(
    "PUBLIC_ORIGIN", default="http://127.0.0.1:8000", explain="Scheme, host and port of the web pages"
).rstrip("/")
_origin = urlsplit(PUBLIC_ORIGIN)
ALLOWED_HOSTS = env.get_list(
    "ALLOWED_HOSTS",
    default=_origin.hostname or "",
    explain="Comma-separated host names the web server accepts",
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
CSRF_FAILURE_VIEW = "web.error_pages.csrf_failure"
DEMO = env.get_bool("DEMO", default=False, explain="Adds fictional demonstration stories and logins")
TRUSTED_PROXIES = env.get_int(
    "TRUSTED_PROXIES", default=0, explain="Number of reverse proxies that set X-Forwarded-For"
)
DEBUG = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "audit",
    "jobs",
    "accounts",
    "challenges",
    "media",
    "stories",
    "practice",
    "recommendations",
    "moderation",
    "api",
    "web",
    "config",
    *(["devstack"] if DEMO else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "web.permissions_policy.permissions_policy_middleware",
    "web.crisis.help_now_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context_processors.demo_status",
            ],
        },
    },
]

# --- Database, broker, object store -----------------------------------------------------------------------
_database = urlsplit(env.get_str("DATABASE_URL", explain="postgresql://user:password@host:port/name"))
if _database.scheme not in {"postgres", "postgresql"}:
    raise env.InvalidSetting("DATABASE_URL", "must start with postgresql://")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _database.hostname or "",
        "PORT": str(_database.port or 5432),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    },
}
REDIS_URL = env.get_str("REDIS_URL", explain="redis://host:port/number for broker and cache")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sameboat",
        "OPTIONS": {
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
        },  # a hanging cache must not block requests
    },
}
S3_ENDPOINT = env.get_str("S3_ENDPOINT", explain="URL of the object store for our own servers")
S3_PUBLIC_ENDPOINT = (
    env.get_str(
        "S3_PUBLIC_ENDPOINT", default="", explain="URL of the object store for browsers, if different"
    )
    or S3_ENDPOINT
)
S3_REGION = env.get_str("S3_REGION", default="us-east-1", explain="Region of the object store")
S3_ACCESS_KEY = env.get_str("S3_ACCESS_KEY", explain="Access key of the object store")
S3_SECRET_KEY = env.get_str("S3_SECRET_KEY", explain="Secret key of the object store")
S3_BUCKET = env.get_str("S3_BUCKET", default="sameboat", explain="Bucket for the recordings")

# --- Recommendations --------------------------------------------------------------------------------------
MATCHING_ENGINE = env.get_choice(
    "MATCHING_ENGINE",
    ("memory", "postgres"),
    default="memory",
    explain="memory ranks in each web process; postgres ranks in the database, for more stories than a process can hold",
)

# --- Recordings -------------------------------------------------------------------------------------------
FFMPEG = env.get_str(
    "FFMPEG", default="auto", explain="Path of ffmpeg; auto uses the packaged one, then PATH"
)
BWRAP = env.get_str("BWRAP", default="auto", explain="Path of bwrap; auto uses the packaged one, then PATH")
SPEECH_MODEL = env.get_str(
    "SPEECH_MODEL",
    default="auto",
    explain="Folder of a faster-whisper model for automatic captions; auto uses the packaged one, none turns them off",
)
SANDBOX = env.get_choice(
    "SANDBOX",
    ("required", "preferred"),
    default="required",
    explain="required never decodes outside the sandbox; preferred is for development machines",
)
SPLIT_FROM_SECONDS = env.get_int(
    "SPLIT_FROM_SECONDS",
    default=240,
    explain="Recordings of at least this length are encoded by several workers; 0 turns this off",
)
MEDIA_ROOT = VAR / "scratch"
UPLOAD_MAX_BYTES = 2 * 1024**3
UPLOAD_MAX_SECONDS = 20 * 60
UPLOADS_IN_FLIGHT = 5
UPLOAD_PART_BYTES = 8 * 1024**2
UPLOAD_ABANDONED_AFTER = timedelta(hours=24)
SIGNED_SECONDS = (
    4  # a withdrawal takes effect within 5 s, allowing 1 s of clock skew between web server and store
)

# --- Celery -----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2 * 60 * 60,  # longer than any job, or the broker would redeliver it while it runs
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = beat_schedule.SCHEDULE

# --- Accounts ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "web:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Sameboat: "
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_FORMS = {
    "add_webauthn": "web.forms.security_keys.AddSecurityKeyForm",
    "edit_webauthn": "web.forms.security_keys.EditSecurityKeyForm",
}
MFA_TOTP_ISSUER = "Sameboat"
MFA_TOTP_TOLERANCE = 1
HEADLESS_CLIENTS = ("app",)
HEADLESS_SERVE_SPECIFICATION = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _origin.scheme == "https"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# --- E-mail -----------------------------------------------------------------------------------------------
_email = env.get_str(
    "EMAIL", default="console", explain="console, or smtp, smtp+starttls or smtps://user:password@host:port"
)
DEFAULT_FROM_EMAIL = env.get_str(
    "EMAIL_FROM", default="Sameboat <hello@localhost>", explain="Sender of all e-mail"
)
if _email == "console":
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
elif urlsplit(_email).scheme not in {"smtp", "smtps", "smtp+starttls"}:
    raise env.InvalidSetting("EMAIL", "must be console or start with smtp://, smtps:// or smtp+starttls://")
else:
    _smtp = urlsplit(_email)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "", _smtp.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _smtp.scheme == "smtps", _smtp.scheme == "smtp+starttls"
EMAIL_TIMEOUT = 10

# --- API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["drf_orjson_renderer.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "allauth.headless.contrib.rest_framework.authentication.XSessionTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.AddressRateThrottle", "api.throttling.AccountRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "address": env.get_str(
            "RATE_PER_ADDRESS", default="600/min", explain="API request limit per IP address"
        ),
        "account": env.get_str(
            "RATE_PER_ACCOUNT", default="300/min", explain="API request limit per account"
        ),
        "changes": env.get_str(
            "RATE_OF_CHANGES",
            default="120/min",
            explain="API limit per account for requests that change data",
        ),
    },
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "api.problems.handler.problem_exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = openapi.SPECTACULAR_SETTINGS

# --- Browser security -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = csp.content_security_policy(S3_PUBLIC_ENDPOINT)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if _origin.scheme == "https":
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = npm_static.npm_static_dirs(BASE_DIR / "web" / "node_modules")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = logs.stderr_logging_config(
    env.get_str("LOG_LEVEL", default="INFO", explain="Log level: DEBUG, INFO, WARNING or ERROR")
)
