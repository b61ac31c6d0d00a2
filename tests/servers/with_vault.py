#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a real Vault.

    with_vault.py [--nodes N] [--tls] [--log LEVEL] COMMAND ARGUMENT...

The command finds VAULT_ADDR, VAULT_TOKEN (a root token), VAULT_UNSEAL_KEY, VAULT_NODES (the
addresses, divided by commas; all but the first are standbys), with --tls VAULT_CACERT and the
CA's key in VAULT_CA_KEY, in VAULT_LOG the server's log, and in VAULT_PID its process. HOME is an empty folder.

The server is the one of tests/servers/vault, built at the first use; else, for one node without TLS,
a `vault` or `bao` on PATH. With neither the result is 77, and 1 with CI=true.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def missing(why):
    print(f"with_vault.py: no Vault to test with: {why}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def built():
    """The project's own server; None where it cannot be built."""
    done = subprocess.run([os.path.join(HERE, "vault", "build.sh")], stdout=subprocess.PIPE,
                          text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def certificates(folder):
    """A CA and a certificate of it for 127.0.0.1: the paths of CA, CA key, certificate and key."""
    ca, ca_key, cert, key = (os.path.join(folder, name)
                             for name in ("ca.pem", "ca.key", "cert.pem", "cert.key"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run = {"check": True, "capture_output": True}
    subprocess.run([*new, "-x509", "-days", "2", "-subj", "/CN=test CA", "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign", "-out", ca, "-keyout", ca_key], **run)
    subprocess.run([*new, "-x509", "-CA", ca, "-CAkey", ca_key, "-days", "2", "-subj", "/CN=vault",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext",
                    "basicConstraints=critical,CA:FALSE", "-out", cert, "-keyout", key], **run)
    return ca, ca_key, cert, key


def start_built(program, options, folder, log):
    """Starts the project's server; returns the process and its address."""
    arguments = [program, "-nodes", str(options.nodes), "-log", options.log]
    found = {}
    if options.tls:
        ca, ca_key, cert, key = certificates(folder)
        arguments += ["-tls-cert", cert, "-tls-key", key]
        found = {"VAULT_CACERT": ca, "VAULT_CA_KEY": ca_key}
    server = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    line = server.stdout.readline()
    if not line:
        sys.exit("with_vault.py: the server did not start; see " + log.name)
    ready = json.loads(line)
    found.update(VAULT_ADDR=ready["addresses"][0], VAULT_NODES=",".join(ready["addresses"]),
                 VAULT_UNSEAL_KEY=ready["unseal"], VAULT_TOKEN="root")
    return server, found


def start_installed(program, log):
    """Starts an installed server in its development mode and waits until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "127.0.0.1:%d" % free.getsockname()[1]
    server = subprocess.Popen([program, "server", "-dev", "-dev-root-token-id=root",
                               "-dev-no-store-token", "-dev-listen-address=" + address],
                              stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    url = "http://" + address
    for _ in range(600):
        try:
            with urllib.request.urlopen(url + "/v1/sys/health", timeout=5):
                return server, {"VAULT_ADDR": url, "VAULT_NODES": url, "VAULT_TOKEN": "root"}
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("with_vault.py: the server did not answer; see " + log.name)


def start(options, folder, log):
    program = built()
    if program:
        return start_built(program, options, folder, log)
    program = shutil.which("vault") or shutil.which("bao")
    if program is None:
        missing("it cannot be built here, and neither vault nor bao is installed")
    if options.nodes > 1 or options.tls:
        missing("an installed one has one node and no TLS")
    return start_installed(program, log)


def clean_environment():
    """The environment without variables that change the target of requests."""
    return {name: value for name, value in os.environ.items()
            if name.startswith("SIDESEAT_TEST_") or
            not (name.startswith(("VAULT_", "BAO_", "SIDESEAT_")) or
                 name.lower().endswith("_proxy"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--log", default="error")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    environment = clean_environment()
    with tempfile.TemporaryDirectory(prefix="sideseat-vault.") as folder:
        log_path = os.path.join(folder, "log")
        with open(log_path, "wb") as log:
            server, found = start(options, folder, log)
        try:
            home = os.path.join(folder, "home")
            os.mkdir(home, 0o700)
            environment.update(found, HOME=home, VAULT_LOG=log_path, VAULT_PID=str(server.pid))
            return subprocess.run(options.command, env=environment, check=False).returncode
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
