# SPDX-License-Identifier: Apache-2.0
"""Signs random requests and finds endpoints with botocore, and compares with the probe's answers.

Run by the environment of tests/servers/aws_venv.py: botocore_reference.py PROBE.
"""

import configparser
import datetime
import io
import os
import pathlib
import random
import shlex
import string
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import botocore.exceptions
import botocore.session
import dateutil.parser
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PROBE = sys.argv.pop(1)
SEED = 20260101
REQUESTS = 500
SERVICES = ["secretsmanager", "sts", "iam", "sso", "sso-oidc"]
REGIONS = ["us-east-1", "eu-central-2", "il-central-1", "cn-north-1", "us-gov-west-1",
           "us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1",
           "eusc-de-east-1"]


def word(value):
    """A word as the probe reads it."""
    data = value if isinstance(value, bytes) else str(value).encode()
    return data.hex() or "-"


def ask(lines):
    """The probe's answers to lines of words."""
    text = "".join(" ".join(word(w) for w in line) + "\n" for line in lines)
    done = subprocess.run([PROBE], input=text, capture_output=True, text=True, check=True,
                          timeout=60)
    return done.stdout.splitlines()


def random_text(rng, alphabet, least, most):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


def random_request(rng):
    """The words of a request to sign."""
    token = random_text(rng, string.ascii_letters + string.digits + "/+=", 0, 1500)
    headers = {"content-type": "application/x-amz-json-1.1"}
    if rng.random() < 0.8:
        headers["x-amz-target"] = "secretsmanager." + rng.choice(
            ["GetSecretValue", "ListSecrets", "PutSecretValue"])
    if rng.random() < 0.5:
        headers["x-amz-odd"] = random_text(rng, "ab  \t=;:,", 1, 30).strip() or "x"
    if rng.random() < 0.3:
        headers["x-amz-odd-more"] = "a  b   c"
    order = list(headers.items())
    rng.shuffle(order)
    return ["sign", rng.randint(0, 4000000000), rng.choice(REGIONS), rng.choice(SERVICES[:3]),
            rng.choice(["secretsmanager.eu-west-1.amazonaws.com", "127.0.0.1:5000"]),
            rng.choice(["/", "/a/b-c_d.e~f"]),
            random_text(rng, string.ascii_uppercase + string.digits, 16, 128),
            random_text(rng, string.ascii_letters + string.digits + "/+", 1, 64),
            token if rng.random() < 0.5 else "", rng.randbytes(rng.randint(0, 3000)),
            *[part for pair in order for part in pair]]


def reference_signature(line):
    """botocore's result for the same words."""
    _, seconds, region, service, host, path, key_id, secret, token, body, *headers = line
    request = AWSRequest("POST", f"https://{host}{path}", data=body,
                         headers=dict(zip(headers[::2], headers[1::2])))
    request.headers["Host"] = host
    now = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now, create=True):
        SigV4Auth(Credentials(key_id, secret, token or None), service, region).add_auth(request)
    return request.headers["Authorization"]


class Reference(unittest.TestCase):
    maxDiff = None

    def test_signatures_are_botocores_byte_for_byte(self):
        rng = random.Random(SEED)
        lines = [random_request(rng) for _ in range(REQUESTS)]
        for line, answer in zip(lines, ask(lines), strict=True):
            self.assertEqual(reference_signature(line), answer, f"seed {SEED}: {line}")

    def test_endpoints_are_botocores(self):
        session = botocore.session.Session()
        for service in SERVICES:
            for region in REGIONS:
                for fips in (False, True):
                    for dual in (False, True):
                        self.one_endpoint(session, service, region, fips, dual)

    def one_endpoint(self, session, service, region, fips, dual):
        rules = session.get_component("data_loader").load_service_model(
            service, "endpoint-rule-set-1")
        partitions = session.get_component("data_loader").load_data("partitions")
        provider = botocore.endpoint_provider.EndpointProvider(rules, partitions)
        try:
            expected = provider.resolve_endpoint(
                Region=region, UseFIPS=fips, UseDualStack=dual, UseGlobalEndpoint=False)
        except botocore.exceptions.EndpointProviderError:
            return  # the partition does not have the endpoint; ours will not resolve
        answer, = ask([["endpoint", service, region, int(fips), int(dual)]])
        schemes = expected.properties.get("authSchemes", [{}])
        self.assertEqual(f"{expected.url}/ {schemes[0].get('signingRegion', region)}", answer,
                         (service, region, fips, dual))


# (config, credentials); every setting that botocore finds in them is asked for, and some that may
# not be there
FILES = [(text, "") for text in (
    "", "\n\n", "# only a comment\n", "; only a comment",
    "[default]\nregion = a\n", "[default]\nregion=a", "[default]\nregion: a\n",
    "[default]\nregion :a\nx = b:c\ny : d=e\n", "[default]\nrole_arn : arn:aws:iam::1:role/R\n",
    "[default]\n  region = a\n", "[default]\n  region = a\n  output = b\n",
    "[default]\n  region = a\n    more\n", "[default]\n\tregion = a\n\toutput = b\n",
    "  [default]\n  region = a\n", "[default]\n    region = a\n  output = b\n",
    "[default]\n    region = a\n  output = b\n    c\n", "[default]\nregion = a\n [profile b]\noutput = c\n",
    "[default]\nregion = a # comment\n", "[default]\nregion = a ; comment\n",
    "[default]\nregion = a#b;c\n", "[default]\nregion = # a\n", "[default]\n# region = a\nx = b\n",
    "[default]\n  # region = a\nx = b\n", "[default]\nx = a\n  # no\n  b\n",
    "[default]\nx = a\n\n  b\n", "[default]\nx = a\n\n\n  b\n\n", "[default]\nx = a\n  ; no\n\n  b\n",
    "[default] # comment\nregion = a\n", "[default] ; comment\nregion = a\n",
    "[default]\ncredential_process = x --a \"b # c\" d\n",
    "[default]\ncredential_process = x '#' ; y # z\n",
    "[default]\ncredential_process = \"a b\" \\\n  c\n",
    "[default]\nx =\n", "[default]\nx =\ny = b\n", "[default]\nx =\n  a = b\n  c=d\n",
    "[default]\nx =\n  A = b\n", "[default]\nx =\n  a = b = c\n", "[default]\nx =\n  a = \n",
    "[default]\nx =\n\n  a = b\n", "[default]\nx =\n  # no\n  a = b # yes\n",
    "[default]\nx =\n  a = b\n  a = c\n", "[default]\nx =\n  a : b\n", "[default]\nx =\n  a\n",
    "[default]\nx =\n    a = b\n  c = d\n", "[default]\n  x =\n    a = b\n  y = c\n",
    "[default]\nx = a\n  b = c\n", "[default]\nREGION = a\nOutPut = b\n",
    "[Default]\nregion = a\n", "[DEFAULT]\nregion = a\n[profile b]\nx = c\n",
    "[DEFAULT]\nregion = a\n[default]\nregion = b\n", "[ default ]\nregion = a\n",
    "[profile a]\nx = b\n", "[profile  a]\nx = b\n", "[profile\ta]\nx = b\n",
    "[ profile a ]\nx = b\n", "[profile a ]\nx = b\n", "[profile \"a b\"]\nx = c\n",
    "[profile 'a b']\nx = c\n", "[profile \" a\"]\nx = c\n", "[profile a\\ b]\nx = c\n",
    "[profile \"a\"b]\nx = c\n", "[profile a b]\nx = c\n", "[profile]\nx = c\n",
    "[profile \"a]\nx = c\n", "[profile a#b]\nx = c\n", "[profile a]b]\nx = c\n",
    "[profile a.b/c@d+e]\nx = f\n", "[profilea]\nx = c\n", "[PROFILE a]\nx = c\n",
    "[a]\nx = c\n", "[plugins]\nx = c\n[default]\ny = d\n", "[preview]\n",
    "[sso-session s]\nsso_region = a\n", "[sso-session \"s t\"]\nsso_region = a\n",
    "[services s]\nsecrets_manager =\n  endpoint_url = http://x:1\nsts =\n  endpoint_url = http://y\n",
    "[services s]\nSecrets_Manager =\n  Endpoint_URL = http://x:1\n",
    "[default]\r\nregion = a\r\nx =\r\n  y = b\r\n", "[default]\rregion = a\rx = b\r",
    "[default]\nregion = \"a\"\n", "[default]\nregion = 'a'\n", "[default]\nregion =    a   \n",
    "[default]\nx = a b  c\n", "[default]\nx = %(y)s $HOME ${z} ~\n", "[default]\nx==a\n",
    "[default]\nx=:a\n", "[default]\nx y = a\n", "[default]\nx.y-z = a\n", "[default]\nx = ü\n",
    "[default] x\nregion = a\n", "[profile a] = b\nx = c\n", "[profile a]b\n  x = c\n",
    "[default]\nx =\u00a0a\u00a0\n", "[default]\nx\u00a0= a\u3000\n", "[default]\nx = a\n\u2003b\n",
    "[default]\n\u00a0# no\nx = a\u2028b\u0085\n", "\u00a0[default]\nx = a\x1c\n", "[p]\n  a = b\n\u00a0x = c\n  y = d\n", "[profile a\u00a0]\nx = b\n",
    "[default]\nx = \u200b a\n", "[default]\n\u00a0\nx = \u00a0\ny = b\n", "[default]\nx =\n\u00a0a\u00a0=\u00a0b\n",
    "x = 1\n", "[default\nx = 1\n", "[]\nx = 1\n", "[default]\nx\n", "[default]\n= 1\n",
    "[default]\n: 1\n", "[default]\n  x\n", "[default]\n[]\n", "  x = 1\n",
)] + [("[default]\nx = a\ny = b\n[profile p]\nx = c\n", text) for text in (
    "[default]\nx = d\n", "[p]\nx = d\nz = e\n", "[profile p]\nx = d\n", "[q]\nx = d\n",
    "[\"p\"]\nx = d\n", "[ p ]\nx = d\n", "[DEFAULT]\nx = d\n[p]\nz = e\n", "[default]\nx =\n",
    "[p] # comment\nx : d\n  e\n", "[sso-session s]\nx = d\n",
)]
ASKED = [("profile", section, name) for section in ("default", "a", "p", "q", "a b")
         for name in ("region", "x", "y", "z")]

# texts that botocore refuses and we read, with our result
LENIENT = [
    ("[default]\nx = a\nx = b\n", "default", "x", "b"),
    ("[default]\nx = a\n[default]\ny = b\n", "default", "x", "a"),
    ("[default]\nx = a\n[default]\nx = b\n", "default", "x", "b"),
    ("\ufeff[default]\nx = a\n", "default", "x", "a"),
]

# what the random files are made of
HEADS = ["[default]", "[profile a]", "[profile \"a b\"]", "[p]", "[DEFAULT]", "[profile default]", "[services s]",
         "[sso-session s]", " [profile q]", "[profile 'p']", "[profile a ]", "[profilex y]", "[profile\u00a0a]",
         "[sso-sessions s]", "[services  \"s\" ]", "[profile a]]", "[[profile a]", "[profile a\\]",
         "[profile \"a # b\"]", "[default ]", "[profile a] # [x]", "[profile ü]", "[profile a\\\"b]",
         "[profile ''a'' ]", "[\tdefault]"]
BODY = ["x = a", "y=b", "z: c", "region = r", "x =", "  x = a", "  sub = v", "    sub2 = w # c", "\tt = u", "# c",
        "; c", "  # c", "", "   ", "\u00a0", "x", "  x", "x = \"q\"", "x = a = b", "X = c", "  : d", "= e", "x.y=1",
        "k ey = v", "  [profile a]", "x = a\\", "  \\", "x = # c", "x = ; c", "x =  \\t a", "sub=", "  a =",
        "   b=c", "  a : b = c", "x : = a", "x = :a", "credential_process = a 'b c' \"d\\\"e\" # f",
        "\x0bx = a", "\x0cy = b", "\x1cx = a", "x\x85= a", "x = a\x0bb\x0cc", "x = a\x1db\x1ec", "rem x = a",
        "x = a ;c", "  ;x = y", "\ufeffx = a", "x = a\0b", "[profile a", "]", "x = ]", "[x = ]"]
RANDOM_FILES = 1500
RANDOM_COMMANDS = 3000

COMMANDS = ["a", "a b", "  a\tb\nc ", "a 'b c' d", 'a "b c" d', "a b\\ c", "a \"b\\\"c\"", "a 'b\\c'",
            "a \"b\\\\c\"", 'a "$b\\$c"', "a '' b", 'a "" b', "a '\"'", "a \"'\"", "a#b #c", "# a",
            "a '# b'", "a;b|c&d", "a 'b'c\"d\"e", "a \\\nb", "a \"b\\\nc\"", "'a", '"a', "a\\", "a '",
            "", " ", "''", "ü 'é'", "a=b c='d e'", "\\'a", "\"a\\", "a \"\\`b\\n\""]

TIMES = ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05-00:00",
         "2026-01-02T03:04:05+0000", "2026-01-02T03:04:05+00", "2026-01-02T03:04:05.678Z",
         "2026-01-02T03:04:05.678901+00:00", "2026-01-02T03:04:05.6789012Z",
         "2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05-1130", "20260102T030405Z",
         "20260102T030405+0200", "20260102T030405.5Z", "2026-01-02 03:04:05+00:00",
         "2026-01-02t03:04:05z", "2026-01-02T03:04:05UTC", "2026-01-02T03:04:05,5Z"]
NO_TIMES = ["", "x", "2026", "2026-13-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00Zx",
            "2026-01-01T00:00:00.Z", "2026-01-01", "1767323045", "-2026-01-01T00:00:00Z",
            "2026-01-01T00:00", "x" * 500]


class Files(unittest.TestCase):
    maxDiff = None

    def botocore(self, config, credentials):
        """Its notion of both files: {(kind, section): {name: value}}; None if it refuses them."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("config", "credentials")]
            for path, text in zip(paths, (config, credentials), strict=True):
                path.write_bytes(text.encode())
            with mock.patch.dict(os.environ, {"AWS_CONFIG_FILE": str(paths[0]),
                                              "AWS_SHARED_CREDENTIALS_FILE": str(paths[1])}):
                try:
                    full = botocore.session.Session().full_config
                except botocore.exceptions.ConfigParseError:
                    return None
        return {**{("profile", name): found for name, found in full["profiles"].items()},
                **{("sso-session", name): found for name, found in full["sso_sessions"].items()},
                **{("services", name): found for name, found in full["services"].items()}}

    def queries(self, found):
        """(kind, section, name, sub, value) of all that is there, and of some that may not be."""
        for (kind, section), settings in found.items():
            for name, value in settings.items():
                nested = value if isinstance(value, dict) else {"": value}
                for sub, text in nested.items():
                    yield kind, section, name, sub, text
        for kind, section, name in ASKED:
            value = found.get((kind, section), {}).get(name, "")
            yield kind, section, name, "", "" if isinstance(value, dict) else value

    def random_file(self, rng):
        end = rng.choice(["\n", "\n", "\n", "\r\n", "\r"])
        lines = ["[z]"]  # botocore never looks into [DEFAULT] alone
        for _ in range(rng.randint(1, 3)):
            lines += [rng.choice(HEADS), *rng.choices(BODY, k=rng.randint(0, 5))]
        return "".join(line + end for line in lines)

    def repeats(self, text):
        """Whether a file names a section or a setting twice, which botocore refuses and we read."""
        parser = configparser.RawConfigParser()
        try:
            parser.read_file(io.StringIO(text, newline=None))
        except (configparser.DuplicateOptionError, configparser.DuplicateSectionError):
            return True
        except configparser.Error:
            pass
        return False

    def test_random_files_are_read_as_botocore_reads_them(self):
        rng = random.Random(SEED)
        files = []
        while len(files) < RANDOM_FILES:
            pair = self.random_file(rng), self.random_file(rng) if rng.random() < 0.3 else ""
            if not self.repeats(pair[0]) and not self.repeats(pair[1]):
                files.append(pair)
        self.compare(files)

    def test_every_setting_is_read_as_by_botocore(self):
        self.assertGreaterEqual(len(FILES), 100)
        self.compare(FILES)

    def compare(self, files):
        lines, expected = [], []
        for config, credentials in files:
            found = self.botocore(config, credentials)
            if found is None:
                lines.append(["ini", config, credentials, "profile", "default", "x", ""])
                expected.append((config, credentials, "failed"))
                continue
            for kind, section, name, sub, value in self.queries(found):
                lines.append(["ini", config, credentials, kind, section, name, sub])
                expected.append((config, credentials, kind, section, name, sub, value))
        answers = [a if a == "failed" else "" if a == "none" else bytes.fromhex(a).decode()
                   for a in ask(lines)]
        self.assertEqual([], [(*e, "ours:", a) for e, a in zip(expected, answers, strict=True)
                              if a != e[-1]])

    def test_plain_texts_that_botocore_refuses_are_read(self):
        for config, section, name, value in LENIENT:
            answer, = ask([["ini", config, "", "profile", section, name, ""]])
            self.assertEqual(bytes.fromhex(answer).decode(), value, config)

    def test_commands_are_split_as_botocore_does_it(self):
        rng = random.Random(SEED)
        commands = COMMANDS + [random_text(rng, "ab  \t\n'\"\\#;$é", 0, 12) for _ in range(RANDOM_COMMANDS)]
        for command, answer in zip(commands, ask([["words", c] for c in commands]), strict=True):
            try:
                words = " ".join(w.encode().hex() or "-" for w in shlex.split(command)) or "failed"
            except ValueError:
                words = "failed"
            self.assertEqual(answer, words, command)

    def test_times_are_those_of_botocore_s_parser(self):
        for text, answer in zip(TIMES, ask([["time", t] for t in TIMES]), strict=True):
            self.assertEqual(int(answer), int(dateutil.parser.parse(text).timestamp() * 1000), text)
        for text, answer in zip(NO_TIMES, ask([["time", t] for t in NO_TIMES]), strict=True):
            self.assertEqual(answer, "none", text)
        far = ["9999-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "0001-01-01T00:00:00Z",
               "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
        most = str((2 ** 63 - 1) // 1000000)
        self.assertEqual(ask([["time", t] for t in far]), [most, most, "0", "0", "0"])


if __name__ == "__main__":
    unittest.main()
