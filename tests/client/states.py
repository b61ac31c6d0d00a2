# SPDX-License-Identifier: Apache-2.0
"""The stores of test_states.py: each starts or finds a real server and brings it into a state."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import unittest
import urllib.request

import program

SERVERS = program.SOURCE / "tests/servers"
sys.path.insert(0, str(SERVERS))
import aws_venv  # pylint: disable=wrong-import-position
from with_moto import Moto  # pylint: disable=wrong-import-position

KEY = "global/jwt_signing_key"
HEX = "ab" * 32


def missing(what):
    """Skips the tests that need it; in CI everything is there, or it is a failure."""
    if os.environ.get("CI") == "true":
        raise RuntimeError(what)
    raise unittest.SkipTest(what)


def dead_url():
    """An address without a listener."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def vault_api(path, method="POST", token="root", **data):
    """A call of the API of the Vault that with_vault.py has started."""
    request = urllib.request.Request(
        os.environ["VAULT_ADDR"] + "/v1/" + path, method=method, data=json.dumps(data).encode(),
        headers={"X-Vault-Token": token})
    with urllib.request.urlopen(request, timeout=30) as reply:
        text = reply.read()
    return json.loads(text) if text else {}


def vault_token(rules):
    """A token with one policy and the default one."""
    vault_api("sys/policies/acl/states", policy=rules)
    return vault_api("auth/token/create", policies=["states"])["auth"]["client_token"]


@contextlib.contextmanager
def vault_sealed():
    """Seals the server, and unseals it at the end."""
    vault_api("sys/seal")
    try:
        yield
    finally:
        vault_api("sys/unseal", key=os.environ["VAULT_UNSEAL_KEY"])


class Aws:
    """A moto with its signature and policy checks on, and boto3 beside it."""

    def __init__(self):
        self.python = aws_venv.python()
        if self.python is None:
            missing("moto cannot be installed")
        self.moto = Moto(self.python)

    def close(self):
        self.moto.__exit__()

    def boto(self, script):
        """Runs a script that has the clients `secrets` and `iam`; returns its output."""
        begin = f"""
import boto3, json
owner = dict(region_name="eu-west-1", endpoint_url={self.moto.url!r},
             aws_access_key_id={self.moto.key_id!r}, aws_secret_access_key={self.moto.secret!r})
secrets, iam = boto3.client("secretsmanager", **owner), boto3.client("iam", **owner)
"""
        return subprocess.run([self.python, "-c", begin + script], check=True, capture_output=True,
                              text=True, timeout=60).stdout

    def stranger(self):
        """The key id and the secret of a user without rights to secrets."""
        return json.loads(self.boto("""
iam.create_user(UserName="stranger")
iam.put_user_policy(UserName="stranger", PolicyName="p", PolicyDocument=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
key = iam.create_access_key(UserName="stranger")["AccessKey"]
print(json.dumps([key["AccessKeyId"], key["SecretAccessKey"]]))
"""))

    def put(self, name, text):
        """Makes a secret anew; with None for its text, one without a value."""
        value = "" if text is None else f", SecretString={text!r}"
        self.boto(f"""
try:
    secrets.delete_secret(SecretId={name!r}, ForceDeleteWithoutRecovery=True)
except secrets.exceptions.ClientError:
    pass
secrets.create_secret(Name={name!r}{value})
""")


class Keyring:
    """A GNOME Keyring on a bus of its own."""

    def __init__(self):
        script = SERVERS / "gnome-keyring.sh"
        self.process = subprocess.Popen(
            [script, "sh", "-c", 'env -0 | tr "\\0" "\\1"; echo; while read -r mode; do '
             '"$SIDESEAT_SERVICE" "$mode" >&2; echo done; done'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line:
            missing("gnome-keyring.sh does not start")
        found = dict(one.partition("=")[::2] for one in line.split("\1"))
        self.variables = {name: found[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}

    def change(self, mode):
        """Has the script change the service."""
        self.process.stdin.write(mode + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError(f"gnome-keyring.sh {mode} failed")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def write_file(path, text, mode=0o600):
    """A file as an editor would leave it a while ago."""
    path = pathlib.Path(path)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    for other in path.parent.iterdir():
        other.unlink()
    path.write_text(text)
    path.chmod(mode)
    os.utime(path, (1700000000, 1700000000))
