# SPDX-License-Identifier: Apache-2.0
"""Every store in every state, met by every command: the exit status, the return value and the word of
status are those of the tables in the manual pages, and nothing but an absent secret is absent.

Run by with_vault.py, and with a moto of its own; the stores are real."""

import json
import os
import re
import socket
import subprocess
import sys
import unittest
import urllib.request

import program

sys.path.insert(0, str(program.SOURCE / "tests/servers"))
import aws_venv  # pylint: disable=wrong-import-position
from with_moto import Moto  # pylint: disable=wrong-import-position

STORE = os.environ["SIDESEAT_TEST_STORE"]
KEY = "global/jwt_signing_key"
CALLS = (("get", KEY), ("get", "jwt_signing_key", "-s", "org/acme", "-s", "global"), ("list",),
         ("list", "-s", "org/acme"), ("set", KEY), ("set", "--create", KEY), ("delete", KEY), ("ensure",),
         ("generate", KEY), ("sign", KEY), ("jwt", KEY), ("status",))


def table(page):
    """The rows of the table of states: state to the cells beside it."""
    text = (program.SOURCE / "man" / page).read_text()
    rows = re.findall(r"^\.It (\w[\w -]*) Ta (?:Dv )?(\w+) Ta (\w+)$", text, re.M)
    return {state: cells for state, *cells in rows}


RETURNS = table("sideseat-pkcs11.7")
EXITS = table("sideseat-secrets.1")


def dead_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class States(program.Case):
    def store(self, backend, **variables):
        self.env.update(SIDESEAT_SECRETS_BACKEND=backend, **variables)

    def ask(self, *arguments):
        stdin = b"{}" if arguments[0] in ("jwt", "sign") else b"ab" * 16
        return self.run_tool(*arguments, stdin=stdin, SIDESEAT_PKCS11_STORE=STORE)

    def check(self, state, calls=CALLS, status=True):
        """All commands meet this state; none changes anything, or says that a secret is absent."""
        returned, word = RETURNS[state]
        code, same = EXITS[state]
        self.assertEqual(word, same)
        for arguments in calls:
            if arguments[0] == "status" and not status:
                continue
            with self.subTest(state=state, call=arguments):
                result = self.ask(*arguments)
                self.assertEqual(result.status, int(code), result.err)
                self.assertNotIn("no secret", result.err)
                if arguments[0] != "status":
                    self.assertIn(returned, result.err)
                    self.assertEqual(result.out, b"")
                else:
                    self.assertRegex(result.out.decode(), rf"health +{word}\n")

    def check_absent(self, writable=True):
        code = int(EXITS["absent"][0])
        for arguments in (("get", KEY), ("get", "a", "-s", "org/x"), ("delete", KEY), ("sign", KEY)):
            with self.subTest(call=arguments):
                self.assertEqual(self.ask(*arguments).status, code)
        for arguments in (("list",), ("status",)) + ((("ensure",), ("delete", KEY)) if writable else ()):
            with self.subTest(call=arguments):
                self.assertEqual(self.ask(*arguments).status, 0)

    def check_read_only(self):
        code, _ = EXITS["read-only"]
        returned, _ = RETURNS["read-only"]
        for arguments in (("set", KEY), ("set", "--create", KEY), ("generate", KEY)):
            result = self.ask(*arguments)
            self.assertEqual(result.status, int(code), result.err)
            self.assertRegex(result.err, f"{returned}|read-only")

    def test_tables_are_whole(self):
        self.assertEqual(RETURNS.keys(), EXITS.keys())
        alone = [state for state in EXITS if state not in ("read-only", "too late", "broken")]
        self.assertEqual(len({EXITS[state][0] for state in alone}), len(alone))
        self.assertEqual(len({RETURNS[state][0] for state in alone}), len(alone))
        header = (program.SOURCE / "include/sideseat-pkcs11.h").read_text()
        for name in re.findall(r"#define (CKR_SIDESEAT_\w+)", header):
            if name != "CKR_SIDESEAT_CONFLICT":
                self.assertIn(name, [returned for returned, _ in RETURNS.values()])

    # a file

    def test_file(self):
        self.store("file")
        self.check_absent()

    def test_file_damaged(self):
        self.store("file")
        self.data.mkdir(mode=0o700)
        file = self.data / "secrets.json"
        file.write_text('{"version": 2, "secrets": {"global/other": {"value": "x"}, "global/jwt')
        file.chmod(0o600)
        calls = [call for call in CALLS
                 if call[0] in ("get", "delete", "ensure", "generate", "sign", "jwt")]
        self.check("damaged", calls)

    def test_file_denied(self):
        self.store("file")
        self.data.mkdir(mode=0o700)
        file = self.data / "secrets.json"
        file.write_text('{"version": 2, "secrets": {}}')
        file.chmod(0o666)
        self.check("denied")

    # the environment

    def test_env(self):
        self.store("env")
        self.check_absent(writable=False)
        self.check_read_only()

    # settings

    def test_misconfigured(self):
        for variables in ({"SIDESEAT_SECRETS_BACKEND": "nonsense"},
                          {"SIDESEAT_SECRETS_BACKEND": "vault", "VAULT_ADDR": "ftp://x"}):
            self.env.update(variables)
            self.check("misconfigured", [call for call in CALLS if call[0] != "status"])

    # Vault

    def vault(self, token, address=None):
        self.store("vault", VAULT_ADDR=address or os.environ["VAULT_ADDR"], VAULT_TOKEN=token,
                   SIDESEAT_SECRETS_VAULT_PREFIX="states/" + self.id())

    def api(self, path, **data):
        request = urllib.request.Request(
            os.environ["VAULT_ADDR"] + "/v1/" + path, method="POST", data=json.dumps(data).encode(),
            headers={"X-Vault-Token": "root"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else {}

    def test_vault(self):
        self.vault("root")
        self.check_absent()

    def test_vault_denied(self):
        self.api("sys/policies/acl/nothing", policy='path "cubbyhole/*" { capabilities = ["read"] }')
        token = self.api("auth/token/create", policies=["nothing"])["auth"]["client_token"]
        self.vault(token)
        self.check("denied", status=False)

    def test_vault_unauthenticated(self):
        self.vault("hvs.wrong")
        self.check("unauthenticated")

    def test_vault_unreachable(self):
        self.vault("root", f"http://127.0.0.1:{dead_port()}")
        self.env["VAULT_MAX_RETRIES"] = "0"
        self.check("unreachable")

    # AWS

    def aws(self, key_id, secret, endpoint):
        self.store("aws", AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret, AWS_REGION="eu-west-1",
                   AWS_ENDPOINT_URL=endpoint, AWS_EC2_METADATA_DISABLED="true", AWS_MAX_ATTEMPTS="1",
                   SIDESEAT_SECRETS_AWS_PREFIX=self.id().rpartition(".")[2])

    def test_aws(self):
        python = aws_venv.python()
        if python is None:
            self.skipTest("no moto")
        with Moto(python) as moto:
            self.aws(moto.key_id, moto.secret, moto.url)
            self.check_absent()
            self.aws(moto.key_id, "wrong", moto.url)
            self.check("unauthenticated")

    def test_aws_unreachable(self):
        self.aws("AKIATEST", "x" * 20, f"http://127.0.0.1:{dead_port()}")
        self.check("unreachable")

    def test_aws_without_credentials(self):
        self.aws("", "", f"http://127.0.0.1:{dead_port()}")
        self.check("unauthenticated")


if __name__ == "__main__":
    unittest.main()
