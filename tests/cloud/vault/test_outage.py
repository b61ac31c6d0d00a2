#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cost of a host for a Vault that refuses, and of a Vault that does not answer for a host: the
module's side of the backend, with its cache and a store process."""
import http.client
import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

from vault import ADDRESS, Case, Probe, main

HOST = os.environ["SIDESEAT_TEST_HOST"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
SERVER = int(os.environ["VAULT_PID"])
KEYS = [f"org/o{i % 4}/n{i}" for i in range(40)]


class Outage(Case):
    def host(self, **settings):
        """A host with a cache; "__" stands for a '.'."""
        given = {"timeout_ms": "3000", "store__program": PROGRAM, "vault__address": ADDRESS,
                 "vault__token": "root", "vault__prefix": self.prefix, **settings}
        folder = tempfile.TemporaryDirectory(prefix="sideseat-host.")
        host = Probe({name.replace("__", "."): value for name, value in given.items() if value},
                     folder.name, program=HOST)
        self.assertEqual(host.opened, "OK", host.logged())

        def end():
            self.assertIn(host.close(), (0, 1))
            folder.cleanup()
        self.addCleanup(end)
        return host

    def fill(self):
        for key in KEYS:
            self.api.put(self.path + key, data={"value": "value"})

    def lister(self):
        """A token that may list and not read."""
        rules = f'path "secret/metadata/{self.prefix}/*" {{ capabilities = ["list"] }}'
        self.api.policy(self.prefix, rules)
        return self.api.token(policies=[self.prefix, "default"])

    def counter(self):
        """A proxy in front of Vault: its address, and the list of paths of values asked for."""
        asked = []
        target = urllib.parse.urlsplit(ADDRESS)
        below = "/v1/" + self.path

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                if self.path.startswith(below):
                    asked.append(self.path)
                upstream = http.client.HTTPConnection(target.hostname, target.port)
                upstream.request(self.command, self.path, headers=dict(self.headers.items()))
                reply = upstream.getresponse()
                body = reply.read()
                upstream.close()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.getheader("Content-Type", ""))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_LIST = forward

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}", asked

    def freeze(self):
        os.kill(SERVER, signal.SIGSTOP)
        self.addCleanup(os.kill, SERVER, signal.SIGCONT)

    def wait_until(self, true):
        for _ in range(600):
            if true():
                return
            time.sleep(0.05)
        self.fail("in vain")

    def wait_for(self, host, text):
        self.wait_until(lambda: text in host.logged())

    def test_a_refused_secret_is_asked_for_once_and_all_are_one_line(self):
        self.fill()
        address, asked = self.counter()
        host = self.host(vault__address=address, vault__token=self.lister())
        self.assertEqual(host.ask("list"), "OK")
        for last in (20, 40):
            self.assertEqual(host.ask("many", *KEYS[:last]), "OK")
            self.assertEqual([line[1] for line in host.lines], ["DENIED"] * last)
        for key in KEYS:
            for _ in range(20):
                self.assertEqual(host.ask("read", key), "DENIED")
        self.assertEqual(sorted(asked), sorted(set(asked)), host.logged())
        self.assertEqual(len(asked), 40)
        lines = [line for line in host.logged().splitlines() if "HTTP 403" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("(and 19 more like this)", lines[0])

    def test_a_damaged_secret_is_asked_for_once(self):
        self.api.put(self.path + KEYS[0], data={"value": 7})
        address, asked = self.counter()
        host = self.host(vault__address=address)
        for _ in range(20):
            self.assertEqual(host.ask("read", KEYS[0]), "CORRUPT")
        self.assertEqual(len(asked), 1)

    def test_calls_do_not_wait_for_a_server_that_has_stopped(self):
        self.fill()
        host = self.host(cache__ttl_s="1")
        self.assertTrue(host.ask("read", KEYS[0]).startswith("OK value"))
        time.sleep(1.1)
        self.freeze()
        began = time.monotonic()
        for _ in range(100):
            self.assertRegex(host.ask("read", KEYS[0]), "^OK value .* stale$")
            self.assertIn(host.ask("read", KEYS[1]), ("TIMEOUT", "UNAVAILABLE"))
            self.assertIn(host.ask("list"), ("TIMEOUT", "UNAVAILABLE"))
            time.sleep(0.05)
        # the first waits for its deadline of 3 s, the others for nothing (they slept for 5 s)
        self.assertLess(time.monotonic() - began, 14)
        os.kill(SERVER, signal.SIGCONT)
        for _ in range(100):
            answer = host.ask("read", KEYS[0])
            if not answer.endswith("stale"):
                break
            time.sleep(0.05)
        self.assertRegex(answer, "^OK value [0-9]*$")
        self.assertTrue(host.ask("read", KEYS[1]).startswith("OK value"))
        self.assertEqual(host.logged().count("does not answer"), 1, host.logged())
        self.assertEqual(host.logged().count("answers again"), 1, host.logged())

    def test_a_host_that_asks_for_nothing_logs_an_outage_and_its_end(self):
        self.fill()
        host = self.host(health_s="2", timeout_ms="1000")
        self.assertTrue(host.ask("read", KEYS[0]).startswith("OK value"))
        self.api.call("PUT", "sys/seal")
        try:
            self.wait_for(host, "is not well")
            self.assertIn("unseal", host.logged())
            time.sleep(2.5)
        finally:
            self.api.call("PUT", "sys/unseal", {"key": os.environ["VAULT_UNSEAL_KEY"]})
        self.wait_for(host, "is well again")
        self.freeze()
        for _ in range(600):
            if host.logged().count("is not well") == 2:
                break
            time.sleep(0.05)
        os.kill(SERVER, signal.SIGCONT)
        lines = host.logged().splitlines()
        self.assertEqual([line.split(" ", 1)[0][:15] for line in lines], ["sideseat-pkcs11"] * 3,
                         lines)

    def test_a_shared_store_process_logs_an_outage_and_its_end(self):
        self.fill()
        with tempfile.TemporaryDirectory(prefix="sideseat-shared.") as folder:
            config, path, log = (os.path.join(folder, name) for name in ("json", "socket", "log"))
            with open(config, "w", encoding="utf-8") as file:
                json.dump({"secrets": {"backend": "vault", "timeout_ms": 1000,
                                       "vault": {"address": ADDRESS, "prefix": self.prefix}},
                           "pkcs11": {"health_s": 2}}, file)
            environment = {**os.environ, "SIDESEAT_CONFIG": config, "VAULT_TOKEN": "root"}
            with open(log, "wb") as errors:
                shared = subprocess.Popen([PROGRAM, "--listen", path], env=environment,
                                          stderr=errors)
            self.addCleanup(shared.wait)
            self.addCleanup(shared.terminate)
            self.wait_until(lambda: os.path.exists(path))
            host = self.host(store__socket=path, vault__token=None)
            self.assertTrue(host.ask("read", KEYS[0]).startswith("OK value"))

            def logged(text):
                with open(log, encoding="utf-8") as file:
                    return text in file.read()
            self.api.call("PUT", "sys/seal")
            try:
                self.wait_until(lambda: logged("is not well"))
            finally:
                self.api.call("PUT", "sys/unseal", {"key": os.environ["VAULT_UNSEAL_KEY"]})
            self.wait_until(lambda: logged("is well again"))


if __name__ == "__main__":
    main()
