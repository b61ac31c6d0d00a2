# SPDX-License-Identifier: Apache-2.0
"""moto with its signature checks on, on a free port of 127.0.0.1, with kept-alive connections.

Three things are put right here: moto is not made for several threads, so one request at a time gets
into it; and moving AWSCURRENT (UpdateSecretVersionStage) leaves its notion of the current version
where it was, so that the next reads and writes are those of the old one, and fails where no version
has that label yet.

Run by the environment of aws_venv.py. Prints one line of JSON (port, key id, secret of a user who
may do everything) and serves until its standard input ends. GET /sideseat-test/counts gives how
often each operation was asked for since GET /sideseat-test/reset, and how many connections
were made; GET /sideseat-test/sleep?ms=N makes each request take N ms from now on.
"""

import collections
import json
import os
import sys
import threading
import time

SETUP_CALLS = 3
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETUP_CALLS)
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"

# pylint: disable=wrong-import-position
import boto3
from cheroot import wsgi
from moto.secretsmanager.models import SecretsManagerBackend
from moto.server import DomainDispatcherApplication, create_backend_app

POLICY = {"Version": "2012-10-17",
          "Statement": [{"Effect": "Allow", "Action": ["secretsmanager:*", "sts:*", "iam:*"],
                         "Resource": "*"}]}


def move_current(backend, secret_id, version_stage, remove_from_version_id, move_to_version_id,
                 original=SecretsManagerBackend.update_secret_version_stage):
    """moto's own, and then sets the current version to match."""
    versions = backend.secrets[secret_id].versions
    if version_stage == "AWSCURRENT" and not remove_from_version_id and not any(
            "AWSCURRENT" in version["version_stages"] for version in versions.values()):
        versions[move_to_version_id]["version_stages"].append("AWSCURRENT")
        backend.secrets[secret_id].set_default_version_id(move_to_version_id)
        return backend.secrets[secret_id].arn, secret_id
    answer = original(backend, secret_id, version_stage, remove_from_version_id,
                      move_to_version_id)
    if version_stage == "AWSCURRENT":
        backend.secrets[secret_id].set_default_version_id(move_to_version_id or None)
    return answer


class Counted:
    """The application behind a counter of its requests."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.app_lock = threading.Lock()
        self.counts = collections.Counter()
        self.connections = set()
        self.sleep_s = 0.0

    def control(self, environ):
        """The requests to /sideseat-test/."""
        path = environ["PATH_INFO"]
        with self.lock:
            if path.endswith("/reset"):
                self.counts.clear()
                self.connections.clear()
            if path.endswith("/sleep"):
                self.sleep_s = int(environ["QUERY_STRING"].partition("=")[2]) / 1000
            return json.dumps({**self.counts, "connections": len(self.connections)}).encode()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/sideseat-test/"):
            body = self.control(environ)
            start_response("200 OK", [("Content-Type", "application/json"),
                                      ("Content-Length", str(len(body)))])
            return [body]
        operation = environ.get("HTTP_X_AMZ_TARGET", "other").rpartition(".")[2]
        with self.lock:
            self.counts[operation] += 1
            self.connections.add((environ["REMOTE_ADDR"], environ.get("REMOTE_PORT")))
        if self.sleep_s:
            time.sleep(self.sleep_s)
        with self.app_lock:
            return list(self.app(environ, start_response))


def make_user(port):
    """Uses the calls without a signature to make a user who may do everything."""
    iam = boto3.client("iam", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                       aws_access_key_id="none", aws_secret_access_key="none")
    iam.create_user(UserName="tester")
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    return {"key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def main():
    SecretsManagerBackend.update_secret_version_stage = move_current
    app = Counted(DomainDispatcherApplication(create_backend_app))
    server = wsgi.Server(("127.0.0.1", 0), app, numthreads=8, request_queue_size=64)
    server.prepare()
    threading.Thread(target=server.serve, daemon=True).start()
    port = server.bind_addr[1]
    print(json.dumps({"port": port, **make_user(port)}), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
