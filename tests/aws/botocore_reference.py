# SPDX-License-Identifier: Apache-2.0
"""Signs random requests and finds endpoints with botocore, and compares with the probe's answers.

Run by the environment of tests/servers/aws_venv.py: botocore_reference.py PROBE.
"""

import datetime
import random
import string
import subprocess
import sys
import unittest
from unittest import mock

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PROBE = sys.argv.pop(1)
SEED = 20260101
REQUESTS = 500
SERVICES = ["secretsmanager", "sts", "sso", "sso-oidc"]
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
    return ["sign", rng.randint(0, 4000000000), rng.choice(REGIONS), rng.choice(SERVICES[:2]),
            rng.choice(["secretsmanager.eu-west-1.amazonaws.com", "127.0.0.1:5000"]),
            rng.choice(["/", "/a/b-c_d.e~f"]),
            random_text(rng, string.ascii_uppercase + string.digits, 16, 128),
            random_text(rng, string.ascii_letters + string.digits + "/+", 1, 64),
            token if rng.random() < 0.5 else "", rng.randbytes(rng.randint(0, 3000)),
            *[part for pair in order for part in pair]]


def reference_signature(line):
    """What botocore makes of the same words."""
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
                Region=region, UseFIPS=fips, UseDualStack=dual, UseGlobalEndpoint=False).url
        except botocore.exceptions.EndpointProviderError:
            return  # the partition has no such endpoint; ours will not resolve
        answer, = ask([["endpoint", service, region, int(fips), int(dual)]])
        self.assertEqual(expected, answer.rstrip("/"), (service, region, fips, dual))


if __name__ == "__main__":
    unittest.main()
