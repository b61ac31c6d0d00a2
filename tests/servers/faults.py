#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that misbehaves as its path says, around one command.

    faults.py COMMAND ARGUMENT...

The command finds FAULT_URL (http), FAULT_TLS_URL (https, by the name localhost, with a certificate
of FAULT_CA for the name vault.test) and FAULT_CLOSED_URL (a port without a listener). The path
names the fault, and a backend may append its own: /stall/v1/secret/data/x stalls, too.
"""
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

BODY = b'{"ok":true}'


def reply(status, body=BODY, *headers):
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def stall(_):
    threading.Event().wait(60)


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(600):
        connection.sendall(b"x")
        time.sleep(0.1)


def drip_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(600):
        connection.sendall(b"X: y\r\n")
        time.sleep(0.1)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def truncate(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + BODY)


def chunk_cut(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")


def huge(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" " * 1000000)


def nonsense(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)


FAULTS = {
    "stall": stall, "drip": drip, "drip-headers": drip_headers, "reset": reset,
    "truncate": truncate, "chunk-cut": chunk_cut, "huge": huge, "nonsense": nonsense,
    "hangup": lambda connection: None,
}
REPLIES = {
    "ok": reply(200, BODY, b"Date: Sun, 06 Nov 1994 08:49:37 GMT", b"Retry-After:  7 "),
    "empty": reply(200, b""),
    "html": reply(200, b"<html>a captive portal</html>"),
    "redirect": reply(307, b"", b"Location: http://127.0.0.1:1/elsewhere"),
}


def request_read(stream):
    """The path of the next request, None at the end."""
    line = stream.readline()
    length = 0
    header = line
    while header not in (b"", b"\r\n"):
        header = stream.readline()
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    stream.read(length)
    words = line.split()
    return words[1].decode() if len(words) > 1 else None


def answer(connection, path):
    """True if the connection is kept."""
    for part in path.split("/"):
        if part in FAULTS:
            FAULTS[part](connection)
            return False
        if part in REPLIES:
            connection.sendall(REPLIES[part])
            return True
        if part.startswith("status-"):
            connection.sendall(reply(int(part[7:]), b'{"errors":["as asked"]}'))
            return True
        if part.startswith("wait-"):
            time.sleep(int(part[5:]) / 1000)
    connection.sendall(reply(200, BODY))
    return True


def serve_connection(connection, context):
    try:
        with connection:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as stream:
                path = request_read(stream)
                while path is not None and answer(connection, path):
                    path = request_read(stream)
    except OSError:
        pass  # the client gave up, as it should


def serve(context=None):
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def loop():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve_connection, args=(connection, context),
                             daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()
    return listener.getsockname()[1]


def certificate(folder):
    made = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=DNS:vault.test", "-out", made[0], "-keyout",
                    made[1]], check=True, capture_output=True)
    return made


def main():
    with tempfile.TemporaryDirectory(prefix="sideseat-faults.") as folder:
        cert, key = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        closed = socket.socket()  # bound, so that no other program gets the port, but not listening
        closed.bind(("127.0.0.1", 0))
        unused = closed.getsockname()[1]
        environment = dict(os.environ, HOME=folder, FAULT_URL=f"http://127.0.0.1:{serve()}",
                           FAULT_TLS_URL=f"https://localhost:{serve(context)}", FAULT_CA=cert,
                           FAULT_CLOSED_URL=f"http://127.0.0.1:{unused}")
        for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            environment.pop(name, None)
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
