# SPDX-License-Identifier: Apache-2.0
"""An HTTP server whose answers a test writes, for cases that a real server here cannot produce."""

import http.server
import json
import ssl
import subprocess
import threading


class Request:
    """A request."""

    def __init__(self, method, path, headers, body):
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def operation(self):
        """The operation of a request to Secrets Manager."""
        return self.headers.get("X-Amz-Target", "").rpartition(".")[2]

    def json(self):
        return json.loads(self.body)


class Scripted:
    """Use it in a `with`. `answer` gets a Request and gives (status, body[, headers]): the body as bytes, as text
    or as a value for JSON; or "stall" to never answer, "drop" to hang up. `certificate` is a file with
    a certificate and its key, for https."""

    def __init__(self, answer, certificate=None):
        self.answer = answer
        self.requests = []
        self.end = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self):
                length = int(self.headers.get("Content-Length", 0))
                request = Request(self.command, self.path, self.headers, self.rfile.read(length))
                outer.requests.append(request)
                self.reply(outer.answer(request))

            do_GET = do_POST = do_PUT = do_DELETE = do_any

            def reply(self, answer):
                if answer == "stall":
                    outer.end.wait(30)
                if answer in ("stall", "drop"):
                    self.close_connection = True
                    return
                status, body, *headers = answer
                if not isinstance(body, (bytes, str)):
                    body = json.dumps(body)
                data = body if isinstance(body, bytes) else body.encode()
                extra = dict(headers[0]) if headers else {}
                self.send_response_only(status)
                if "Date" not in extra:
                    extra["Date"] = self.date_time_string()
                for name, value in {**extra, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.server.shutdown()
        self.server.server_close()


def make_certificate(path):
    """A certificate for 127.0.0.1, signed by itself, and its key, in one file."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out",
                    f"{path}.pem"], check=True, capture_output=True)
    with open(path, "ab") as both, open(f"{path}.pem", "rb") as certificate:
        both.write(certificate.read())
    return f"{path}.pem"
