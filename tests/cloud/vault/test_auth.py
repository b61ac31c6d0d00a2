#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logins, renewals, and tokens that end."""
import http.server
import json
import os
import threading
import time

from between import Between
from vault import Case, main


def until(condition, seconds=20):
    """Waits for a condition; True if it came about."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class TokenReview(http.server.BaseHTTPRequestHandler):
    """Kubernetes' answer to Vault about a service account's token."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = asked["spec"]["token"] == JWT
        user = {"username": "system:serviceaccount:default:app", "uid": "u1", "groups": []}
        body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                           "status": {"authenticated": good, "user": user if good else {},
                                      "error": "" if good else "no such token"}}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def jwt():
    """A token in the form of a service account's; its signature is not checked here."""
    import base64
    parts = ({"alg": "RS256", "kid": "k"},
             {"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:app",
              "kubernetes.io/serviceaccount/namespace": "default",
              "kubernetes.io/serviceaccount/service-account.name": "app",
              "kubernetes.io/serviceaccount/service-account.uid": "u1"})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join(coded + [b"c2lnbmF0dXJl"]).decode()


JWT = jwt()


class Auth(Case):
    def setUp(self):
        super().setUp()
        self.api.policy("app", '''
            path "secret/data/*" { capabilities = ["create", "read", "update"] }
            path "secret/metadata/*" { capabilities = ["list", "delete"] }''')
        self.api.put(self.path + "global/a", data={"value": "v"})
        self.file = os.path.join(os.environ["HOME"], ".vault-token")
        if os.path.exists(self.file):
            os.remove(self.file)

    def approle(self, **role):
        self.api.put("sys/auth/approle", type="approle")
        self.addCleanup(self.api.call, "DELETE", "sys/auth/approle")
        self.api.put("auth/approle/role/app", token_policies=["app"], **role)
        role_id = self.api.call("GET", "auth/approle/role/app/role-id")["data"]["role_id"]
        secret_id = self.api.put("auth/approle/role/app/secret-id")["data"]["secret_id"]
        return {"token": None, "auth__method": "approle", "auth__role_id": role_id,
                "auth__secret_id": secret_id}

    def tokens(self):
        return len(self.api.call("GET", "auth/token/accessors?list=true")["data"]["keys"])

    def write_token(self, token):
        with open(self.file, "w", encoding="ascii") as file:
            file.write(token + "\n")


class Tokens(Auth):
    def test_the_file_is_read_and_read_again_after_the_end_of_its_token(self):
        self.write_token(self.api.token(policies=["app"], ttl="1s"))
        probe = self.opened(token=None)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertTrue(until(lambda: probe.ask("read", "global/a") == "AUTH"))
        self.assertEqual(probe.ask("list"), "AUTH")
        self.assertIn("token refused: ", probe.logged())
        self.assertIn("vault login", probe.logged())
        self.write_token(self.api.token(policies=["app"]))
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")

    def test_no_token_at_all_names_the_ways_to_get_one(self):
        probe = self.opened(token=None)
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")
        self.assertIn("vault login", probe.logged())
        self.write_token("root")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")

    def test_a_wrong_token_is_auth_and_not_denied(self):
        probe = self.opened(token="wrong")
        for words in (("read", "global/a"), ("write", "global/a", "-", "x"), ("list",),
                      ("remove", "global/a", "-"), ("health",)):
            self.assertEqual(probe.ask(*words).split()[0], "AUTH", words)
        self.assertIn("token refused: ", probe.logged())
        self.assertNotIn("wrong", probe.logged())

    def test_a_token_that_may_not_look_itself_up_is_denied_and_not_ended(self):
        calls = (("read", "global/a"), ("list",), ("write", "global/a", "-", "x"), ("write", "global/z", "0", "x"),
                 ("remove", "global/a", "-"), ("remove", "global/a", "1"), ("many", "global/a"))
        path = f"secret/data/{self.prefix}/global/mine"
        self.api.policy("mine", f'path "{path}" {{ capabilities = ["read"] }}')
        self.api.put(path, data={"value": "mine"})
        for policies in (["mine"], ["mine", "default"]):
            for kind in ("service", "batch"):
                probe = self.opened(token=self.api.token(policies=policies, type=kind, no_default_policy=True,
                                                         renewable=kind == "service"))
                for words in calls:
                    answer = probe.ask(*words)
                    answer = probe.lines[0][1] if words[0] == "many" else answer
                    self.assertEqual(answer, "DENIED", (policies, kind, words))
                self.assertEqual(probe.ask("read", "global/mine"), "OK mine 1")
                self.assertEqual(probe.ask("health").split()[0], "OK")
                self.assertNotIn("expired", probe.logged())
        self.assertEqual(self.api.call("GET", self.path + "global/a")["data"]["data"], {"value": "v"})

    def test_the_end_of_such_a_token_is_seen(self):
        token = self.api.token(policies=["app"], no_default_policy=True)
        probe = self.opened(token=token)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertEqual(probe.ask("health").split()[0], "OK")
        self.api.put("auth/token/revoke", token=token)
        for words in (("health",), ("read", "global/a"), ("list",), ("write", "global/a", "-", "x"),
                      ("remove", "global/a", "-")):
            self.assertEqual(probe.ask(*words).split()[0], "AUTH", words)
        self.assertIn("token refused", probe.logged())

    def test_a_token_file_that_others_may_write_is_refused_and_said(self):
        self.write_token("root")
        for mode in (0o666, 0o620, 0o602):
            os.chmod(self.file, mode)
            probe = self.opened(token=None)
            self.assertEqual(probe.ask("read", "global/a"), "AUTH")
            self.assertIn(f"chmod go-w {self.file}", probe.logged())
        os.chmod(self.file, 0o600)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")

    def test_an_agent_that_adds_the_token_needs_none_from_us(self):
        def agent(request):
            seen.append(request.headers.get("X-Vault-Token"))
            del request.headers["X-Vault-Token"]
            request.headers["X-Vault-Token"] = token
        for token, answer in (("root", "OK v 1"), ("ended", "AUTH")):
            seen = []
            self.write_token("of-the-file")
            with Between(agent) as between:
                probe = self.opened(address=between.url, auth__method="none", token="not-sent")
                self.assertEqual(probe.ask("read", "global/a"), answer)
                self.assertEqual(probe.ask("health").split()[0], answer.split()[0])
                if answer == "AUTH":
                    self.assertIn("agent", probe.logged())
                    continue
                self.assertEqual(probe.ask("write", "global/b", "0", "x"), "OK 1")
                self.assertEqual(probe.ask("list"), "OK")
                self.assertEqual(probe.ask("remove", "global/b", "1"), "OK")
            self.assertEqual(set(seen), {None})
        # its end is seen at each look at the health, not only at the first
        token = self.api.token(policies=["app", "default"], ttl="1h")
        with Between(agent) as between:
            probe = self.opened(address=between.url, auth__method="none", token=None)
            self.assertEqual(probe.ask("health").split()[0], "OK")
            token = "ended"
            self.assertEqual(probe.ask("health").split()[0], "AUTH")
        # and without a proxy that adds one
        probe = self.opened(auth__method="none", token=None)
        self.assertIn(probe.ask("read", "global/a"), ("AUTH", "DENIED"))

    def test_a_lease_of_any_size_is_borne(self):
        for lease in ("0", "-1", "1e3", "0.5", "9223372036854775807", "-9223372036854775808", "1e400", "9e18",
                      "18446744073709551616", '"3600"', "null", "[]", "1" + "0" * 400):
            def server(request, lease=lease):
                auth = (f'{{"client_token":"root","lease_duration":{lease},"renewable":true,'
                        f'"num_uses":{lease}}}')
                if request.path.endswith("/login"):
                    return 200, f'{{"request_id":"x","auth":{auth}}}'
                if request.path.endswith("/renew-self"):
                    return 200, f'{{"request_id":"x","auth":{auth}}}'
                if request.path.endswith("/lookup-self"):
                    return 200, f'{{"data":{{"ttl":{lease},"num_uses":{lease},"renewable":true}}}}'
                return None
            with Between(server) as between:
                for settings in ({"auth__method": "approle", "auth__role_id": "r", "token": None}, {}):
                    probe = self.opened(address=between.url, **settings)
                    for _ in range(3):
                        self.assertEqual(probe.ask("read", "global/a"), "OK v 1", lease)
                        self.assertEqual(probe.ask("health").split()[0], "OK", lease)

    def test_a_renewable_token_is_renewed_by_use_after_the_health_check(self):
        token = self.api.token(policies=["app", "default"], ttl="3s")
        probe = self.opened(token=token)
        self.assertEqual(probe.ask("health").split()[0], "OK")
        end = time.monotonic() + 7
        while time.monotonic() < end:
            self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
            time.sleep(0.1)

    def test_the_uses_of_a_limited_token_are_not_spent_on_questions(self):
        probe = self.opened(token=self.api.token(policies=["app", "default"], num_uses=7))
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")  # the mount costs none
        for _ in range(10):
            self.assertEqual(probe.ask("health").split()[0], "OK")  # one, once
        for _ in range(5):
            self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")

    def test_a_batch_token_is_used_to_its_end_and_never_renewed(self):
        token = self.api.token(policies=["app", "default"], ttl="2s", type="batch",
                               renewable=False)
        probe = self.opened(token=token)
        self.assertEqual(probe.ask("health").split()[0], "OK")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertTrue(until(lambda: probe.ask("read", "global/a") == "AUTH"))
        self.assertNotIn("could not be renewed", probe.logged())


class Logins(Auth):
    def test_approle_logs_in_once_and_again_at_the_end_of_the_lease(self):
        settings = self.approle(token_ttl="2s", token_max_ttl="3s")
        before = self.tokens()
        probe = self.opened(**settings)
        for _ in range(20):
            self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertEqual(self.tokens(), before + 1)
        end = time.monotonic() + 8
        while time.monotonic() < end:
            self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
            time.sleep(0.1)

    def test_a_revoked_login_is_made_again(self):
        probe = self.opened(**self.approle(token_ttl="1h"))
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        for accessor in self.api.call("GET", "auth/token/accessors?list=true")["data"]["keys"]:
            meta = self.api.put("auth/token/lookup-accessor", accessor=accessor)["data"]
            if meta["path"] == "auth/approle/login":
                self.api.put("auth/token/revoke-accessor", accessor=accessor)
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertEqual(probe.ask("logout"), "OK")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")

    def test_approle_reads_its_secret_from_a_file_and_names_the_fault(self):
        settings = self.approle()
        path = os.path.join(os.environ["HOME"], "secret-id")
        secret = settings.pop("auth__secret_id")
        probe = self.opened(**settings, auth__secret_id_file=path)
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")
        self.assertIn(path, probe.logged())
        with open(path, "w", encoding="ascii") as file:
            file.write("wrong\n")
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")
        with open(path, "w", encoding="ascii") as file:
            file.write(secret + "\n")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertNotIn(secret, probe.logged())

    def test_kubernetes_logs_in_with_the_token_of_its_service_account(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TokenReview)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.api.put("sys/auth/k8s", type="kubernetes")
        self.addCleanup(self.api.call, "DELETE", "sys/auth/k8s")
        self.api.put("auth/k8s/config", token_reviewer_jwt=JWT, disable_local_ca_jwt=True,
                     kubernetes_host=f"http://127.0.0.1:{server.server_address[1]}")
        self.api.put("auth/k8s/role/app", bound_service_account_names=["app"],
                     bound_service_account_namespaces=["default"], token_policies=["app"])
        path = os.path.join(os.environ["HOME"], "jwt")
        settings = {"token": None, "auth__method": "kubernetes", "auth__mount": "k8s",
                    "auth__role": "app", "auth__jwt_file": path}
        probe = self.opened(**settings)
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")
        with open(path, "w", encoding="ascii") as file:
            file.write(JWT)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertNotIn(JWT, probe.logged())

    def test_a_login_without_its_settings_is_bad_configuration(self):
        for settings in ({"auth__method": "approle"}, {"auth__method": "kubernetes"},
                         {"auth__method": "cert"}):
            probe = self.opened(token=None, **settings)
            self.assertEqual(probe.ask("read", "global/a"), "BAD_CONF")


if __name__ == "__main__":
    main()
