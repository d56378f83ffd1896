"""An OpenID Provider on loopback: Glewlwyd of Debian, with one account and one client.

usage: server.py FOLDER SITE ID LIFETIME

Runs the program that is unpacked in FOLDER. Prints its issuer, which has a path, and the client, as one line of JSON. It
ends when its standard input does. The settings are not for production, on purpose.
"""

import atexit
import gzip
import http.client
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

root, site, id_there, lifetime = sys.argv[1:]
root = Path(root).resolve()
folder = tempfile.TemporaryDirectory()
state = Path(folder.name)
(state / "none").mkdir()

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
origin = f"http://127.0.0.1:{port}"
issuer = f"{origin}/api/oidc"

modules = {
    "user_module_path": "user",
    "client_module_path": "client",
    "user_auth_scheme_module_path": "scheme",
    "plugin_module_path": "plugin",
}
options = {
    "bind_address": "127.0.0.1",
    "external_url": origin,
    "login_url": "login.html",
    "api_prefix": "api",
    "static_files_path": str(root / "usr/share/glewlwyd/webapp"),
    "log_mode": "console",
    "log_level": "ERROR",
    # The package has no such modules, and the program wants a folder.
    "user_middleware_module_path": str(state / "none"),
    "cookie_domain": "127.0.0.1",
    "session_key": "GLEWLWYD2_SESSION_ID",
    "admin_scope": "g_admin",
    "profile_scope": "g_profile",
    "hash_algorithm": "SHA512",
    **{name: str(root / "usr/lib/glewlwyd" / folder) for name, folder in modules.items()},
}
lines = [f"{name}={json.dumps(value)}" for name, value in options.items()]
lines += [f"port={port}", "cookie_secure=0"]
lines += ['database = { type = "sqlite3" path = %s };' % json.dumps(str(state / "db"))]
lines += ['static_files_mime_types = ( { extension = ".html" mime_type = "text/html" } )']
(state / "conf").write_text("\n".join(lines) + "\n")

tables = gzip.decompress((root / "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz").read_bytes())
with sqlite3.connect(state / "db") as database:
    database.executescript(tables.decode())
    # The program reads a list here, which its own table of the members of a client leaves out.
    (parameters,) = database.execute("SELECT gcmi_parameters FROM g_client_module_instance").fetchone()
    parameters = json.loads(parameters)
    parameters["data-format"]["post_logout_redirect_uris"] = {"multiple": True, "read": True, "write": True}
    database.execute("UPDATE g_client_module_instance SET gcmi_parameters = ?", [json.dumps(parameters)])

process = subprocess.Popen(
    [root / "usr/bin/glewlwyd", f"--config-file={state / 'conf'}"], stdout=sys.stderr, stdin=subprocess.DEVNULL
)
atexit.register(process.terminate)


def call(method, path, body, cookie=""):
    """Sends a request of the administrator, and returns the cookie of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    connection.request(method, f"/api/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"{method} {path}: {answer.status} {answer.read().decode()}")
    return answer.headers.get("Set-Cookie", "").partition(";")[0]


def openssl(*arguments, key=None):
    """Runs a command of OpenSSL, and returns what it writes."""
    return subprocess.run(["openssl", *arguments], input=key, capture_output=True, check=True).stdout


def key_pair():
    """Makes a key pair of P-256 whose coordinates start with a byte that is not zero.

    The program publishes coordinates without leading zeros. RFC 7518 section 6.2.1.2 wants 32 bytes, so that clients refuse
    one key of 128.
    """
    while True:
        key = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
        point = openssl("ec", "-pubout", "-outform", "DER", key=key)[-64:]
        if point[0] and point[32]:
            return key.decode(), openssl("ec", "-pubout", key=key).decode()


def is_listening():
    """Tells whether the program accepts connections."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def is_ready():
    """Tells whether the program accepts connections, and none where it has ended: another one may listen at its port."""
    return process.poll() is None and is_listening() and process.poll() is None


deadline = time.monotonic() + 30
while not is_ready():
    if process.poll() is not None:
        # A connection of another program may have taken the port first: begin again, with another one.
        starts = int(os.environ.get("STARTS", "1"))
        if starts == 5:
            sys.exit("glewlwyd ends at each start")
        folder.cleanup()
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "STARTS": str(starts + 1)})
    if time.monotonic() > deadline:
        sys.exit("glewlwyd does not listen")
    time.sleep(0.02)

admin = call("POST", "auth/", {"username": "admin", "password": "password"})
for scope in ("profile", "email"):
    call("POST", "scope/", {"name": scope, "display_name": scope, "password_required": False}, admin)
account = {
    "username": "ada",
    "name": "Ada Lovelace",
    "email": "ada@example.test",
    "password": "analytical",
    "scope": ["openid", "profile", "email"],
    "enabled": True,
}
call("POST", "user/", account, admin)
key, public = key_pair()
plugin = {
    "iss": issuer,
    "jwt-type": "ecdsa",
    "jwt-key-size": "256",
    "key": key,
    "cert": public,
    "access-token-duration": int(lifetime),
    "refresh-token-duration": 3600,
    "code-duration": 60,
    "refresh-token-rolling": True,
    "auth-type-code-enabled": True,
    "auth-type-refresh-enabled": True,
    "pkce-allowed": True,
    "oauth-as-iss-id": True,
    "oauth-par-allowed": True,
    "oauth-par-duration": 60,
    "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
    "oauth-dpop-allowed": True,
    "oauth-dpop-iat-duration": 60,
    "session-management-allowed": True,
    "session-cookie-name": "GLEWLWYD2_OIDC_SID",
    "session-cookie-expiration": 3600,
    "back-channel-logout-allowed": True,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "name-claim": "on-demand",
    "name-claim-scope": ["profile"],
    "email-claim": "on-demand",
    "email-claim-scope": ["email"],
    "subject-type": "public",
    "allowed-scope": ["openid", "profile", "email"],
}
call(
    "POST",
    "mod/plugin/",
    {"module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": True, "parameters": plugin},
    admin,
)
client = {"client_id": "aura", "client_secret": secrets.token_urlsafe()}
metadata = {
    **client,
    "name": "A site",
    "confidential": True,
    "redirect_uri": [f"{site}/auth/callback/{id_there}"],
    "post_logout_redirect_uris": [f"{site}/auth/signedOut"],
    "backchannel_logout_uri": f"{site}/auth/backchannelLogout/{id_there}",
    "authorization_type": ["code", "refresh_token"],
    "token_endpoint_auth_method": ["client_secret_basic"],
    "enabled": True,
}
call("POST", "client/", metadata, admin)
print(json.dumps({"issuer": issuer, **client}), flush=True)
sys.stdin.read()
