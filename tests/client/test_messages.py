# SPDX-License-Identifier: Apache-2.0
"""The messages: each cause has one line, first the fault, then the remedy, and its exit status."""

import json
import os
import socket
import subprocess
import sys
import unittest
import program

sys.path.insert(0, str(program.SOURCE / "tests/servers"))
from scripted import Scripted  # pylint: disable=wrong-import-position

HEX = b"00" * 32
SCOPES = r".org/?. is not a scope; there are global, org/ID, project/ID and user/ID; see: .*"
FORMS = "global/NAME, org/ID/NAME, project/ID/NAME or user/ID/NAME, or a bare NAME for a global one, "


def dead_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


class Messages(program.Case):
    """Without a log file of its own, the module's lines become part of the program's."""

    def setUp(self):
        super().setUp()
        self.env.update(SIDESEAT_SECRETS_BACKEND="file", VAULT_MAX_RETRIES="0")
        del self.env["SIDESEAT_PKCS11_LOG"], self.env["SIDESEAT_PKCS11_LOG_FILE"]
        self.store = ("--set", f"store.program={os.environ['SIDESEAT_TEST_STORE']}")

    def check(self, rows, **env):
        """Rows of message (a regular expression), status, standard input, arguments."""
        for text, status, stdin, *arguments in rows:
            with self.subTest(arguments=arguments):
                result = self.expect(status, *arguments, stdin=stdin, **env)
                self.assertRegex(result.err, rf"\Asideseat-secrets: {text}\n\Z")
                self.assertNotRegex(result.err, r"0x|CKR_FUNCTION_FAILED|CKR_GENERAL")
                told = json.loads(self.expect(status, "--json", *arguments, stdin=stdin, **env).err)
                self.assertEqual(told["status"], status)
                self.assertRegex(told["messages"][0], rf"\A{text}\Z")
                self.assertEqual(len(told["messages"]), 1)

    def pair(self):
        """A key pair with the key "tls"."""
        (self.home / "sideseat.json").write_text('{"pkcs11": {"keys": ["global/tls"]}}')
        pem = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                              "ec_paramgen_curve:P-256"], capture_output=True, check=True).stdout
        self.expect(program.OK, "set", "tls", stdin=pem)

    def certificate(self):
        """One of another key."""
        return subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj",
                               "/CN=x"], capture_output=True, check=True).stdout

    def test_file(self):
        program.need(self, "openssl")
        self.pair()
        self.expect(program.OK, "set", "a", stdin=b"x")
        self.check((
            ("no secret global/b", 3, b"", "get", "global/b"),
            ("no secret a in org/x", 3, b"", "get", "a", "-s", "org/x"),
            ("no signing key b: either there is no such secret, or neither pkcs11.hmac_keys nor pkcs11.keys lists it "
             r"\(sideseat.json\(5\)\)", 3, b"", "sign", "b"),
            ("no signing key b: .*", 3, b"", "csr", "b", "--san", "example.org"),
            ("--subject takes names such as /CN=www.example.org/O=Example, not 'x': it does not begin with a /", 2, b"", "csr",
             "tls", "--subject", "x"),
            ("--san takes DNS:NAME, IP:ADDRESS, email:ADDRESS or URI:TEXT, not 'IP:x'", 2, b"", "csr",
             "tls", "--san", "IP:x"),
            ("give --subject or --san: a certificate names its holder", 2, b"", "csr", "tls"),
            ("standard input has no certificate", 2, b"x", "cert", "import", "b"),
            ("the first certificate does not belong to a key pair of the token, and nothing has changed; "
             r"rules in pkcs11.keys make key pairs \(sideseat.json\(5\)\)", 3, self.certificate(), "cert",
             "import", "b"),
            ("the first certificate is not for the key pair tls; nothing has changed", 2,
             self.certificate(), "cert", "import", "tls"),
            ("there is neither a terminal nor EDITOR; give the value to: sideseat-secrets set", 2, b"", "edit", "a"),
            ("no token 'x'; list the tokens with: sideseat-secrets status", 3, b"", "-t", "x", "list"),
            ("a value is at least one byte long; to remove a secret: sideseat-secrets delete KEY", 2,
             b"", "set", "a"),
            ("cannot create a: it exists already, and nothing has changed; to replace it, leave out "
             "--create", 4, b"x", "set", "--create", "a"),
            ("cannot store a: it is not at version 77, and nothing has changed; read it again with "
             "--json, and decide", 4, b"x", "set", "--if-version", "77", "a"),
            ("cannot generate a: it exists already, and nothing has changed; to make another, delete "
             "it first", 4, b"", "generate", "a"),
            (rf"'a/b' is not a key; a key is {FORMS}.*", 2, b"x", "set", "a/b"),
            (rf"'a/b' is not a key; a key is {FORMS}.*", 2, b"", "get", "a/b"),
            (rf"'a/b' is not a key; a key is {FORMS}.*", 2, b"", "ensure", "a", "a/b"),
            (rf"'a/b' is not a key; a key is {FORMS}.*", 2, b"{}", "jwt", "a/b"),
            ("standard input is not a JSON object: .*", 2, b"[]", "jwt", "a"),
        ))

    def test_a_key_that_is_no_pair(self):
        (self.home / "sideseat.json").write_text(
            '{"pkcs11": {"keys": [{"key": "global/dek", "type": "aes"}, "global/tls"]}}')
        text = (r"cannot make (dek|x): no rule in pkcs11.keys makes it a key pair \(a rule for an AES key does not\); "
                r"add a rule \(sideseat.json\(5\)\), or use another key")
        self.check(((text, 1, b"", "keygen", "dek"), (text, 1, b"", "keygen", "x")))

    def test_other_commands(self):
        self.expect(program.OK, "set", "a", stdin=b"x")
        self.expect(program.OK, "set", "b", stdin=b"y")
        manifest = self.home / "manifest.json"
        manifest.write_text("{")
        self.check((
            ("no secret global/none", 3, b"", "delete", "global/none"),
            ("no secret global/none", 3, b"", "rename", "global/none", "global/new"),
            ("no format 'xml' to export; there are env, json, sideseat and shell", 2, b"", "export",
             "--format", "xml"),
            ("no format 'xml' to import; there are env and json", 2, b"A=x", "import", "--format", "xml"),
            ("standard input, line 1, is not NAME=VALUE, or its quotes have no end", 2, b"A\n", "import"),
            ("import takes one scope: global, org/ID, project/ID or user/ID", 2, b"A=x", "import", "-s", "org/a",
             "-s", "org/b"),
            (SCOPES, 2, b"A=x", "import", "-s", "org"),
            (SCOPES, 2, b"", "get", "a", "-s", "org"),
            (SCOPES, 2, b"", "run", "-s", "org/", "--env", "A=a", "true"),
            (rf"{manifest}: line 1: .*", 2, b"", "check", str(manifest)),
            ("either a manifest or keys, not both", 2, b"", "ensure", "--manifest", str(manifest), "a"),
            ("copy takes two tokens: FROM and TO; see: .*", 2, b"", "copy", "one"),
            ("search looks for keys; the tokens are printed by: sideseat-secrets list --tokens", 2, b"", "search",
             "--tokens", "x"),
            ("too many arguments, from 'set' on; see: .*", 2, b"", "help", "get", "set"),
            ("cannot set secrets.env.prefix to a value with the quote '; .*", 2, b"", "config", "set",
             "secrets.env.prefix", "it's"),
            ("'timeout_ms' is not the whole path of a setting, which begins with secrets or pkcs11: .*", 2, b"", "config",
             "set", "timeout_ms", "3000"),
            ("two of the names become the key global/a; leave one out, or rename it", 2, b"A=1\na=2\n", "import"),
            (r"cert takes import KEY \[FILE\]; see: sideseat-secrets cert --help", 2, b"", "cert", "a"),
            ("no token fits the URI of a; list the tokens with: sideseat-secrets status", 3, b"", "get",
             "pkcs11:token=none;object=a"),
            ("cannot make k: the token does not offer this algorithm; choose another, or list the secrets that hold key "
             r"pairs in pkcs11.keys \(sideseat.json\(5\)\) \(CKR_MECHANISM_INVALID\)", 1, b"", "keygen", "k"),
        ))

    def test_versions_and_fields(self):
        self.expect(program.OK, "set", "a", stdin=b"x")
        self.expect(program.OK, "set", "db", stdin=b'{"user": "u"}')
        none = "the store of a keeps no old versions"
        self.check((
            *((none, 1, b"", *words) for words in (("history", "a"), ("get", "--version", "1", "a"), ("rollback", "a", "1"),
                                                   ("undelete", "a"), ("delete", "--keep", "a"))),
            ("a would be destroyed with all its versions, and nothing could bring it back; if you want that, add "
             "--yes", 2, b"", "delete", "--destroy", "a"),
            ("--keep and --destroy exclude each other", 2, b"", "delete", "--keep", "--destroy", "a"),
            ("db has no field x", 3, b"", "get", "db#x"),
            ("db has no field x", 3, b"", "sign", "db#x"),
            ("a is not a JSON object, so it has no field x", 3, b"{}", "jwt", "a#x"),
            ("no secret db#user; a field of db can only be read; change the whole value with: "
             "sideseat-secrets edit db", 3, b"", "delete", "db#user"),
            ("a field can only be read, and db#user would be a secret of its own beside db; to change the field: "
             "sideseat-secrets edit db; for the secret, give its URI: sideseat-secrets uri 'db#user'", 2, b"x",
             "set", "db#user"),
            ("a field can be the key of an HMAC only; store the key pair as a secret of its own, and list it in "
             r"pkcs11.keys \(sideseat.json\(5\)\)", 2, b"x", "sign", "-a", "RS256", "db#user"),
            (f"cannot open {self.home}/none: No such file or directory", 2, b"", "check", f"{self.home}/none"),
        ))

    def test_settings(self):
        begin = r"cannot initialize .*/sideseat-pkcs11\.so: conf: "
        self.check((
            (begin + 'arguments: backend: must be one of file, .*; did you mean "vault"\\?', 2, b"",
             "-b", "vualt", "list"),
            (begin + 'arguments: file.nonsense: no such setting; .*', 2, b"", "--set", "file.nonsense=1",
             "list"),
            (begin + "arguments: vault.token: on a command line every user of the machine can read it; .*",
             2, b"", "-b", "vault", "--set", "vault.token=x", "list"),
        ))
        self.check(((begin + r"environment variable SIDESEAT_SECRETS_BACKEND \(secrets.backend\): must be "
                     'one of file, .*; did you mean "file"\\?', 2, b"", "list"),),
                   SIDESEAT_SECRETS_BACKEND="fil")
        self.check(((begin + r"environment variable VAULT_TOKEN \(secrets.vault.token\): must be a text "
                     r"without control characters \(its value is not shown\)", 2, b"", "list"),),
                   SIDESEAT_SECRETS_BACKEND="vault", VAULT_ADDR="http://127.0.0.1:1", VAULT_TOKEN="a\nb")

    def test_stores_of_another_system(self):
        for backend, system in (("keychain", "macOS"), ("data-protection-keychain", "macOS"),
                                ("credential-manager", "Windows")):
            only = rf"conf: the backend {backend} is only on {system}; name another with .*"
            self.check(((f"cannot look up a: {only}", 2, b"", "-b", backend, "get", "a"),
                        (f"cannot list the secrets: {only}", 2, b"", "-b", backend, "list")))

    def test_damaged_and_denied_files(self):
        self.data.mkdir(mode=0o700)
        file = self.data / "secrets.json"
        file.write_text('{"version": 2, "secrets": {}}')
        file.chmod(0o666)
        self.check(((rf"cannot look up a: file: .*/secrets.json .*chmod go-rwx .*", 7, b"", "get", "a"),
                    (rf"cannot store a: file: .*/secrets.json .*chmod go-rwx .*", 7, b"x", "set", "a")))

    def test_read_only(self):
        text = (r"cannot store a: either the store is read-only, or the setting read_only or read_only_keys forbids this; "
                r"change the store where it comes from, or the setting \(sideseat.json\(5\)\), or choose another backend "
                r"\(CKR_TOKEN_WRITE_PROTECTED\)")
        self.check(((text, 7, b"x", "set", "a"),), SIDESEAT_SECRETS_BACKEND="env")
        for settings in ({"read_only": True}, {"read_only_keys": "global/a"}):
            (self.home / "sideseat.json").write_text(json.dumps({"secrets": settings}))
            self.check(((text, 7, b"x", "set", "a"),))

    def test_vault(self):
        address = dead_address()
        begin = r"cannot (look up a|list the secrets|store a): vault: "
        cloud = {"SIDESEAT_SECRETS_BACKEND": "vault", "VAULT_ADDR": address}
        self.check([(begin + rf".*{address[7:]}.*; .*", 6, b"x", *self.store, *call)
                    for call in (("get", "a"), ("list",), ("set", "a"))], VAULT_TOKEN="x", **cloud)
        self.check(((begin + "there is no token; run vault login, .*", 9, b"", *self.store, "get", "a"),),
                   **cloud)
        self.check(((begin + "the token has characters that a token cannot have; set VAULT_TOKEN or .*", 9, b"",
                     *self.store, "get", "a"),), VAULT_TOKEN="a b", **cloud)

    def test_a_store_process_that_is_missing(self):
        self.check((("cannot list the secrets: store: cannot start /nowhere/x: No such file or directory; "
                     "install it there, or name it in pkcs11.store.program", 6, b"", "--set",
                     "store.program=/nowhere/x", "list"),),
                   SIDESEAT_SECRETS_BACKEND="vault", VAULT_ADDR="http://127.0.0.1:1", VAULT_TOKEN="x")

    def test_aws(self):
        self.check(((r"cannot look up a: aws: .*credentials.*; .*", 9, b"", *self.store, "get", "a"),),
                   SIDESEAT_SECRETS_BACKEND="aws", AWS_REGION="eu-west-1", AWS_EC2_METADATA_DISABLED="true",
                   AWS_ENDPOINT_URL=dead_address())

        self.check((("cannot look up a: aws: .*: the store cannot be reached: .*; check aws.region, aws.endpoint_url "
                     "and the network", 6, b"", *self.store, "get", "a"),),
                   SIDESEAT_SECRETS_BACKEND="aws", AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=dead_address(),
                   AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_MAX_ATTEMPTS="1")

    def test_aws_refusals(self):
        new = "renew (them with: aws configure, or|it, for single sign-on with): aws sso login"
        rows = (("InvalidClientTokenId", 9, "AWS does not know these keys, or not together with this session token; " + new),
                ("UnrecognizedClientException", 9, "AWS does not know these keys, or .*; " + new),
                ("SignatureDoesNotMatch", 9, "the secret access key does not belong to the key ID; set both again with: "
                                             "aws configure, or: aws sso login"),
                ("ExpiredTokenException", 9, "the session has ended; " + new),
                ("AccessDeniedException", 7, r"check the identity's policy \(aws.md .*\)"))
        env = {"SIDESEAT_SECRETS_BACKEND": "aws", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA",
               "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true"}
        for code, status, remedy in rows:
            with Scripted(lambda _, code=code: (400, {"__type": code})) as server:
                said = rf"aws: GetSecretValue of global/a is refused: {code} \(HTTP 400\); {remedy}"
                here = rf"GetSecretValue in eu-west-1 is refused: {code}" if status == 9 else \
                    rf"{server.url}/ does not let this identity read sideseat/global/health: {code}"
                self.check(((f"cannot look up a: {said}", status, b"", *self.store, "get", "a"),),
                           AWS_ENDPOINT_URL=server.url, **env)
                said = self.expect(status, *self.store, "doctor", AWS_ENDPOINT_URL=server.url, **env).err
                self.assertRegex(said, rf"\Asideseat-secrets: token sideseat: {here}; {remedy}\n")

    def test_aws_settings(self):
        """doctor, too, names the setting or the credentials that are wrong."""
        whole = {"SIDESEAT_SECRETS_BACKEND": "aws", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA",
                 "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": dead_address()}
        none = r"aws: no credentials in the environment, profile default, .*; log in with: aws configure, or: aws sso login"
        for more, status, text in (
                ({"AWS_REGION": None}, 2, "aws: no region is set; set secrets.aws.region in sideseat.json, AWS_REGION, or "
                                          "region in the profile"),
                ({"AWS_REGION": "eu-west-1!"}, 2, 'aws: "eu-west-1!" is not a region; expected one such as eu-west-1'),
                ({"AWS_SECRET_ACCESS_KEY": None}, 9, "aws: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set, "
                                                     "or neither"),
                ({"AWS_SECRET_ACCESS_KEY": None, "AWS_ACCESS_KEY_ID": None}, 9, none),
                ({"AWS_PROFILE": "nope"}, 2, 'aws: there is no profile "nope" in .*; see: aws configure list-profiles')):
            self.check(((f"cannot look up a: ({text})", status, b"", *self.store, "get", "a"),
                        (f"token sideseat: ({text})", status, b"", *self.store, "doctor")), **{**whole, **more})
        where = rf"{whole['AWS_ENDPOINT_URL']}/: the store cannot be reached: Failed to connect .*; check the network, .*"
        self.check(((f"token sideseat: {where}", 6, b"", *self.store, "doctor"),), AWS_MAX_ATTEMPTS="1", **whole)

    def test_doctor_prints_the_reasons_of_several_tokens(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "one", "backend": "aws"}, {"label": "two", "backend": "vault", "vault": {"address": dead_address()}},
            {"label": "three", "backend": "aws"}]}}))
        said = self.expect(program.USAGE, *self.store, "doctor", SIDESEAT_SECRETS_BACKEND=None, AWS_REGION=None,
                           AWS_EC2_METADATA_DISABLED="true", VAULT_TOKEN="x").err
        self.assertEqual(said.count("sideseat-secrets: aws: no region is set; "), 1, said)
        for token in ("one", "three"):
            self.assertIn(f"token {token}: the configuration is wrong (GetCallerIdentity in no region); ", said)
        self.assertNotIn("sideseat-secrets: vault: ", said)

    def test_a_requested_log_level_still_counts(self):
        said = self.expect(program.UNREACHABLE, "--set", "store.program=/nowhere/x", "-b", "vault", "list",
                           SIDESEAT_PKCS11_LOG="info", VAULT_TOKEN="x", VAULT_ADDR=dead_address()).err
        self.assertIn("sideseat-pkcs11[", said)
        self.assertIn("sideseat-secrets: cannot list the secrets: the store cannot be reached", said)

    def test_warnings_are_shown_when_all_is_well(self):
        said = self.expect(program.OK, "list", SIDESEAT_SECRETS_BACKEND=None).err
        self.assertRegex(said, r"\Asideseat-secrets: warning: conf: no backend is configured .*\n\Z")


if __name__ == "__main__":
    unittest.main()
