#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the module on the file backend beside the system's own calls and SoftHSM2.

usage: bench.py [--quick] BIN-FOLDER MODULE.so

Each figure that counts is a ratio of two things measured in the same run; the last column is the
goal. Nothing here fails because of a time.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

SOFTHSM = next((path for path in ("/usr/lib/softhsm/libsofthsm2.so",
                                  "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so")
                if os.path.exists(path)), None)
PIN = "1234"


def label(i):
    """The label of secret i, as host_label in host.c makes it."""
    return [f"org/o{i % 50}/secret_{i}", f"project/p{i % 50}/secret_{i}",
            f"user/u{i % 50}/secret_{i}", f"global/secret_{i}"][i % 4]


class Bench:
    """One run: its folder, its programs, its table."""

    def __init__(self, folder, programs, module):
        self.folder = pathlib.Path(folder)
        self.programs = pathlib.Path(programs)
        self.module = module
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "SIDESEAT_SECRETS_BACKEND": "file",
            "SIDESEAT_CONFIG": self.write_config(),
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
        }
        if (preload := os.environ.get("BENCH_PRELOAD")):
            self.environment["LD_PRELOAD"] = preload

    def write_config(self):
        path = self.folder / "sideseat.json"
        path.write_text(json.dumps({"pkcs11": {"hmac_keys": [
            {"key": "global/signing", "encoding": "hex"}], "keys": [
                "global/pair_*", {"key": "global/open", "usage": ["decrypt", "decrypt_pkcs1"]}]}}))
        path.chmod(0o600)
        return str(path)

    def data(self, count):
        """A data folder with `count` secrets."""
        folder = self.folder / f"data-{count}"
        if not folder.exists():
            folder.mkdir(mode=0o700)
            time = "2024-01-01T00:00:00.123456789Z"
            meta = {"created_at": time, "updated_at": time}
            secrets = {label(i): {"value": "v" * 100, "metadata": meta} for i in range(count)}
            secrets["global/signing"] = {"value": "0b" * 32, "metadata": meta}
            path = folder / "secrets.json"
            path.write_text(json.dumps({"version": 2, "secrets": secrets}))
            path.chmod(0o600)
        return folder

    def softhsm(self, count):
        """The environment of a SoftHSM2 token with `count` data objects; None without SoftHSM2."""
        if SOFTHSM is None:
            return None
        folder = self.folder / f"softhsm-{count}"
        environment = {"PATH": os.environ["PATH"], "SOFTHSM2_CONF": f"{folder}.conf",
                       "BENCH_PIN": PIN}
        if not folder.exists():
            folder.mkdir()
            pathlib.Path(f"{folder}.conf").write_text(
                f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
            subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "bench",
                            "--pin", PIN, "--so-pin", PIN],
                           env=environment, check=True, stdout=subprocess.DEVNULL)
            self.run("bench_module", environment, "populate", SOFTHSM, count)
        return environment

    def run(self, program, environment, *args):
        """Runs one measurement; its figures by name."""
        output = subprocess.run([self.programs / program, *map(str, args)], env=environment,
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        return {line.split()[0]: float(line.split()[1]) for line in output.splitlines()}

    def ours(self, phase, count, *args):
        environment = {**self.environment, "SIDESEAT_DATA_DIR": str(self.data(count))}
        return self.run("bench_module", environment, phase, self.module, *args)

    def median(self, rounds, measure):
        """The median of each figure over several fresh processes."""
        runs = [measure() for _ in range(rounds)]
        return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def row(what, figure, aim=""):
    print(f"{what:<62} {figure:>22}  {aim}", flush=True)


def ratio(value, unit="x"):
    return f"{value:.2f} {unit}"


def bench_choice(bench, named, rounds):
    """The platform's choice without a session bus: the time until the file backend is open."""
    environment = {**bench.environment, "SIDESEAT_DATA_DIR": str(bench.data(10)),
                   "SIDESEAT_PKCS11_LOG": "error"}
    del environment["SIDESEAT_SECRETS_BACKEND"]
    chosen = bench.median(rounds, lambda: bench.run("bench_module", environment, "load",
                                                    bench.module))
    row("  the same, choosing the backend without a bus", f"{chosen['load']:.0f} us")
    row("  for the choice", f"{chosen['load'] - named:.0f} us", "<= 5000 us")


def bench_start(bench, sizes, rounds):
    ours = bench.median(rounds, lambda: bench.ours("load", 10))
    row("load, C_Initialize, slots, C_Finalize", f"{ours['load']:.0f} us")
    if (environment := bench.softhsm(10)):
        other = bench.median(rounds, lambda: bench.run("bench_module", environment, "load",
                                                       SOFTHSM))
        row("  against SoftHSM2", ratio(ours["load"] / other["load"]), "<= 0.5")
    bench_choice(bench, ours["load"], rounds)
    for count in sizes:
        first = bench.median(rounds, lambda: bench.ours("first", count, count))
        parse = bench.median(rounds, lambda: bench.run(
            "bench_module", bench.environment, "parse", bench.data(count) / "secrets.json"))
        row(f"first value in a fresh process, {count} secrets", f"{first['first']:.0f} us")
        row("  processor time from C_Initialize on", f"{first['first_cpu']:.0f} us",
            "<= 500 us with 10")
        row("  against jansson parsing the file", ratio(first["first"] / parse["parse"]),
            "<= 0.3 with 10000")
        row("  peak memory", f"{first['peak'] / 1024:.1f} MiB", "<= 3 with 10, 20 with 10000")


def bench_get(bench, sizes, softhsm_sizes):
    gets = {}
    for count in sizes:
        path = bench.data(count) / "secrets.json"
        figures = bench.ours("get", count, count, path)
        gets[count] = figures["get"]
        row(f"look-up by label and value, {count} secrets", f"{figures['get']:.2f} us")
        row("  against one stat()", ratio(figures["get"] / figures["stat"]), "<= 2.5")
        if count in softhsm_sizes and (environment := bench.softhsm(count)):
            other = bench.run("bench_module", environment, "get", SOFTHSM, count)
            row("  SoftHSM2 takes", ratio(other["get"] / figures["get"], "times as long"))
    row(f"  {sizes[-1]} secrets against {sizes[0]}", ratio(gets[sizes[-1]] / gets[sizes[0]]),
        "<= 1.5")
    figures = bench.ours("threads", sizes[-1], sizes[-1])
    row("  two threads against one", ratio(figures["scaling"]), ">= 1.8")


def bench_list(bench, count, rounds, softhsm):
    figures = bench.ours("list", count, rounds)
    row(f"listing with values, {int(figures['listed'])} objects", f"{figures['list']:.3f} ms",
        "<= 1.5 ms with 10000")
    environment = {**bench.environment, "SIDESEAT_DATA_DIR": str(bench.data(count))}
    other = bench.softhsm(count) if softhsm else None
    for name, ours, theirs, aim in (
            ("p11tool --list-all", ["p11tool", "--provider", bench.module, "--list-all"],
             ["p11tool", "--provider", SOFTHSM, "--login", "--set-pin", PIN, "--list-all"],
             ">= 40"),
            ("pkcs11-tool -O", ["pkcs11-tool", "--module", bench.module, "-O"],
             ["pkcs11-tool", "--module", SOFTHSM, "--login", "--pin", PIN, "-O"], ">= 80")):
        if shutil.which(ours[0]) is None:
            continue
        mine, best = in_turns(ours, environment, theirs, other)
        row(f"{name}, whole process", f"{mine * 1e3:.1f} ms")
        if other:
            row("  SoftHSM2 takes", ratio(best / mine, "times as long"), aim)


def in_turns(ours, environment, theirs, other):
    """The best time of either command. A machine is faster one second than the next, so both are
    taken from the same minute: ten runs of ours, which are short, with each of theirs."""
    mine, best = [], []
    for _ in range(3):
        mine += [timed(ours, environment) for _ in range(10)]
        if other:
            best.append(timed(theirs, other))
    return min(mine), min(best, default=None)


def timed(command, environment):
    """The seconds a command takes."""
    import time
    start = time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def bench_write(bench, sizes):
    for count in sizes:
        folder = bench.data(count)
        figures = bench.ours("update", count, count, folder)
        row(f"durable update, {count} secrets", f"{figures['update']:.0f} us")
        row("  against write, fsync, rename, fsync", ratio(figures["update"] / figures["raw"]),
            "<= 1.3; <= 1.5 with 10000")
    figures = bench.ours("writers", sizes[1], sizes[1])
    row("  eight threads that write against one", ratio(figures["writes_8"] / figures["writes_1"]),
        ">= 3")
    figures = bench.ours("mixed", sizes[1], sizes[1])
    row("reader's p99 beside a writer against alone",
        ratio(figures["p99_beside_writer"] / figures["p99_alone"]), "<= 2")
    row("  reads that missed", f"{int(figures['missed'])}", "0")
    figures = bench.ours("seen", sizes[-1], sizes[-1])
    parse = bench.run("bench_module", bench.environment, "parse",
                      bench.data(sizes[-1]) / "secrets.json")
    row(f"another process's change seen, {sizes[-1]} secrets, against jansson",
        ratio(figures["seen"] / parse["parse"]), "<= 1.5")


def bench_hmac(bench):
    environment = {**bench.environment, "SIDESEAT_DATA_DIR": str(bench.data(10))}
    figures = bench.run("bench_hmac", environment, bench.module, "global/signing")
    row("HMAC-SHA-256 of 64 bytes", f"{figures['sign_1']:.0f} /s")
    row("  against EVP_MAC alone", ratio(figures["sign_1"] / figures["evp_mac"]), ">= 0.6")
    row("  two threads against one", ratio(figures["scaling"]), ">= 1.8")
    if (other := bench.softhsm(10)):
        theirs = bench.run("bench_hmac", other, SOFTHSM, "global/signing")
        row("  against SoftHSM2", ratio(figures["sign_1"] / theirs["sign_1"]), ">= 2")


PAIRS = {"rsa": ("RSA-2048", ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), ">= 0.9"),
         "p256": ("P-256", ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ">= 0.75"),
         "ed25519": ("Ed25519", ("ED25519",), ">= 0.75")}


def make_key(path, options):
    subprocess.run(["openssl", "genpkey", "-algorithm", *options, "-out", path], check=True, capture_output=True)


def import_key(path, label, identifier, environment):
    """Puts a key into the token of SoftHSM2."""
    subprocess.run(["softhsm2-util", "--import", path, "--token", "bench", "--label", label, "--id", identifier,
                    "--pin", PIN], check=True, capture_output=True, env={**os.environ, **environment})


def key_store(bench, name, secrets):
    """The environment of a data folder with these files, each as a secret."""
    folder = bench.folder / name
    folder.mkdir(mode=0o700, exist_ok=True)
    records = {key: {"value": path.read_text()} for key, path in secrets.items()}
    (folder / "secrets.json").write_text(json.dumps({"version": 2, "secrets": records}))
    (folder / "secrets.json").chmod(0o600)
    return {**bench.environment, "SIDESEAT_DATA_DIR": str(folder)}


def bench_pairs(bench):
    """Private keys against OpenSSL with the same keys, and P-256 against SoftHSM2."""
    files = {f"global/pair_{name}": bench.folder / f"{name}.pem" for name in PAIRS}
    for name, (_, options, _) in PAIRS.items():
        make_key(bench.folder / f"{name}.pem", options)
    environment = key_store(bench, "pairs", files)
    for name, (title, _, goal) in PAIRS.items():
        pem = bench.folder / f"{name}.pem"
        figures = bench.run("bench_pair", environment, bench.module, f"global/pair_{name}", pem)
        row(f"signatures with {title}", f"{figures['sign_1']:.0f} /s")
        row("  against EVP_PKEY_sign alone", ratio(figures["sign_1"] / figures["evp_pkey"]), goal)
        row("  two threads against one", ratio(figures["scaling"]), ">= 1.8")
        if name == "p256" and (other := bench.softhsm(10)):
            import_key(pem, "pair", "01", other)
            theirs = bench.run("bench_pair", other, SOFTHSM, "pair", pem)
            row("  against SoftHSM2", ratio(figures["sign_1"] / theirs["sign_1"]), ">= 1.5")


def bench_cipher(bench):
    """AES-256-GCM there and back, with a key of the session."""
    for size in (64, 16384):
        figures = bench.run("bench_cipher", bench.environment, bench.module, size)
        row(f"AES-256-GCM of {size} bytes, there and back", f"{figures['sign_1']:.0f} /s")
        row("  against EVP alone, with a prepared context", ratio(figures["sign_1"] / figures["evp"]))
        row("  two threads against one", ratio(figures["scaling"]), ">= 1.8")
        if (other := bench.softhsm(10)):
            theirs = bench.run("bench_cipher", other, SOFTHSM, size)
            row("  against SoftHSM2", ratio(figures["sign_1"] / theirs["sign_1"]), ">= 1.5")


def bench_first_signature(bench, rounds):
    """A program that signs once, with ten keys in the token."""
    files = {f"global/pair_{i}": bench.folder / f"pair_{i}.pem" for i in range(10)}
    other = bench.softhsm(0)
    for i, path in enumerate(files.values()):
        make_key(path, PAIRS["p256"][1])
        if other:
            import_key(path, f"pair_{i}", f"{i:02}", other)
    environment = key_store(bench, "ten", files)
    ours = bench.median(rounds, lambda: bench.run("first_pair", environment, bench.module, "global/pair_5"))
    row("first signature in a fresh process, 10 keys", f"{ours['first']:.0f} us")
    if other:
        theirs = bench.median(rounds, lambda: bench.run("first_pair", other, SOFTHSM, "pair_5"))
        row("  against SoftHSM2", ratio(ours["first"] / theirs["first"]), "<= 0.5")


def bench_timing(bench, rounds):
    """The padding oracle that there must not be."""
    environment = key_store(bench, "open", {"global/open": bench.folder / "rsa.pem"})
    for padding, name in (("oaep", "failed OAEP"), ("pkcs1", "PKCS#1 v1.5")):
        figures = bench.run("bench_timing", environment, bench.module, "global/open",
                            bench.folder / "rsa.pem", rounds, padding)
        worst = max(figures.values())
        row(f"{name} by its padding, {rounds} decryptions", f"t = {worst:.1f}", "< 4.5: nothing to see")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes: only to see that it runs")
    parser.add_argument("programs", help="the folder with bench_module and bench_hmac")
    parser.add_argument("module", help="sideseat-pkcs11.so")
    args = parser.parse_args()
    sizes = [10, 100] if args.quick else [10, 1000, 10000]
    with tempfile.TemporaryDirectory(prefix="sideseat-bench-") as folder:
        bench = Bench(folder, args.programs, os.path.abspath(args.module))
        bench_start(bench, sizes, 3 if args.quick else 15)
        bench_get(bench, sizes, sizes[:2])
        bench_list(bench, sizes[-1], 20, not args.quick)
        bench_write(bench, sizes)
        bench_hmac(bench)
        bench_pairs(bench)
        bench_cipher(bench)
        bench_first_signature(bench, 3 if args.quick else 15)
        bench_timing(bench, 200 if args.quick else 20000)


if __name__ == "__main__":
    main()
