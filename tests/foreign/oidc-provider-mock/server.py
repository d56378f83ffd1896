"""An OpenID Provider on loopback: oidc-provider-mock of PyPI, with one account and one registered client.

usage: server.py SITE ID LIFETIME

Prints its issuer and the client, as one line of JSON. It ends when its standard input does.
"""

import json
import logging
import os
import sys
import threading
import warnings
from datetime import timedelta

# The library behind the provider refuses plain http otherwise.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import authlib.deprecate  # noqa: E402

# What the provider uses of this library is deprecated, which the library insists on saying.
warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)

import oidc_provider_mock  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

site, id_there, lifetime = sys.argv[1:]
logging.getLogger("werkzeug").setLevel(logging.ERROR)
ada = oidc_provider_mock.User(
    sub="ada", claims={"name": "Ada Lovelace", "email": "ada@example.test", "email_verified": True}
)
app = oidc_provider_mock.app(
    require_client_registration=True,
    require_nonce=True,
    access_token_max_age=timedelta(seconds=int(lifetime)),
    user_claims=[ada],
)
metadata = {"redirect_uris": [f"{site}/auth/callback/{id_there}"], "scope": "openid profile email"}
registered = app.test_client().post("/oauth2/clients", json=metadata).get_json()
client = {name: registered[name] for name in ("client_id", "client_secret")}

server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"issuer": f"http://127.0.0.1:{server.server_port}", **client}), flush=True)
sys.stdin.read()
