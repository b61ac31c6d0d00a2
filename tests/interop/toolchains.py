# SPDX-License-Identifier: Apache-2.0
"""The clients in their languages, built outside the source tree and kept for the next run.

toolchains.py CLIENT builds one; `command(CLIENT)` gives the words that run it.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
WRAPPER = "jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED"
RUST = (1, 77)
SOURCES = {"java": ["java/Client.java"], "go": ["go/main.go", "go/go.mod", "go/go.sum"],
           "go-pair": ["go-pair/main.go", "go-pair/go.mod", "go-pair/go.sum"],
           "rust": ["rust/src/main.rs", "rust/src/bin/pair.rs", "rust/Cargo.toml", "rust/Cargo.lock"],
           "node": ["node/package.json", "node/package-lock.json"],
           "python": ["python/requirements.txt"],
           "pyhanko": ["python/requirements-pyhanko.txt"]}


class Missing(Exception):
    """A toolchain is not installed."""


def cache_folder():
    """The folder for files that the tests have fetched or built."""
    cache = os.environ.get("SIDESEAT_TEST_CACHE")
    if cache:
        return pathlib.Path(cache) / "interop"
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "sideseat-pkcs11" / "interop"


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")


def run(*words, **more):
    """Runs a build step; shows its output only if it fails."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=400, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}:\n{done.stdout}")


def build_java(folder):
    need("javac", "java")
    run("javac", "--add-modules", "jdk.crypto.cryptoki", "--add-exports", WRAPPER, "-d", folder, HERE / "java/Client.java")


def build_go(folder, source="go"):
    need("go", "cc")
    run("go", "build", "-mod=readonly", "-o", folder / "client", ".", cwd=HERE / source)


def build_go_pair(folder):
    build_go(folder, "go-pair")


def build_rust(folder):
    need("cargo", "rustc")
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True,
                             timeout=60).stdout.split()[1]
    if tuple(map(int, version.split(".")[:2])) < RUST:
        raise Missing(f"rustc {version} is older than {RUST[0]}.{RUST[1]}, which cryptoki needs")
    run("cargo", "build", "--release", "--locked", "--target-dir", cache_folder() / "rust-target",
        cwd=HERE / "rust")
    for name in ("client", "pair"):
        shutil.copy(cache_folder() / "rust-target/release" / name, folder / name)


def build_node(folder):
    need("node", "npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, folder)
    # the headers that came with Node, where they did: no download from elsewhere
    node = pathlib.Path(shutil.which("node")).resolve().parent.parent
    more = {"npm_config_nodedir": str(node)} if (node / "include/node/node.h").exists() else {}
    run("npm", "ci", "--no-audit", "--no-fund", cwd=folder, env={**os.environ, **more})


def build_python(folder, requirements="requirements.txt"):
    venv.create(folder, with_pip=True)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--no-input",
        "--disable-pip-version-check", "--no-deps", "-r", HERE / "python" / requirements)


def build_pyhanko(folder):
    build_python(folder, "requirements-pyhanko.txt")


BUILDERS = {"java": build_java, "go": build_go, "go-pair": build_go_pair, "rust": build_rust,
            "node": build_node, "python": build_python, "pyhanko": build_pyhanko}


@contextlib.contextmanager
def locked(name):
    """One test at a time builds."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with open(cache_folder() / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept(name, sources, build):
    """The folder of what build(folder) makes of the sources, which also name it."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        digest.update((HERE / source).read_bytes())
    folder = cache_folder() / f"{name}-{digest.hexdigest()[:16]}"
    with locked(name):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            (folder / "ready").touch()
    return folder


def built(language):
    """The folder of a language's build."""
    return kept(language, SOURCES[language], BUILDERS[language])


def command(client):
    """The words that run a client, built if need be."""
    if client == "c":
        return [os.environ["SIDESEAT_TEST_CLIENT"]]
    if client == "java":
        return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                "--add-modules", "jdk.crypto.cryptoki", "--add-exports", WRAPPER, "-cp", str(built("java")), "Client"]
    if client == "pyhanko":
        return [str(built("pyhanko") / "bin/pyhanko")]
    if client == "rust-pair":
        return [str(built("rust") / "pair")]
    if client == "node-pair":
        return ["env", f"NODE_PATH={built('node')}/node_modules", "node", str(HERE / "node/pair_pkcs11js.js")]
    if client in ("go", "go-pair", "rust"):
        return [str(built(client) / "client")]
    if client in ("pkcs11js", "graphene"):
        return ["env", f"NODE_PATH={built('node')}/node_modules", "node",
                str(HERE / f"node/client_{client}.js")]
    return [python(), "-B", str(HERE / f"python/client_{client.replace('python-', '')}.py")]


def python():
    """The interpreter that has the Python clients and PyJWT."""
    return str(built("python") / "bin/python")


if __name__ == "__main__":
    print(*command(sys.argv[1]))
