"""An OpenID Provider on loopback: django-oauth-toolkit of PyPI, with one account and one client.

usage: server.py SITE ID LIFETIME

Prints its issuer, which has a path, and the client, as one line of JSON. It ends when its standard input does. The
settings are not for production, on purpose.
"""

import json
import secrets
import sys
import tempfile
import threading
from pathlib import Path

import django
from django.conf import settings
from jwcrypto.jwk import JWK

site, id_there, lifetime = sys.argv[1:]
state = tempfile.TemporaryDirectory()
key = JWK.generate(kty="RSA", size=2048).export_to_pem(private_key=True, password=None)

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    AUTH_PASSWORD_VALIDATORS=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(state.name) / "db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
        "oauth2_provider",
    ],
    # Each request is a line otherwise.
    LOGGING_CONFIG=None,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    # Tables are made from the models, which is quicker than by every migration since the first.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "sessions": None, "oauth2_provider": None},
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": int(lifetime),
        "OAUTH2_VALIDATOR_CLASS": "__main__.Validator",
        "OIDC_ENABLED": True,
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key.decode(),
        "SCOPES": {"openid": "Your identity", "profile": "Your name", "email": "Your address"},
    },
    # Each request checks a password or a client's secret, which is to be quick here.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF="__main__",
    SECRET_KEY=secrets.token_urlsafe(),
    STATIC_URL="/static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


class Validator(OAuth2Validator):
    """What the provider tells of a user."""

    def get_additional_claims(self, request):
        return {"name": request.user.get_full_name(), "email": request.user.email, "email_verified": True}


call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_user(
    "ada", "ada@example.test", "analytical", first_name="Ada", last_name="Lovelace"
)
secret = secrets.token_urlsafe()
client = Application.objects.create(
    name="A site",
    client_type=Application.CLIENT_CONFIDENTIAL,
    client_secret=secret,
    authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    algorithm=Application.RS256_ALGORITHM,
    redirect_uris=f"{site}/auth/callback/{id_there}",
    post_logout_redirect_uris=f"{site}/auth/signedOut",
)

server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.daemon_threads = True
server.set_app(get_wsgi_application())
threading.Thread(target=server.serve_forever, daemon=True).start()
issuer = f"http://127.0.0.1:{server.server_port}/o"
print(json.dumps({"issuer": issuer, "client_id": client.client_id, "client_secret": secret}), flush=True)
sys.stdin.read()
