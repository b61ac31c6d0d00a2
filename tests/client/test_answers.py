# SPDX-License-Identifier: Apache-2.0
"""Locked, unreachable and not started are different answers, each with its remedy; AWS is the store
that needs no service of this machine to give them."""

import contextlib
import json
import os
import socket
import threading
import unittest
import program


class Answers(program.Case):
    def setUp(self):
        super().setUp()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.store = os.environ["SIDESEAT_TEST_STORE"]
        self.env.update(
            SIDESEAT_SECRETS_BACKEND="aws",
            SIDESEAT_SECRETS_AWS_REGION="us-east-1",
            AWS_ENDPOINT_URL=self.address,
            AWS_EC2_METADATA_DISABLED="true",
            AWS_MAX_ATTEMPTS="1",
        )

    def ask(self, status, *arguments, **more):
        return self.expect(status, "--set", f"store.program={self.store}", *arguments, **more)

    def with_key(self):
        self.env.update(AWS_ACCESS_KEY_ID="AKIATEST", AWS_SECRET_ACCESS_KEY="not-to-be-logged")
        self.values.add(b"not-to-be-logged")

    def test_missing_credentials_are_not_a_lock(self):
        result = self.ask(program.UNAUTHENTICATED, "get", "global/a")
        self.assertIn("credentials", result.err)
        self.assertEqual(result.out, b"")

    def test_a_server_that_is_not_there_is_unreachable(self):
        self.with_key()
        for arguments in (("list",), ("get", "global/a"), ("set", "global/a"), ("ensure",)):
            result = self.ask(program.UNREACHABLE, *arguments, stdin=b"not-stored")
            self.assertIn("sideseat-secrets status", result.err)

    def test_a_store_process_that_is_not_there_is_named(self):
        self.with_key()
        self.store = "/nowhere/sideseat-store"
        self.assertIn("/nowhere/sideseat-store", self.ask(program.UNREACHABLE, "list").err)

    def test_status_names_the_fault_and_ends_like_the_operation(self):
        self.with_key()
        text = self.ask(program.UNREACHABLE, "status").out.decode()
        for line in ("health      UNAVAILABLE", "problem ", "remedy "):
            self.assertIn(line, text)
        self.assertIn(f"aws.endpoint_url = {self.address}  [environment variable AWS_ENDPOINT_URL]", text)
        token = self.ask(program.UNREACHABLE, "status", "--json").json()["tokens"][0]
        self.assertEqual(token["health"]["error"], "UNAVAILABLE")
        self.assertTrue(token["health"]["remedy"])

    def test_status_asks_all_tokens_at_the_same_time(self):
        self.with_key()
        del self.env["SIDESEAT_SECRETS_BACKEND"]
        tokens = [{"label": f"cloud{i}", "backend": "aws"} for i in range(3)]
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": tokens}}))
        # answers nobody before all three have asked
        together = threading.Barrier(3, timeout=60)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:%d" % listener.getsockname()[1]

        def answer(connection):
            with connection, contextlib.suppress(threading.BrokenBarrierError):
                connection.recv(65536)
                together.wait()
                connection.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n")

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        result = self.run_tool("status", "--json", "--set", f"store.program={self.store}",
                                  "--set", "timeout_ms=20000")
        told = result.json()["tokens"]
        self.assertEqual([one["token"] for one in told], ["cloud0", "cloud1", "cloud2"])
        for one in told:
            self.assertIn("HTTP 400", one["health"]["text"])

    def test_one_dead_store_does_not_take_another_token_with_it(self):
        self.with_key()
        del self.env["SIDESEAT_SECRETS_BACKEND"]
        (self.home / "sideseat.json").write_text(
            '{"pkcs11": {"tokens": [{"label": "cloud", "backend": "aws"},'
            ' {"label": "laptop", "backend": "file"}]}}'
        )
        self.ask(program.UNREACHABLE, "list")
        self.ask(program.OK, "--token", "laptop", "set", "global/a", stdin=b"something")
        self.assertEqual(self.ask(program.OK, "-t", "laptop", "get", "global/a").out, b"something")
        told = self.ask(program.UNREACHABLE, "status", "--json").json()["tokens"]
        self.assertEqual([one["health"]["ok"] for one in told], [False, True])


if __name__ == "__main__":
    unittest.main()
