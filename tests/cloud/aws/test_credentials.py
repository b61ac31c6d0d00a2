# SPDX-License-Identifier: Apache-2.0
"""The sources of credentials, their order, and the errors of each. One scripted server plays
Secrets Manager, STS, the SSO portal and its OIDC endpoint, a container's agent and an instance."""

import datetime
import hashlib
import json
import os
import pathlib
import signal
import stat
import sys
import tempfile
import time
import unittest
import urllib.parse

from aws_store import DRIVER, RECORD, Store, clean_environment
from scripted import Scripted


def in_seconds(seconds):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def keys(name, seconds=3600, token="Token"):
    """Keys as agents give them; the name is found again in the requests that they sign."""
    return {"AccessKeyId": name, "SecretAccessKey": "s", token: "session-" + name,
            "Expiration": in_seconds(seconds)}


class Cloud(Scripted):
    """Everything at one address. `used` are the key ids that Secrets Manager has seen."""

    def __init__(self):
        super().__init__(self.any)
        self.used = []
        self.forms = []
        self.agent = keys("CONTAINER")
        self.instance = keys("INSTANCE") | {"Code": "Success"}
        self.portal = (200, {"roleCredentials": {
            "accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t",
            "expiration": 4000000000000}})
        self.oidc = (400, {"error": "invalid_grant"})
        self.refused = set()
        self.life = 3600
        self.page = {}  # another server's answer to a path

    def any(self, request):
        path = urllib.parse.urlsplit(request.path).path
        if path in self.page and not request.operation:
            return self.page[path]
        if request.operation:
            key = request.headers["Authorization"].split("Credential=")[1].split("/")[0]
            self.used.append(key)
            if key in self.refused:
                return 400, {"__type": "ExpiredTokenException"}
            return 200, RECORD
        if path == "/token":
            return self.oidc
        if path == "/federation/credentials":
            return self.portal
        if path.startswith("/latest/"):
            return self.metadata(request)
        if path == "/agent":
            return (200, self.agent) if request.headers.get("Authorization") == "agent-token" \
                else (403, {})
        return self.sts(dict(urllib.parse.parse_qsl(request.body.decode())), request)

    def metadata(self, request):
        if request.path == "/latest/api/token":
            return (200, "imds-token") if request.method == "PUT" else (405, "")
        if request.headers.get("X-aws-ec2-metadata-token") != "imds-token":
            return 401, ""
        return {"/latest/meta-data/iam/security-credentials/": (200, "role\n"),
                "/latest/meta-data/iam/security-credentials/role": (200, self.instance),
                "/latest/meta-data/placement/region": (200, "eu-south-1")}[request.path]

    def sts(self, form, request):
        signer = request.headers.get("Authorization", "none").partition("Credential=")[2]
        self.forms.append({**form, "signer": signer.split("/")[0]})
        name = form["RoleArn"].rpartition("/")[2]
        if name == "forbidden":
            return 403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
        return 200, (f"<R xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><Credentials>"
                     f"<AccessKeyId>{name}</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey>"
                     f"<SessionToken>t</SessionToken><Expiration>{in_seconds(self.life)}"
                     f"</Expiration></Credentials></R>")


class Credentials(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.cloud = Cloud()
        self.cloud.__enter__()
        self.addCleanup(self.cloud.__exit__)

    def store(self, *settings, **variables):
        return Store(clean_environment(self.home, **{
            "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": self.cloud.url, **variables}), *settings)

    def file(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def config(self, text):
        self.file(".aws/config", text)

    def expect(self, key, **variables):
        """A read is signed with this key."""
        with self.store(**variables) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())
        self.assertEqual(self.cloud.used[-1], key)

    def expect_none(self, *words, err="AUTH", **variables):
        """A read finds no keys, nothing is sent, and the log has these words."""
        with self.store(**variables) as store:
            self.assertEqual(store.read("global/a"), f"<{err}>", store.log())
            for word in words:
                self.assertIn(word, store.log())
            self.told = store.log()
            self.assertEqual(len(self.told.splitlines()), 1, self.told)
        self.assertEqual(self.cloud.used, [])

    ENV = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"}
    WEB = {"AWS_ROLE_ARN": "arn:aws:iam::1:role/WEB"}


class Order(Credentials):
    def everything(self):
        token = self.file("web", "web-token\n")
        self.config("[default]\naws_access_key_id = PROFILE\naws_secret_access_key = s\n")
        return {**self.ENV, **self.WEB, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.url + "/agent",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "agent-token",
                "AWS_EC2_METADATA_DISABLED": None,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.url}

    def test_each_place_is_asked_when_those_before_it_have_nothing(self):
        variables = self.everything()
        self.expect("ENV", **variables)
        for name in self.ENV:
            del variables[name]
        self.expect("PROFILE", **variables)
        self.config("")
        self.expect("WEB", **variables)
        del variables["AWS_WEB_IDENTITY_TOKEN_FILE"]
        self.expect("CONTAINER", **variables)
        del variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        self.expect("INSTANCE", **variables)

    def test_with_nothing_anywhere_the_log_says_what_to_do(self):
        self.expect_none("no credentials", "aws configure", "aws sso login")

    def test_blanks_and_line_breaks_are_told_with_the_variable(self):
        for name, value in {**self.ENV, "AWS_SESSION_TOKEN": "t"}.items():
            for wrong in (value + "\n", value + "\r\n", " " + value, value + " ", value + "\t",
                          "a b", "a\nb"):
                variables = {**self.ENV, name: wrong}
                self.expect_none(f"{name} has a blank", **variables)
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            variables = {**self.ENV, "AWS_REGION": None, name: "eu-west-1\n"}
            with self.store(**variables) as store:
                self.assertEqual(store.opened, "BAD_CONF")
                self.assertIn(f"{name} has a blank", store.log())
        self.config("[default]\naws_access_key_id = A\naws_secret_access_key = a\n  b\n")
        self.expect_none("aws_secret_access_key has a blank", err="BAD_CONF")

    def test_half_of_a_pair_is_a_mistake(self):
        self.expect_none("AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID="ENV")

    def test_a_place_that_is_set_up_and_fails_is_not_passed_over(self):
        variables = self.everything()
        for name in self.ENV:
            del variables[name]
        self.config("[default]\ncredential_process = /bin/false\n")
        self.expect_none("exit status 1", **variables)


class Profiles(Credentials):
    def test_the_credentials_file_wins_and_a_profile_can_be_chosen(self):
        self.config("[default]\naws_access_key_id = A\naws_secret_access_key = s\n"
                    "[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n")
        self.file(".aws/credentials", "[default]\naws_access_key_id = C\n")
        self.expect("C")
        self.expect("B", AWS_PROFILE="b")
        other = self.file("other", "[b]\naws_access_key_id = D\naws_secret_access_key = s\n")
        self.expect("D", AWS_PROFILE="b", AWS_SHARED_CREDENTIALS_FILE=str(other),
                    AWS_CONFIG_FILE="/dev/null")

    def test_a_profile_that_is_not_there_is_a_mistake(self):
        with self.store(AWS_PROFILE="none", **self.ENV) as store:
            self.assertEqual(store.opened, "BAD_CONF")
            self.assertIn('no profile "none"', store.log())

    def test_a_chain_of_roles_is_walked(self):
        self.config("[default]\nrole_arn = arn:aws:iam::1:role/LAST\nsource_profile = middle\n"
                    "external_id = x y\nduration_seconds = 900\nrole_session_name = me\n"
                    "[profile middle]\nrole_arn = arn:aws:iam::1:role/MIDDLE\n"
                    "source_profile = base\n"
                    "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n")
        self.expect("LAST")
        first, last = self.cloud.forms
        self.assertEqual((first["signer"], last["signer"]), ("BASE", "MIDDLE"))
        self.assertEqual(last["ExternalId"], "x y")
        self.assertEqual(last["DurationSeconds"], "900")
        self.assertEqual(last["RoleSessionName"], "me")

    def test_a_profile_may_be_its_own_source(self):
        self.config("[default]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = default\n"
                    "aws_access_key_id = SELF\naws_secret_access_key = s\n")
        self.expect("R")
        self.assertEqual(self.cloud.forms[0]["signer"], "SELF")

    def test_credential_source_names_a_place(self):
        self.config("[profile x]\nrole_arn = arn:aws:iam::1:role/R\n"
                    "credential_source = EcsContainer\n")
        self.expect("R", AWS_PROFILE="x",
                    AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent",
                    AWS_CONTAINER_AUTHORIZATION_TOKEN="agent-token")
        self.assertEqual(self.cloud.forms[0]["signer"], "CONTAINER")

    def test_mistakes_are_named(self):
        role = "[default]\nrole_arn = arn:aws:iam::1:role/R\n"
        for text, word in (
                (role, "source_profile or credential_source"),
                (role + "source_profile = x\ncredential_source = Environment\n", "either"),
                (role + "source_profile = x\n", "does not exist"),
                (role + "source_profile = b\n[profile b]\nrole_arn = y\nsource_profile = default\n",
                 "circle"),
                (role + "source_profile = b\n[profile b]\nregion = x\n", "has no keys"),
                (role + "credential_source = Nowhere\n", "Ec2InstanceMetadata"),
                (role + "source_profile = b\nmfa_serial = m\n[profile b]\n", "mfa_serial"),
                ("[default]\naws_access_key_id = A\n", "both"),
                ("[default]\nlogin_session = x\n", "export-credentials")):
            self.config(text)
            self.expect_none(word, err="BAD_CONF")

    def test_a_role_that_is_refused_is_an_error_that_names_it(self):
        self.config("[default]\nrole_arn = arn:aws:iam::1:role/forbidden\nsource_profile = b\n"
                    "[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n")
        self.expect_none("role/forbidden", "AccessDenied", "trust policy")

    def test_a_web_identity_profile_reads_its_token_each_time(self):
        token = self.file("web", "one")
        self.config(f"[default]\nrole_arn = arn:aws:iam::1:role/R\n"
                    f"web_identity_token_file = {token}\n")
        self.cloud.life = 1
        with self.store() as store:
            store.read("global/a")
            token.write_text("two", encoding="ascii")
            store.ask("logout")
            store.read("global/a")
        self.assertEqual([form["WebIdentityToken"] for form in self.cloud.forms], ["one", "two"])
        self.assertEqual(self.cloud.forms[0]["signer"], "")


class Process(Credentials):
    def process(self, code, *arguments):
        script = self.file("give keys.py", code)
        words = " ".join([sys.executable, f'"{script}"', *arguments])
        self.config(f"[default]\ncredential_process = {words}\n")

    GOOD = "import json,sys\nprint(json.dumps({'Version': 1, 'AccessKeyId': sys.argv[1], " \
           "'SecretAccessKey': 's', 'SessionToken': 't'}))\n"

    def test_its_words_are_taken_as_they_are_and_no_shell_runs(self):
        self.process("import sys\nsys.argv[1] = 'OK' if sys.argv[1:] == "
                     "['$HOME', '~', '`x`', '*', 'a b', ';', '|'] else 'BAD'\n" + self.GOOD,
                     "'$HOME'", "'~'", "'`x`'", "'*'", "'a b'", "';'", "'|'")
        self.expect("OK")
        self.process(self.GOOD, "$HOME;x|y&z")
        self.expect("$HOME;x|y&z")

    def test_an_invalid_answer_of_a_program_is_an_error(self):
        for output in ("", "{", "{}", '{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "s"}',
                       '{"Version": 1, "AccessKeyId": "A"}'):
            self.process(f"print({output!r})\n")
            self.expect_none("Version 1")

    def test_keys_with_control_characters_are_refused(self):
        for name, value in (("SecretAccessKey", "s\n"), ("SecretAccessKey", "a b"),
                            ("SessionToken", "t\r\nX-Evil: 1"), ("SessionToken", "t\0"),
                            ("AccessKeyId", "A\r\nX-Evil: 1")):
            given = {"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", name: value}
            self.process(f"import json\nprint(json.dumps({given!r}))\n")
            self.expect_none("Version 1")

    def test_one_that_writes_without_end_is_stopped_and_named(self):
        for text in ("x", " ", "{"):
            self.process(f"import sys\nwhile True: sys.stdout.write({text!r} * 4096)\n")
            self.expect_none("writes more than 64 KiB and was stopped")

    def test_a_sandbox_without_handles_of_processes_does_not_matter(self):
        deny = self.file("deny.py", """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 434), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)]
rules = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(rules)))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0
os.execv(sys.argv[1], sys.argv[1:])
""")
        environment = clean_environment(self.home, AWS_REGION="eu-west-1",
                                        AWS_ENDPOINT_URL=self.cloud.url)
        self.process("import time\n" + self.GOOD + "sys.stdout.close()\ntime.sleep(.2)\n", "BOXED")
        with Store(environment, str(deny), DRIVER, program=sys.executable) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())
        self.process("import os, time\nos.close(1)\ntime.sleep(60)\n")
        with Store(environment, str(deny), DRIVER, "timeout_ms=1000",
                   program=sys.executable) as store:
            self.assertEqual(store.read("global/a"), "<TIMEOUT>")

    def test_a_failure_is_told_with_its_status(self):
        self.process("import sys\nprint('OOPS', file=sys.stderr)\nsys.exit(7)\n")
        self.expect_none("exit status 7")
        self.config("[default]\ncredential_process = /nonexistent/program x\n")
        self.expect_none("/nonexistent/program")
        self.config("[default]\ncredential_process = \"open\n")
        self.expect_none("open quote", err="BAD_CONF")

    def test_one_that_does_not_end_is_stopped_with_its_children(self):
        pid = self.home / "pid"
        self.process(f"import subprocess, time\nchild = subprocess.Popen(['sleep', '60'])\n"
                     f"open({str(pid)!r}, 'w').write(str(child.pid))\ntime.sleep(60)\n")
        with self.store("timeout_ms=1500") as store:
            self.assertEqual(store.read("global/a"), "<TIMEOUT>")
            self.assertIn("was stopped", store.log())
        state = pathlib.Path(f"/proc/{pid.read_text()}/stat")
        limit = time.monotonic() + 10  # the kernel ends it in its own time
        while state.exists() and " Z " not in state.read_text() and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertTrue(not state.exists() or " Z " in state.read_text())

    def escaping(self, how):
        """A program that gets away, gives nothing and does not end."""
        self.process(f"import os, signal, sys, time\n"
                     f"open({str(self.home / 'pids')!r}, 'a').write(str(os.getpid()) + ' ')\n"
                     f"{how}\n"
                     f"open({str(self.home / 'pids')!r}, 'a').write(str(os.getpid()) + ' ')\n"
                     f"time.sleep(60)\n")

    def test_one_that_leaves_its_group_is_given_up_and_the_next_call_works(self):
        for how in ("if os.fork(): os._exit(0)\nos.setsid()",  # keeps its output open
                    "if os.fork(): time.sleep(60)\nos.setsid()",
                    "os.setpgid(0, os.getppid()) if os.getppid() == os.getpgid(os.getppid()) "
                    "else None",
                    "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
                    "print('{', flush=True)"):
            self.escaping(how)
            with self.store("timeout_ms=1500") as store:
                start = time.monotonic()
                self.assertEqual(store.read("global/a"), "<TIMEOUT>", how)
                self.assertLess(time.monotonic() - start, 5)
                self.assertEqual(len(store.log().splitlines()), 1)
                self.process(self.GOOD, "NEXT")
                self.assertEqual(store.read("global/a"), "plain", store.log())
            self.assertEqual(self.cloud.used[-1], "NEXT")
        for pid in set((self.home / "pids").read_text().split()):
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass

    def test_it_gets_no_descriptor_of_ours(self):
        self.process("import os\nfds = [fd for fd in range(3, 1024) if os.path.exists("
                     "f'/proc/self/fd/{fd}')]\nimport json, sys\n"
                     "sys.argv[1] = 'CLEAN' if not fds else str(fds)\n" + self.GOOD, "x")
        with open("/dev/null", "rb") as null:
            os.set_inheritable(null.fileno(), True)
            environment = clean_environment(self.home, AWS_REGION="eu-west-1",
                                            AWS_ENDPOINT_URL=self.cloud.url)
            with Store(environment, keep=[null.fileno()]) as store:
                self.assertEqual(store.read("global/a"), "plain", store.log())
        self.assertEqual(self.cloud.used[-1], "CLEAN")

    def test_expired_output_is_refused(self):
        self.process("import json\nprint(json.dumps({'Version': 1, 'AccessKeyId': 'A', "
                     "'SecretAccessKey': 's', 'Expiration': '2020-01-01T00:00:00Z'}))\n")
        self.expect_none("have expired")


class SingleSignOn(Credentials):
    SESSION = ("[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n"
               "sso_role_name = Read Only\n"
               "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x/start\n")

    def cache(self, name, **members):
        path = f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json"
        return self.file(path, json.dumps(members))

    def test_a_cached_token_gets_the_role_s_keys(self):
        self.config(self.SESSION)
        self.cache("corp", accessToken="tok", expiresAt=in_seconds(7200), startUrl="https://x/start")
        self.expect("SSO", AWS_PROFILE="dev")
        request = next(r for r in self.cloud.requests if "federation" in r.path)
        self.assertEqual(request.headers["x-amz-sso_bearer_token"], "tok")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query))
        self.assertEqual(query, {"role_name": "Read Only", "account_id": "123456789012"})
        self.assertNotIn("Authorization", request.headers)

    def test_the_older_kind_of_profile_works_too(self):
        self.config("[default]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n"
                    "sso_account_id = 1\nsso_role_name = R\n")
        self.cache("https://x/start", accessToken="tok", expiresAt="2099-06-17T10:02:08UTC")
        self.expect("SSO")

    def test_an_expired_token_names_the_command_to_run(self):
        self.config(self.SESSION)
        command = "aws sso login --profile dev"
        self.expect_none("no SSO token yet", command, AWS_PROFILE="dev")
        self.cache("corp", accessToken="tok", expiresAt=in_seconds(-60))
        self.expect_none("expired", command, AWS_PROFILE="dev")
        self.cache("corp", accessToken="tok", expiresAt=in_seconds(7200))
        self.cloud.portal = (401, {"message": "Session token not found or invalid"})
        self.expect_none("no longer accepts", command, AWS_PROFILE="dev")

    REFRESHABLE = {"accessToken": "old", "refreshToken": "refresh", "clientId": "id",
                   "clientSecret": "cs", "registrationExpiresAt": "2099-01-01T00:00:00Z",
                   "region": "eu-west-1", "startUrl": "https://x/start"}

    def test_an_expired_token_is_refreshed_and_the_file_rewritten(self):
        self.config(self.SESSION)
        path = self.cache("corp", expiresAt=in_seconds(-60), **self.REFRESHABLE)
        self.cloud.oidc = (200, {"accessToken": "new", "expiresIn": 3600, "refreshToken": "next",
                                 "tokenType": "Bearer"})
        self.expect("SSO", AWS_PROFILE="dev")
        body = next(r for r in self.cloud.requests if r.path == "/token").json()
        self.assertEqual(body, {"clientId": "id", "clientSecret": "cs", "refreshToken": "refresh",
                                "grantType": "refresh_token"})
        held = json.loads(path.read_text())
        self.assertEqual((held["accessToken"], held["refreshToken"]), ("new", "next"))
        self.assertEqual(held["startUrl"], "https://x/start")
        self.assertGreater(held["expiresAt"], in_seconds(3000))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(list(path.parent.iterdir()), [path])

    def test_a_refresh_that_is_refused_leaves_the_file_alone(self):
        self.config(self.SESSION)
        path = self.cache("corp", expiresAt=in_seconds(-60), **self.REFRESHABLE)
        before = path.read_bytes()
        self.expect_none("aws sso login --profile dev", AWS_PROFILE="dev")
        self.assertEqual(path.read_bytes(), before)

    def test_a_token_that_is_still_good_survives_a_refresh_that_fails(self):
        self.config(self.SESSION)
        self.cache("corp", expiresAt=in_seconds(300), **self.REFRESHABLE)
        self.expect("SSO", AWS_PROFILE="dev")

    def test_repeating_the_session_s_settings_differently_is_a_mistake(self):
        self.config(self.SESSION.replace("sso_role_name", "sso_region = us-east-1\nsso_role_name"))
        self.expect_none("repeats them", err="BAD_CONF", AWS_PROFILE="dev")


class Agents(Credentials):
    def test_the_token_file_is_read_each_time_and_wins(self):
        token = self.file("token", "agent-token")
        self.expect("CONTAINER",
                    AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent",
                    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token),
                    AWS_CONTAINER_AUTHORIZATION_TOKEN="wrong")

    def test_plain_http_goes_to_agents_only(self):
        for url in ("http://evil.example/agent", "http://169.254.170.3/", "http://10.0.0.1/x",
                    "http://localhost.evil.example/", "ftp://127.0.0.1/", "http://u@127.0.0.1/x",
                    "http://127.0.0.1 .evil/"):
            self.expect_none("expected https", AWS_CONTAINER_CREDENTIALS_FULL_URI=url)

    def test_addresses_that_are_none_are_refused(self):
        for url in ("h", "ht", "http", "http:", "http:/", "http://", "https://", "https:", "://",
                    "/", "//", "?", "http://?", "http:///agent", "x" * 5000, "http://[", "HTTP:/",
                    "http://127.0.0.1:", "http://127.0.0.1:999999/", "https://a b/"):
            self.expect_none("expected https", AWS_CONTAINER_CREDENTIALS_FULL_URI=url)
        self.expect_none("no credentials", AWS_CONTAINER_CREDENTIALS_FULL_URI="")
        for path in ("@evil.example/", "x" * 5000, "a b", "\\"):
            self.expect_none("expected https", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=path)

    def test_a_password_in_the_address_of_an_instance_is_not_logged(self):
        self.expect_none("http://***@proxy.example", err="BAD_CONF", AWS_EC2_METADATA_DISABLED=None,
                         AWS_EC2_METADATA_SERVICE_ENDPOINT="http://me:hunter22@proxy.example",
                         AWS_REGION=None)
        self.assertNotIn("hunter22", self.told)

    def test_a_token_cannot_add_headers(self):
        token = self.file("token", "agent-token\r\nX-Evil: 1")
        self.expect_none("line break", AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent",
                         AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))

    def test_an_instance_gives_keys_and_the_region(self):
        with self.store(AWS_REGION=None, AWS_EC2_METADATA_DISABLED=None,
                        AWS_EC2_METADATA_SERVICE_ENDPOINT=self.cloud.url) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())
        last = self.cloud.requests[-1].headers["Authorization"]
        self.assertIn("/eu-south-1/secretsmanager/aws4_request", last)

    def test_without_a_region_the_log_says_where_to_set_one(self):
        self.expect_none("AWS_REGION", err="BAD_CONF", AWS_REGION=None)


class Foreign(Credentials):
    """A proxy or a login page in the place of a source: never keys, and never "no keys"."""

    HTML = {"Content-Type": "text/html"}
    ANSWERS = [(200, "<html><body>PAGE</body></html>", HTML), (200, "", {}), (200, "[]", {}),
               (200, '{"login":"PAGE"}', {"Content-Type": "application/json"}), (204, "", {}),
               (302, "PAGE", {"Location": "http://login.example/?PAGE"}), (403, "<html>PAGE", HTML),
               (404, "<html>PAGE", HTML), (404, "", {}), (401, "<html>PAGE", HTML),
               (502, "<html>PAGE", HTML)]

    def check(self, path, answers=None, **variables):
        for answer in answers or self.ANSWERS:
            self.cloud.page = {path: answer}
            with self.store(**variables) as store:
                self.assertEqual(store.read("global/a"), "<UNAVAILABLE>", (answer, store.log()))
                self.assertEqual(len(store.log().splitlines()), 1, store.log())
                self.assertIn(f"HTTP {answer[0]}", store.log())
                self.assertIn(answer[2].get("Content-Type", "without a content type"), store.log())
                self.assertNotIn("PAGE", store.log())
                if answer[0] == 302:
                    self.assertIn("http://login.example/", store.log())
        self.assertEqual(self.cloud.used, [])

    def test_of_a_container(self):
        self.check("/agent", AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent")

    def test_keys_with_control_characters_come_from_another_source(self):
        self.config(SingleSignOn.SESSION)
        cache = f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json"
        token = {"accessToken": "tok", "expiresAt": "2099-12-31T23:59:59Z"}
        self.file(cache, json.dumps(token))
        portal = self.cloud.portal[1]["roleCredentials"]
        agent, instance = self.cloud.agent, self.cloud.instance
        places = (
            (agent, ("SecretAccessKey", "Token"),
             {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.cloud.url + "/agent",
              "AWS_CONTAINER_AUTHORIZATION_TOKEN": "agent-token"}),
            (instance, ("SecretAccessKey", "Token"),
             {"AWS_EC2_METADATA_DISABLED": None,
              "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.url}),
            (portal, ("secretAccessKey", "sessionToken"), {"AWS_PROFILE": "dev"}))
        for given, members, variables in places:
            for member in members:
                kept = given[member]
                for bad in ("a\r\nX-Evil: 1", "a\0b", "a\n", "a b", "\x7f"):
                    given[member] = bad
                    with self.store(**variables) as store:
                        self.assertEqual(store.read("global/a"), "<UNAVAILABLE>", (member, bad))
                        self.assertEqual(len(store.log().splitlines()), 1, store.log())
                given[member] = kept
        for bad in ("", "a\nb"):
            self.file(cache, json.dumps({**token, "accessToken": bad}))
            self.expect_none("aws sso login", AWS_PROFILE="dev")
        self.assertEqual(self.cloud.used, [])

    def test_a_container_s_own_refusal_is_one(self):
        self.expect_none("check that the task or pod has a role",
                         AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent")

    def test_of_an_instance(self):
        variables = {"AWS_EC2_METADATA_DISABLED": None,
                     "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.cloud.url}
        roles = "/latest/meta-data/iam/security-credentials/"
        self.check("/latest/api/token", [a for a in self.ANSWERS], **variables)
        # an empty list, or 404, is an instance without a role
        self.check(roles, [a for a in self.ANSWERS if a[1] and a[0] not in (401, 404)],
                   **variables)
        self.check(roles + "role", [a for a in self.ANSWERS if a[0] != 401], **variables)
        self.check("/latest/meta-data/placement/region",
                   [a for a in self.ANSWERS if a[0] not in (401, 404)], AWS_REGION=None,
                   **variables)

    def test_an_instance_without_a_role_has_no_keys(self):
        self.cloud.page = {"/latest/meta-data/iam/security-credentials/": (404, "")}
        self.expect_none("no credentials", AWS_EC2_METADATA_DISABLED=None,
                         AWS_EC2_METADATA_SERVICE_ENDPOINT=self.cloud.url)

    def test_of_sts(self):
        token = self.file("web", "web-token")
        self.check("/", AWS_WEB_IDENTITY_TOKEN_FILE=str(token), **self.WEB)
        self.config("[default]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = b\n"
                    "[profile b]\naws_access_key_id = B\naws_secret_access_key = s\n")
        self.check("/")

    def test_sts_that_is_busy_is_not_a_refusal(self):
        token = self.file("web", "web-token")
        self.cloud.page = {"/": (400, "<ErrorResponse><Error><Code>Throttling</Code></Error>"
                                      "</ErrorResponse>")}
        self.expect_none("Throttling", err="UNAVAILABLE",
                         AWS_WEB_IDENTITY_TOKEN_FILE=str(token), **self.WEB)

    def test_of_single_sign_on(self):
        self.config(SingleSignOn.SESSION)
        name = hashlib.sha1(b"corp").hexdigest()
        path = self.file(f".aws/sso/cache/{name}.json", json.dumps(
            {"accessToken": "tok", "expiresAt": in_seconds(7200), "startUrl": "https://x/start"}))
        self.check("/federation/credentials", AWS_PROFILE="dev")
        path.write_text(json.dumps({"expiresAt": in_seconds(-60), **SingleSignOn.REFRESHABLE}))
        self.check("/token", AWS_PROFILE="dev")


class Expiration(Credentials):
    def give(self, value, life="OK"):
        document = json.dumps({"Version": 1, "AccessKeyId": life, "SecretAccessKey": "s",
                               "SessionToken": "t", "Expiration": value})
        script = self.file("give.py", f"print({document!r})\n")
        self.config(f"[default]\ncredential_process = {sys.executable} {script}\n")

    def test_every_form_of_a_time_is_taken(self):
        for value in ("2099-01-02T03:04:05Z", "2099-01-02T03:04:05+00:00",
                      "2099-01-02T03:04:05.678Z", "2099-01-02T03:04:05.678901+00:00",
                      "2099-01-02T03:04:05-0800", "20990102T030405Z", "2099-01-02 03:04:05+00:00",
                      "9999-12-31T23:59:59Z", None):
            self.give(value)
            self.expect("OK")

    def test_keys_with_an_invalid_time_do_not_live_for_ever(self):
        for value in ("", "soon", 4000000000, 9223372036854775807, True, [], {}, "2099-13-01T00:00Z"):
            self.give(value)
            self.expect_none("Version 1")
        for value in ("2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "20200101T000000+0000"):
            self.give(value)
            self.expect_none("have expired")

    def test_the_portal_s_extremes_are_harmless(self):
        self.config(SingleSignOn.SESSION)
        name = hashlib.sha1(b"corp").hexdigest()
        self.file(f".aws/sso/cache/{name}.json", json.dumps(
            {"accessToken": "tok", "expiresAt": "9999-12-31T23:59:59Z"}))
        keys_ = self.cloud.portal[1]["roleCredentials"]
        keys_["expiration"] = 2 ** 63 - 1
        self.expect("SSO", AWS_PROFILE="dev")
        for value in (2 ** 63, -1, 0, "x", None, 1.5):
            keys_["expiration"] = value
            with self.store(AWS_PROFILE="dev") as store:
                self.assertEqual(store.read("global/a"), "<UNAVAILABLE>", value)


class Renewal(Credentials):
    def agent(self, **variables):
        return self.store(AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.url + "/agent",
                          AWS_CONTAINER_AUTHORIZATION_TOKEN="agent-token", **variables)

    def asked(self):
        return sum(r.path == "/agent" for r in self.cloud.requests)

    def test_keys_are_kept_until_they_are_due(self):
        with self.agent() as store:
            for _ in range(5):
                store.read("global/a")
        self.assertEqual(self.asked(), 1)

    def test_many_threads_ask_once(self):
        with self.agent() as store:
            self.assertEqual(store.ask("threads", 50, "global/a"), ("OK", ["good 50"]))
        self.assertEqual(self.asked(), 1)

    def test_refused_keys_are_replaced_at_once(self):
        with self.agent() as store:
            self.assertEqual(store.read("global/a"), "plain")
            self.cloud.refused.add("CONTAINER")
            self.cloud.agent = keys("NEWER")
            self.assertEqual(store.read("global/a"), "plain")
            self.assertEqual(store.log(), "")
        self.assertEqual(self.cloud.used, ["CONTAINER", "CONTAINER", "NEWER"])

    def test_refused_keys_without_a_replacement_are_an_error(self):
        self.cloud.refused.add("CONTAINER")
        with self.agent() as store:
            self.assertEqual(store.read("global/a"), "<AUTH>")
            self.assertIn("ExpiredTokenException", store.log())
        self.assertEqual(self.cloud.used, ["CONTAINER"])

    def test_keys_of_a_profile_are_looked_up_anew_when_they_are_refused(self):
        self.config("[default]\naws_access_key_id = OLD\naws_secret_access_key = s\n")
        self.cloud.refused.add("OLD")
        with self.store() as store:
            self.assertEqual(store.read("global/a"), "<AUTH>")
            self.config("[default]\naws_access_key_id = NEW\naws_secret_access_key = s\n")
            self.assertEqual(store.read("global/a"), "plain")

    def test_an_instance_s_last_keys_are_used_when_it_has_no_newer(self):
        self.cloud.instance = keys("INSTANCE", -100) | {"Code": "Success"}
        with self.store(AWS_EC2_METADATA_DISABLED=None,
                        AWS_EC2_METADATA_SERVICE_ENDPOINT=self.cloud.url) as store:
            self.assertEqual(store.read("global/a"), "plain", store.log())

    def test_logging_out_forgets_them(self):
        with self.agent() as store:
            store.read("global/a")
            store.ask("logout")
            store.read("global/a")
        self.assertEqual(self.asked(), 2)


if __name__ == "__main__":
    unittest.main()
