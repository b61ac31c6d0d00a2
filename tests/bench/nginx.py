#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the TLS handshakes of nginx with a key in the module, beside the same nginx with the key
in a file, and with the key in SoftHSM2 through the same engine.

usage: nginx.py [--quick] BIN-FOLDER MODULE.so
"""

import argparse
import contextlib
import getpass
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import bench

sys.path.append(str(pathlib.Path(__file__).parents[1] / "interop"))
import keys_page  # the same file as in the tests

PATH = f"/usr/sbin:/usr/bin:/bin:{os.environ['PATH']}"
KINDS = {"rsa": "RSA-2048", "p256": "P-256"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, server):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.02)
    sys.exit(f"nginx does not listen on {port}")


@contextlib.contextmanager
def nginx(folder, name, key, environment):
    """One nginx with one worker, without sessions that would save handshakes; its port."""
    port = free_port()
    kind = name.split("-")[0]
    directive = "ssl_engine pkcs11;" if key.startswith("engine:") else ""
    keep = " ".join(f"env {variable};" for variable in environment
                    if variable.startswith(("SIDESEAT_", "SOFTHSM2_", "PKCS11_")))
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    temporary = " ".join(f"{word}_temp_path {folder}/{name}-{word};"
                         for word in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = folder / f"{name}.conf"
    config.write_text(f"""
        daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
        {user} {keep} {directive}
        events {{ }}
        http {{
            access_log off; {temporary}
            ssl_session_cache off; ssl_session_tickets off;
            server {{
                listen 127.0.0.1:{port} ssl; server_name localhost;
                ssl_certificate {folder}/{kind}.crt; ssl_certificate_key "{key}";
            }}
        }}""")
    (folder / "openssl.cnf").write_text(keys_page.block("ini", "engine_id"))
    server = subprocess.Popen(["nginx", "-c", config, "-e", folder / f"{name}.log"],
                              env={**environment, "PATH": PATH, "OPENSSL_CONF": folder / "openssl.cnf"}, stdin=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def handshakes(port, seconds):
    """Full handshakes in a second, by one client."""
    said = subprocess.run(["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-new", "-time", str(seconds)],
                          check=True, capture_output=True, text=True, timeout=60 + seconds).stdout
    count, spent = re.search(r"(\d+) connections in (\d+) real seconds", said).groups()
    return int(count) / max(int(spent), 1)


def softhsm_key(run, kind):
    """The key as SoftHSM2 has it, and the environment for it."""
    environment = run.softhsm(0)
    if environment is None:
        return None, None
    bench.import_key(run.folder / f"{kind}.pem", kind, f"{len(kind):02}", environment)
    uri = f"pkcs11:token=bench;object={kind};type=private?pin-value={bench.PIN}"
    return f"engine:pkcs11:{uri}", {**environment, "PKCS11_MODULE_PATH": bench.SOFTHSM}


def measure(run, kind, seconds, rounds):
    file = run.folder / f"{kind}.pem"
    bench.make_key(file, bench.PAIRS[kind][1])
    subprocess.run(["openssl", "req", "-x509", "-new", "-key", file, "-out", run.folder / f"{kind}.crt",
                    "-subj", "/CN=localhost", "-days", "3"], check=True, capture_output=True)
    ours = {**bench.key_store(run, f"store-{kind}", {f"global/pair_{kind}": file}), "PKCS11_MODULE_PATH": run.module}
    uri = f"pkcs11:token=sideseat;object=global%2Fpair_{kind};type=private"
    theirs, other = softhsm_key(run, kind)
    servers = {"file": (str(file), ours), "module": (f"engine:pkcs11:{uri}", ours)}
    if theirs:
        servers["softhsm"] = (theirs, other)
    best = dict.fromkeys(servers, 0)
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(nginx(run.folder, f"{kind}-{name}", *server))
                 for name, server in servers.items()}
        for _ in range(rounds):
            for name, port in ports.items():
                best[name] = max(best[name], handshakes(port, seconds))
    bench.row(f"TLS handshakes of nginx with {KINDS[kind]}", f"{best['module']:.0f} /s")
    bench.row("  against the key in a file", bench.ratio(best["module"] / best["file"]), ">= 0.9")
    if theirs:
        bench.row("  against SoftHSM2 through the same engine", bench.ratio(best["module"] / best["softhsm"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only to see that it runs")
    parser.add_argument("programs", help="the folder with bench_module")
    parser.add_argument("module", help="sideseat-pkcs11.so")
    args = parser.parse_args()
    for program in ("nginx", "openssl"):
        if shutil.which(program, path=PATH) is None:
            print(f"skipped: {program} is not installed", file=sys.stderr)
            sys.exit(1 if os.environ.get("CI") == "true" else 77)
    with tempfile.TemporaryDirectory(prefix="sideseat-nginx-") as folder:
        run = bench.Bench(folder, args.programs, os.path.abspath(args.module))
        pathlib.Path(folder).chmod(0o700)
        for kind in KINDS:
            measure(run, kind, 1 if args.quick else 4, 1 if args.quick else 3)


if __name__ == "__main__":
    main()
