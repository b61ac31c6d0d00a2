#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two nodes over TLS: certificates, standbys, and redirects that are refused."""
import http.server
import os
import pathlib
import socket
import socketserver
import stat
import subprocess
import tempfile
import threading

from between import make_certificate
from vault import ADDRESS, NODES, Api, Case, main


class Redirector(http.server.BaseHTTPRequestHandler):
    """Redirects every request to its server's `to`, and keeps the requests."""

    def do_GET(self):
        self.server.seen.append((self.path, self.headers.get("X-Vault-Token"),
                                 self.headers.get("X-Vault-Namespace")))
        self.send_response(self.server.status)
        if self.server.to:
            self.send_header("Location", self.server.to.replace("PATH", self.path))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Tunnel(socketserver.StreamRequestHandler):
    """An HTTP proxy that knows CONNECT only, keeps where it was sent, and goes to this machine."""

    def handle(self):
        line = self.rfile.readline().split()
        while self.rfile.readline().strip():
            pass
        self.server.seen.append(line[1].decode())
        port = line[1].decode().rsplit(":", 1)[1]
        with socket.create_connection(("127.0.0.1", int(port))) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self.copy, args=(there, self.connection), daemon=True)
            back.start()
            self.copy(self.connection, there)
            back.join()

    @staticmethod
    def copy(source, target):
        try:
            while (data := source.recv(65536)):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Nodes(Case):
    def tunnel(self):
        proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
        proxy.daemon_threads, proxy.seen = True, []
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        proxy.url = f"http://127.0.0.1:{proxy.server_address[1]}"
        return proxy

    def beyond_proxy(self, environment=None, **settings):
        """The backend with a server whose name only a proxy can make something of."""
        address = "https://vault.test:" + ADDRESS.rsplit(":", 1)[1]
        return self.opened({"no_proxy": "", "NO_PROXY": "", **(environment or {})},
                           address=address, tls_server_name="localhost", **settings)

    def test_a_proxy_is_used_where_one_is_named(self):
        place = {"vault.test:" + ADDRESS.rsplit(":", 1)[1]}
        proxy = self.tunnel()
        probe = self.beyond_proxy(proxy=proxy.url)
        self.assertEqual(probe.ask("write", "global/a", "0", "v"), "OK 1", probe.logged())
        self.assertEqual(set(proxy.seen), place)
        # the variable that every program knows, unless the setting says that there is none
        proxy.seen.clear()
        environment = {"https_proxy": proxy.url}
        self.assertEqual(self.beyond_proxy(environment).ask("read", "global/a"), "OK v 1")
        self.assertEqual(set(proxy.seen), place)
        proxy.seen.clear()
        probe = self.beyond_proxy(environment, proxy="", timeout_ms="3000")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
        self.assertEqual(proxy.seen, [])

    def test_a_proxy_that_is_not_there_is_unreachable(self):
        probe = self.beyond_proxy(proxy="http://127.0.0.1:1")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")

    def test_this_machine_is_asked_without_a_proxy(self):
        proxy = self.tunnel()
        self.assertEqual(self.opened(proxy=proxy.url).ask("read", "global/a"), "NOT_FOUND")
        self.assertEqual(proxy.seen, [])

    def server(self, to, status=307):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirector)
        server.to, server.status, server.seen = to, status, []
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_a_standby_sends_on_and_is_followed(self):
        probe = self.opened(address=NODES[1])
        self.assertEqual(probe.ask("write", "org/acme/a", "0", "v"), "OK 1")
        self.assertEqual(probe.ask("read", "org/acme/a"), "OK v 1")
        self.assertEqual(probe.ask("many", "org/acme/a", "global/b"), "OK")
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.lines, [["org/acme/a"]])
        self.assertEqual(probe.ask("health").split()[0], "OK")
        self.assertEqual(probe.ask("remove", "org/acme/a", "-"), "OK")

    def test_the_certificate_must_be_known_and_the_line_says_which_setting(self):
        probe = self.opened(ca_cert=None)
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
        self.assertIn("vault.ca_cert (VAULT_CACERT)", probe.logged())
        probe = self.opened(tls_server_name="other.test")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
        probe = self.opened(tls_server_name="localhost")
        self.assertEqual(probe.ask("read", "global/a"), "NOT_FOUND")
        probe = self.opened(ca_cert=None, skip_verify="true")
        self.assertEqual(probe.ask("read", "global/a"), "NOT_FOUND")
        self.assertIn("skip_verify", probe.logged())

    def folder(self):
        made = tempfile.TemporaryDirectory(prefix="sideseat-ca.")
        self.addCleanup(made.cleanup)
        return pathlib.Path(made.name)

    def trusted(self, **settings):
        """The result of a read; or of opening the backend, if that fails."""
        probe = self.probe(**{"ca_cert": None, **settings})
        self.said = probe.logged()
        return probe.ask("read", "global/a") if probe.opened == "OK" else probe.opened

    def test_every_certificate_below_a_folder_is_trusted(self):
        ca = pathlib.Path(os.environ["VAULT_CACERT"]).read_bytes()
        other = pathlib.Path(make_certificate(self.folder() / "other")).read_bytes()
        for name, text in (("ca.pem", ca), ("ca.crt", ca), ("ca", b"# ours\n" + other + ca.replace(b"\n", b"\r\n")),
                           ("a/b/ca.pem", other + ca), (".hidden.pem", ca),
                           ("x.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + ca)):
            folder = self.folder()
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text)
            (folder / "README").write_text("the certificates")
            (folder / "empty").write_text("")
            (folder / "0.pem").write_bytes(other)
            (folder / "again.pem").write_bytes(text)
            os.symlink("nowhere", folder / "broken")
            self.assertEqual(self.trusted(ca_path=str(folder)), "NOT_FOUND", (name, self.said))
        # as Kubernetes puts a secret there
        folder = self.folder()
        (folder / "..2026_01").mkdir()
        (folder / "..2026_01" / "ca.crt").write_bytes(ca)
        os.symlink("..2026_01", folder / "..data")
        os.symlink("..data/ca.crt", folder / "ca.crt")
        self.assertEqual(self.trusted(ca_path=str(folder)), "NOT_FOUND", self.said)
        # as c_rehash leaves it
        folder = self.folder()
        (folder / "ca.pem").write_bytes(ca)
        subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)
        self.assertEqual(self.trusted(ca_path=str(folder)), "NOT_FOUND", self.said)
        (folder / "loop").symlink_to(folder)
        self.assertEqual(self.trusted(ca_path=str(folder)), "NOT_FOUND", self.said)
        # a file that is named counts alone, as for Vault's own clients
        (folder / "other.pem").write_bytes(other)
        self.assertEqual(self.trusted(ca_path=str(folder), ca_cert=str(folder / "other.pem")), "UNAVAILABLE")
        (folder / "ca.pem").write_bytes(other)
        self.assertEqual(self.trusted(ca_path=str(folder)), "UNAVAILABLE")

    def test_a_file_without_a_certificate_is_a_wrong_setting_and_named(self):
        folder = self.folder()
        ca = pathlib.Path(os.environ["VAULT_CACERT"]).read_bytes()
        texts = {"empty": b"", "text": b"hello\n", "der": b"\x30\x82\x01\x0a\0\0",
                 "cut": ca[:200], "key": pathlib.Path(os.environ["VAULT_CA_KEY"]).read_bytes()}
        for name, text in texts.items():
            (folder / name).write_bytes(text)
            self.assertEqual(self.trusted(ca_cert=str(folder / name)), "BAD_CONF", name)
            self.assertIn("vault.ca_cert (VAULT_CACERT)", self.said)
            self.assertIn(str(folder / name), self.said)
        for wrong in (str(folder), str(folder / "nothing"), "/dev/null"):
            self.assertEqual(self.trusted(ca_cert=wrong), "BAD_CONF", wrong)
            self.assertIn(wrong, self.said)
        for wrong in (str(folder), str(folder / "nothing"), str(folder / "text")):
            self.assertEqual(self.trusted(ca_path=wrong), "BAD_CONF", wrong)
            self.assertIn("vault.ca_path (VAULT_CAPATH)", self.said)
            self.assertIn(wrong, self.said)
        (folder / "ca.pem").write_bytes(ca)
        (folder / "ca.pem").chmod(0o666)
        for settings in ({"ca_path": str(folder)}, {"ca_cert": str(folder / "ca.pem")}):
            self.assertEqual(self.trusted(**settings), "BAD_CONF")
            self.assertIn("chmod go-w", self.said)

    def test_a_certificate_logs_in(self):
        folder = os.environ["HOME"]
        key, cert = os.path.join(folder, "client.key"), os.path.join(folder, "client.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-CA",
                        os.environ["VAULT_CACERT"], "-CAkey", os.environ["VAULT_CA_KEY"],
                        "-subj", "/CN=app", "-addext", "extendedKeyUsage=clientAuth", "-addext",
                        "basicConstraints=critical,CA:FALSE", "-days", "2", "-out", cert,
                        "-keyout", key], check=True, capture_output=True)
        self.api.put("sys/auth/cert", type="cert")
        self.addCleanup(self.api.call, "DELETE", "sys/auth/cert")
        with open(os.environ["VAULT_CACERT"], encoding="ascii") as ca:
            self.api.put("auth/cert/certs/app", certificate=ca.read(), token_policies=["app"])
        self.api.policy("app", 'path "secret/data/*" { capabilities = ["read"] }')
        self.api.put(self.path + "global/a", data={"value": "v"})
        probe = self.opened(token=None, auth__method="cert", auth__role="app", client_cert=cert,
                            client_key=key)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        probe = self.opened(token=None, auth__method="cert", auth__role="other", client_cert=cert,
                            client_key=key)
        self.assertEqual(probe.ask("read", "global/a"), "AUTH")
        for path, mode in ((cert, 0o666), (cert, 0o620), (key, 0o602), (key, 0o660)):
            kept = stat.S_IMODE(os.stat(path).st_mode)
            os.chmod(path, mode)
            self.assertEqual(self.trusted(auth__method="cert", auth__role="app", client_cert=cert,
                                          client_key=key), "BAD_CONF")
            self.assertIn("chmod go-w", self.said)
            os.chmod(path, kept)

    def test_a_redirect_may_leave_plain_http_but_never_come_to_it(self):
        server = self.server(ADDRESS + "PATH")
        self.api.put(self.path + "global/a", data={"value": "v"})
        probe = self.opened(address=server.url)
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")

    def test_a_token_goes_to_another_host_only_if_a_setting_names_it(self):
        # this machine has many names
        port = ADDRESS.rsplit(":", 1)[1]
        self.api.put(self.path + "global/a", data={"value": "v"})
        there = f"https://localhost:{port}"
        server = self.server(there + "PATH")
        login = {"token": None, "auth__method": "approle", "auth__role_id": "r", "auth__secret_id": "s3cret"}
        for nodes in (None, "127.0.0.2", "localhost:1", "localhost.test", "host", "xlocalhost, localhostx",
                      "https://localhost:1/", "localhost:443"):
            probe = self.opened(address=server.url, max_retries="0", nodes=nodes)
            for words in (("read", "global/a"), ("write", "global/a", "-", "x"), ("list",),
                          ("remove", "global/a", "-")):
                self.assertEqual(probe.ask(*words), "UNAVAILABLE", nodes)
            self.assertIn("vault.nodes", probe.logged())
            probe = self.opened(address=server.url, max_retries="0", nodes=nodes, **login)
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE", nodes)
        for nodes in ("localhost", "LocalHost", "other.test, localhost", there, f"a,localhost:{port} b", there + "/"):
            probe = self.opened(address=server.url, nodes=nodes)
            self.assertEqual(probe.ask("read", "global/a"), "OK v 1", (nodes, probe.logged()))

    def test_passwords_of_urls_are_not_shown(self):
        for settings in ({"proxy": "http://me:s3cret@127.0.0.1:1"}, {"proxy": "me:s3cret@127.0.0.1:1"},
                         {"proxy": "gopher://me:s3cret@127.0.0.1:1"}, {"proxy": "http://me:s3c@ret@[::1"},
                         {"proxy": "http://me:s3c/ret@127.0.0.1:1"}):
            probe = self.beyond_proxy(timeout_ms="3000", **settings)
            self.assertEqual(probe.ask("read", "global/a").split()[0], "UNAVAILABLE")
            self.assertNotIn("s3c", probe.ask("health") + probe.logged())
        server = self.server("https://me:s3cret@127.0.0.1:1PATH")
        probe = self.opened(address=server.url, max_retries="0")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
        self.assertNotIn("s3cret", probe.ask("health") + probe.logged())

    def test_redirects_elsewhere_are_refused_and_get_no_token(self):
        other = self.server("", 200)
        for to in (other.url + "/elsewhere", other.url + "/v1/other", "ftp://127.0.0.1/PATH",
                   "http://vault.invalid:1PATH", "http://u:p@127.0.0.1:1PATH", "/v1/x", ""):
            probe = self.opened(address=self.server(to).url, max_retries="0")
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE", to)
            self.assertIn("refused", probe.logged())
        self.assertEqual(other.seen, [])

    def test_a_second_redirect_is_not_followed(self):
        last = self.server("", 200)
        middle = self.server(last.url + "PATH")
        probe = self.opened(address=self.server(middle.url + "PATH").url, max_retries="0")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
        self.assertEqual(last.seen, [])
        self.assertNotEqual(middle.seen, [])

    def test_the_namespace_goes_with_each_request_and_the_path_is_encoded(self):
        server = self.server("", 503)
        probe = self.opened(address=server.url, namespace="team/a/", max_retries="0")
        probe.ask("read", "global/a")
        self.assertEqual(server.seen[0],
                         ("/v1/sys/internal/ui/mounts/secret", "root", "team/a/"))

    def test_when_the_active_node_steps_down_the_other_is_found(self):
        probe = self.opened(address=NODES[1])
        self.assertEqual(probe.ask("write", "global/a", "0", "v"), "OK 1")
        Api().call("PUT", "sys/step-down")
        answer = ""
        for _ in range(400):
            answer = probe.ask("read", "global/a")
            if answer == "OK v 1":
                break
            self.assertEqual(answer, "UNAVAILABLE")
        self.assertEqual(answer, "OK v 1")


if __name__ == "__main__":
    main()
