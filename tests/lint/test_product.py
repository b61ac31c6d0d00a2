# SPDX-License-Identifier: Apache-2.0
"""The built and installed files: the module's exports and libraries, and the files' places."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

MODULE = pathlib.Path(os.environ["SIDESEAT_TEST_MODULE"])
BUILD = pathlib.Path(os.environ["SIDESEAT_TEST_BUILD"])
EXPORTS = {"C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface"}
LIBRARIES = re.compile(r"lib(c|jansson|yajl|keyutils)\.so\.\d+|ld-linux-.*|ld-musl-.*")
SANITIZERS = re.compile(r"lib(asan|ubsan|tsan|gcov|gcc_s|m)\.so\.\d+")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, **more).stdout


def exports(path):
    return {line.split()[0].split("@")[0] for line in run("nm", "-D", "-P", "--defined-only", path).splitlines()}


def needed(path):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path)))


def is_sanitized(path):
    return any(name.startswith(("libasan", "libubsan", "libtsan")) for name in needed(path)) or (
        "__asan" in run("nm", "-D", path) or "__tsan" in run("nm", "-D", path))


def foreign(libraries, sanitized):
    return {name for name in libraries if not LIBRARIES.fullmatch(name)
            and not (sanitized and SANITIZERS.fullmatch(name))}


class Module(unittest.TestCase):
    def test_three_names_are_exported(self):
        found = {name for name in exports(MODULE) if not name.startswith(("__asan", "__odr_asan"))}
        self.assertEqual(found, EXPORTS)

    def test_the_host_gets_no_heavy_library(self):
        self.assertEqual(foreign(needed(MODULE), is_sanitized(MODULE)), set())

    def test_other_exports_and_libraries_are_noticed(self):
        source = "int C_GetFunctionList(void); int C_GetFunctionList(void) {return 0;}\nint more = 1;\n"
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/bad.so"
            run(os.environ["SIDESEAT_TEST_CC"], "-shared", "-fPIC", "-x", "c", "-", "-o", path,
                "-Wl,--no-as-needed", "-lpthread", "-lm", input=source)
            self.assertNotEqual(exports(path), EXPORTS)
            self.assertIn("more", exports(path))
            self.assertIn("libm.so.6", foreign(needed(path), False))


class Install(unittest.TestCase):
    def install(self, *arguments):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        run("cmake", "--install", BUILD, *arguments, env=os.environ | {"DESTDIR": folder.name})
        root = pathlib.Path(folder.name)
        return {"/" + str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}

    def test_everything_is_where_it_is_looked_for(self):
        files = self.install()
        configs = run("pkg-config", "p11-kit-1", "--variable=p11_module_configs").strip()
        module = files[f"{configs}/sideseat.module"].read_text()
        name = re.search(r"^module: (.*)$", module, re.M).group(1)
        if not name.startswith("/"):
            modules = run("pkg-config", "p11-kit-1", "--variable=p11_module_path").strip()
            name = f"{modules}/{name}"
        self.assertIn(name, files)
        self.assertIn("critical: no", module.splitlines())
        for end in ("/man5/sideseat.json.5", "/sideseat.json.example", "/sideseat.schema.json"):
            self.assertEqual(len([path for path in files if path.endswith(end)]), 1, end)


if __name__ == "__main__":
    unittest.main()
