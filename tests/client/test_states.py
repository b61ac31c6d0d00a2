# SPDX-License-Identifier: Apache-2.0
"""Every store in every state, met by every command: the exit status, the return value and the word of
`status` are those of the tables in the manual pages, and nothing but an absent secret is absent.

Run by with_vault.py, with a moto and a GNOME Keyring of its own; the stores are real, but for AWS's
answer to expired credentials, which no server here gives."""

import errno
import json
import os
import re
import subprocess
import unittest

import program
import states
from states import HEX, KEY, vault_api
from scripted import Scripted
from test_keyutils import forbid_keys

STORE = os.environ["SIDESEAT_TEST_STORE"]
COMMANDS = {
    "get": ("get", KEY),
    "get --json": ("get", "--json", KEY),
    "fallback": ("get", "jwt_signing_key", "-s", "org/acme", "-s", "global"),
    "list": ("list",),
    "list --json": ("list", "--json"),
    "list -s": ("list", "-s", "global"),
    "set": ("set", KEY),
    "create": ("set", "--create", KEY),
    "compare": ("set", "--if-version", "7", KEY),
    "delete": ("delete", KEY),
    "ensure": ("ensure",),
    "generate": ("generate", KEY),
    "sign": ("sign", KEY),
    "jwt": ("jwt", KEY),
    "status": ("status",),
    "status --json": ("status", "--json"),
}
LISTS = ("list", "list --json", "list -s")
TELLS = (*LISTS, "ensure")  # which print what they know
STATUS = ("status", "status --json")
# the other outcomes of a command: success, or the secret exists already
OK, CONFLICT = "ok", "conflict"


def table(page):
    """The rows of the table of states: state to the cells beside it."""
    text = (program.SOURCE / "man" / page).read_text()
    rows = re.findall(r"^\.It (\w[\w -]*) Ta (?:Dv )?(\w+) Ta (\w+)$", text, re.M)
    return {state: cells for state, *cells in rows}


RETURNS = table("sideseat-pkcs11.7")
EXITS = table("sideseat-secrets.1")


def except_for(state, **groups):
    """The outcome of each command: `state`, except for the groups: OK=("list", …)."""
    answers = dict.fromkeys(COMMANDS, state)
    for answer, commands in groups.items():
        answers.update(dict.fromkeys(commands, {"OK": OK, "CONFLICT": CONFLICT}.get(answer, answer)))
    return answers


class States(program.Case):
    @classmethod
    def setUpClass(cls):
        cls.aws_server = states.Aws()
        cls.keyring = states.Keyring()

    @classmethod
    def tearDownClass(cls):
        cls.aws_server.close()
        cls.keyring.close()

    def store(self, backend, **variables):
        self.env.update(SIDESEAT_SECRETS_BACKEND=backend, **variables)

    def ask(self, command, *options, **more):
        words = COMMANDS[command]
        stdin = b"{}" if words[0] in ("jwt", "sign") else HEX.encode()
        return self.run_tool(*options, *words, stdin=stdin, SIDESEAT_PKCS11_STORE=STORE, **more)

    def check_one(self, command, state, result):
        """One cell of the table."""
        if state in (OK, CONFLICT):
            self.assertEqual(result.status, program.OK if state == OK else program.CONFLICT, result.err)
            if command == "status":
                self.assertRegex(result.out.decode(), r"health +ok\n")
            return
        returned, word = RETURNS[state]
        self.assertEqual(result.status, int(EXITS[state][0]), result.err)
        if state != "absent":
            self.assertNotIn("no secret", result.err)
            self.assertNotIn("no key", result.err)
        if command == "status":
            self.assertRegex(result.out.decode(), rf"health +{word}\n  problem +\S.*\n  remedy +\S")
        elif command == "status --json":
            self.assertEqual(result.json()["tokens"][0]["health"]["error"], word)
        else:
            self.assertIn(b"" if state == "absent" else returned.encode(), result.err.encode())
            self.assertEqual(result.out if command not in TELLS else b"", b"")

    def check(self, answers, enter=lambda: None, **more):
        """All commands, each after `enter`, which brings the store into the state."""
        for command, state in answers.items():
            with self.subTest(command, state=state):
                enter()
                self.check_one(command, state, self.ask(command, **more))

    def check_absent(self, writable=True):
        self.check({command: "absent" for command in ("get", "get --json", "fallback", "delete", "sign", "jwt")})
        self.check(dict.fromkeys((*LISTS, *STATUS), OK))
        if writable:
            self.check({"ensure": OK, "generate": CONFLICT, "create": CONFLICT, "compare": CONFLICT, "get": OK,
                        "sign": OK, "set": OK, "delete": OK})
        else:
            self.check(dict.fromkeys(("set", "create", "compare", "generate"), "read-only"))
            self.assertEqual(self.ask("ensure").status, int(EXITS["read-only"][0]))

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

    def file(self, text, mode=0o600):
        self.store("file")
        return lambda: states.write_file(self.data / "secrets.json", text, mode)

    def test_file(self):
        self.store("file")
        self.check_absent()

    def test_file_damaged(self):
        half = '{"version": 2, "secrets": {"global/other": {"value": "x"}, "global/jwt'
        for text in (half, "", "\0" * 4096):
            self.check(except_for("damaged", OK=("set",)), self.file(text))

    def test_file_not_understood(self):
        deep = '{"version": 2, "secrets": {}, "x": ' + "[" * 200 + "]" * 200 + "}"
        for text in ("[]", '{"version": 2}', deep):
            self.check(except_for("damaged"), self.file(text))
            self.assertEqual((self.data / "secrets.json").read_text(), text)
        newer = '{"version": 3, "secrets": {}}'
        self.check(except_for("unreachable"), self.file(newer))
        self.assertEqual((self.data / "secrets.json").read_text(), newer)

    def test_file_with_a_damaged_record(self):
        text = '{"version": 2, "secrets": {"%s": {"value": 5}}}' % KEY
        self.check(except_for("damaged", OK=(*LISTS, "set", *STATUS), CONFLICT=("create", "generate")),
                   self.file(text))

    def test_file_denied(self):
        self.check(except_for("denied"), self.file('{"version": 2, "secrets": {}}', 0o666))

    # a key that is not one

    def test_value_that_does_not_fit_its_encoding(self):
        self.store("file")
        for encoding, value in (("hex", "zz-zz-zz"), ("base64", "A===")):
            (self.home / "sideseat.json").write_text(json.dumps(
                {"pkcs11": {"hmac_keys": [{"key": KEY, "encoding": encoding}]}}))
            self.run_tool("set", KEY, stdin=value.encode())
            self.check({"sign": "damaged", "jwt": "damaged", "get": OK, "list": OK, "status": OK,
                        "generate": CONFLICT})
            self.assertIn("correct its \"encoding\"", self.ask("sign").err)

    # the environment

    def test_env(self):
        self.store("env")
        self.check_absent(writable=False)

    # settings

    def test_misconfigured(self):
        for variables in ({"SIDESEAT_SECRETS_BACKEND": "nonsense"},
                          {"SIDESEAT_SECRETS_BACKEND": "vault", "VAULT_ADDR": "ftp://x"}):
            for command in COMMANDS:  # C_Initialize fails, so there is not a token that has a state
                result = self.ask(command, **variables)
                self.assertEqual(result.status, int(EXITS["misconfigured"][0]))
                self.assertIn(RETURNS["misconfigured"][0], result.err)
        self.store("vault", VAULT_ADDR="https://127.0.0.1:1", VAULT_CACERT="/nonexistent.pem")
        self.check(except_for("misconfigured"))

    # the kernel's keyring

    def test_keyutils(self):
        self.store("keyutils")
        options = ("--set", f"keyutils.keyring=sideseat-states-{os.getpid()}")
        for command in COMMANDS:
            for number, state in ((errno.EPERM, "denied"), (errno.EACCES, "denied"),
                                  (errno.ENOSYS, "unreachable")):
                with self.subTest(command, state=state):
                    self.check_one(command, state, self.ask(command, *options, preexec=forbid_keys(number)))

    # the Secret Service

    def test_secret_service(self):
        self.store("secret-service", **self.keyring.variables)
        self.check_absent()

    def test_secret_service_locked(self):
        self.store("secret-service", **self.keyring.variables)
        self.assertEqual(self.ask("set").status, program.OK)
        self.keyring.change("--kill")
        self.keyring.change("--start-locked")
        try:
            self.check(except_for("locked"))
        finally:
            self.keyring.change("--kill")
        self.check(except_for("unreachable"))
        self.keyring.change("--start")
        self.check({"get": OK, "delete": OK})

    # Vault

    def vault(self, token="root", address=None):
        self.store("vault", VAULT_ADDR=address or os.environ["VAULT_ADDR"], VAULT_TOKEN=token,
                   SIDESEAT_SECRETS_VAULT_PREFIX="states/" + self.id(), VAULT_MAX_RETRIES="0")

    def test_vault(self):
        self.vault()
        self.check_absent()

    def test_vault_denied(self):
        for rules in ('path "cubbyhole/*" { capabilities = ["read"] }',
                      'path "secret/data/other/*" { capabilities = ["read"] }'):
            self.vault(states.vault_token(rules))
            self.check(except_for("denied"))

    def test_vault_lists_only(self):
        rules = 'path "secret/metadata/*" { capabilities = ["list"] }'
        self.vault(states.vault_token(rules))
        self.check(except_for("denied", OK=LISTS))

    def test_vault_deletes_without_reading(self):
        path = f"secret/data/states/{self.id()}/{KEY}"
        vault_api(path, data={"value": HEX})
        self.vault(states.vault_token(
            'path "secret/data/*" { capabilities = ["create", "update", "delete"] } '
            'path "secret/metadata/*" { capabilities = ["list", "delete"] }'))
        self.check(except_for("denied", OK=LISTS))
        self.assertEqual(vault_api(path, "GET")["data"]["data"], {"value": HEX})

    def test_vault_damaged(self):
        self.vault()
        path = f"secret/data/states/{self.id()}/{KEY}"
        self.check(except_for("damaged", OK=(*LISTS, "set", *STATUS), CONFLICT=("create", "generate", "compare")),
                   lambda: vault_api(path, data={"value": 5}))

    def test_vault_missing_mount(self):
        self.vault()
        self.env["SIDESEAT_SECRETS_VAULT_MOUNT"] = "nope"
        self.check(except_for("misconfigured"))

    def test_vault_unauthenticated(self):
        self.vault("hvs.wrong")
        self.check(except_for("unauthenticated"))
        self.vault("")
        self.check(except_for("unauthenticated"))

    def test_vault_unreachable(self):
        self.vault(address=states.dead_url())
        self.check(except_for("unreachable"))

    def test_vault_sealed(self):
        self.vault()
        with states.vault_sealed():
            self.check(except_for("unreachable"))
        self.check({"get": "absent", "status": OK})

    # AWS

    def aws(self, key_id=None, secret=None, endpoint=None):
        moto = self.aws_server.moto
        self.prefix = self.id().rpartition(".")[2]
        self.store("aws", AWS_ACCESS_KEY_ID=moto.key_id if key_id is None else key_id,
                   AWS_SECRET_ACCESS_KEY=moto.secret if secret is None else secret, AWS_REGION="eu-west-1",
                   AWS_ENDPOINT_URL=endpoint or moto.url, AWS_EC2_METADATA_DISABLED="true",
                   AWS_MAX_ATTEMPTS="1", SIDESEAT_SECRETS_AWS_PREFIX=self.prefix)

    def aws_secret(self, text):
        """Enters the state in which KEY is this text; None: without a value."""
        return lambda: self.aws_server.put(f"{self.prefix}/{KEY}", text)

    def test_aws(self):
        self.aws()
        self.check_absent()

    def test_aws_without_a_value(self):
        self.aws()
        self.check(except_for("no value", OK=(*LISTS, "set", "create", "delete", "ensure", "generate", *STATUS),
                              CONFLICT=("compare",)), self.aws_secret(None))

    def test_aws_damaged(self):
        self.aws()
        self.check(except_for("damaged", OK=(*LISTS, "set", *STATUS), CONFLICT=("create", "generate", "compare")),
                   self.aws_secret('{"value": 5, "metadata": {}}'))

    def test_aws_denied(self):
        self.aws(*self.aws_server.stranger())
        self.check(except_for("denied"))

    def test_aws_unauthenticated(self):
        self.aws(secret="wrong")
        self.check(except_for("unauthenticated"))
        self.aws("", "", states.dead_url())
        self.check(except_for("unauthenticated"))

    def test_aws_expired(self):
        """The answers that AWS documents (Secrets Manager API reference, "Common Error Types")."""
        body = {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
        for status in (400, 403):
            with Scripted(lambda _, status=status: (
                    status, body, {"Content-Type": "application/x-amz-json-1.1"})) as server:
                self.aws("ASIATEST", "x" * 20, server.url)
                self.env["AWS_SESSION_TOKEN"] = "expired"
                self.check(except_for("unauthenticated"))

    def test_aws_unreachable(self):
        self.aws(endpoint=states.dead_url())
        self.check(except_for("unreachable"))


if __name__ == "__main__":
    unittest.main()
