# SPDX-License-Identifier: Apache-2.0
"""Each recipe for a package says the same as CMake: version, licence, description, libraries."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).parents[2]
RECIPES = SOURCE / "recipes"
LICENCE = "Apache-2.0"

# Each library: its names in CMake, Nix, Homebrew and vcpkg (which lacks two; they come from the system)
LIBRARIES = {
    "libcurl4-openssl-dev": ("libcurl", "curl", "curl", "curl"),
    "libexpat1-dev": ("EXPAT", "expat", "expat", "expat"),
    "libjansson-dev": ("jansson", "jansson", "jansson", "jansson"),
    "libkeyutils-dev": ("libkeyutils", "keyutils", "keyutils", None),
    "libp11-kit-dev": ("p11-kit-1", "p11-kit", "p11-kit", None),
    "libsecret-1-dev": ("libsecret-1", "libsecret", "libsecret", "libsecret"),
    "libssl-dev": ("OpenSSL", "openssl", "openssl@3", "openssl"),
    "libyajl-dev": ("yajl", "yajl", "yajl", "yajl"),
    "uthash-dev": (None, "uthash", "uthash", "uthash"),  # a header, which CMake does not look for
}
CMAKE, NIX, HOMEBREW, VCPKG = ({names[at] for names in LIBRARIES.values() if names[at]}
                               for at in range(4))
# found by CMake, but no package of their own anywhere; tre only on Windows
PARTS = {"PkgConfig", "Threads", "Python3", "gio-2.0", "tre"}


def text(name):
    return (SOURCE / name).read_text()


PROJECT = re.search(r'^project\((\S+) VERSION (\S+) .*?DESCRIPTION "(.*?)"\)', text("CMakeLists.txt"),
                    re.M | re.S)
NAME, VERSION, DESCRIPTION = PROJECT.groups()


class Recipes(unittest.TestCase):
    maxDiff = None

    def run_tool(self, *words):
        """The output of a command, whose program is a package of packages.txt."""
        if shutil.which(words[0]) is None:
            self.assertNotEqual(os.environ.get("CI"), "true", f"{words[0]} is not installed")
            self.skipTest(f"{words[0]} is not installed")
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=100,
                                  env={**os.environ, "HOME": home, "NIX_STATE_DIR": home,
                                       "NIX_STORE_DIR": f"{home}/store", "NIX_LOG_DIR": home,
                                       "NIX_CONF_DIR": home})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_cmake_looks_for_the_libraries_of_the_table(self):
        found = set()
        folders = [folder for folder in SOURCE.iterdir()
                   if folder.is_dir() and folder.name not in ("build", "tests", ".git")]
        for path in [SOURCE / "CMakeLists.txt",
                     *(path for folder in folders for path in folder.rglob("CMakeLists.txt"))]:
            said = re.sub(r"#.*", "", path.read_text())
            found.update(re.findall(r"find_package\((\S+?)[ )]", said))
            for modules in re.findall(r"pkg_check_modules\(\S+ REQUIRED IMPORTED_TARGET ([^)]*)\)", said):
                found.update(re.split(r"[<>=]", module)[0] for module in modules.split())
        self.assertEqual(found - PARTS, CMAKE)

    def test_debian_builds_with_them(self):
        depends = re.search(r"^Build-Depends: (.*?)\n\S", text("debian/control"), re.M | re.S).group(1)
        names = {re.split(r"[ (|]", item.strip())[0] for item in depends.split(",")}
        self.assertEqual(names - {"cmake", "debhelper-compat", "pkgconf"}, set(LIBRARIES))
        demo = set(re.findall(r"^demo (\S+)", text("packages.txt"), re.M))
        self.assertLessEqual(set(LIBRARIES), demo)

    def test_debian_and_rpm_say_the_version_and_the_licence(self):
        self.assertEqual(re.match(rf"{NAME} \((.*?)\)", text("debian/changelog")).group(1), VERSION)
        self.assertIn(f"\nLicense: {LICENCE}\n", text("debian/copyright"))
        self.assertIn(f"\nset(CPACK_RPM_PACKAGE_LICENSE {LICENCE})\n", text("cmake/Documents.cmake"))

    def test_nix(self):
        recipe = RECIPES / "default.nix"
        self.run_tool("nix-instantiate", "--parse", str(recipe))
        names = NIX | {"cmake", "ninja", "pkg-config"}
        packages = " ".join(f'"{name}" = "{name}";' for name in sorted(names))
        said = json.loads(self.run_tool(
            "nix-instantiate", "--eval", "--strict", "--json", "-E",
            f'import {recipe} {{ pkgs = {{ {packages} stdenv.mkDerivation = set: set;'
            ' lib = { cleanSource = toString; getLib = name: name; licenses.asl20 = "Apache-2.0";'
            ' platforms.linux = [ "linux" ]; }; }; }'))
        self.assertEqual((said["pname"], said["version"]), (NAME, VERSION))
        self.assertEqual(sorted(said["buildInputs"]), sorted(NIX))
        self.assertEqual(pathlib.Path(said["src"]), SOURCE)
        self.assertEqual((said["meta"]["description"], said["meta"]["license"]), (DESCRIPTION, LICENCE))
        self.options(said["cmakeFlags"])

    def test_homebrew(self):
        recipe = RECIPES / f"{NAME}.rb"
        self.assertEqual(self.run_tool("ruby", "-wc", str(recipe)), "Syntax OK\n")
        said = json.loads(self.run_tool("ruby", "-w", str(SOURCE / "tests/packages/homebrew.rb"), str(recipe),
                                        "/brew"))
        self.assertEqual(said["class"], "SideseatPkcs11")
        self.assertEqual("A " + said["desc"], DESCRIPTION)
        self.assertEqual(said["license"], LICENCE)
        self.assertEqual(said["url"], f"file://{RECIPES}/{NAME}-{VERSION}.tar.gz")  # beside the formula
        self.assertTrue(said["tested"])
        names = {name for name, *_ in said["depends"]}
        self.assertEqual(names - {"cmake", "pkgconf", "linux"}, HOMEBREW)
        configure, build, install = said["install"]
        self.options(configure)
        self.assertIn("-DCMAKE_INSTALL_PREFIX=/brew", configure)
        self.assertEqual((build, install), (["cmake", "--build", "build"], ["cmake", "--install", "build"]))

    def test_vcpkg(self):
        said = json.loads(text("recipes/vcpkg.json"))
        self.assertEqual((said["name"], said["version"], said["license"], said["description"]),
                         (NAME, VERSION, LICENCE, DESCRIPTION))
        names = [item if isinstance(item, str) else item["name"] for item in said["dependencies"]]
        self.assertEqual(names, sorted(VCPKG))
        for package, (*_, vcpkg) in LIBRARIES.items():
            self.assertEqual(package in " ".join(said["$comment"]), vcpkg is None, package)
        # vcpkg refuses a member that it does not know, and names of any other form
        self.assertLessEqual(set(said), {"$schema", "$comment", "name", "version", "description", "homepage", "license",
                                         "supports", "dependencies"})
        for item in said["dependencies"]:
            if not isinstance(item, str):
                self.assertLessEqual(set(item), {"name", "default-features", "features"})
        for name in [said["name"], *names]:
            self.assertRegex(name, r"^[a-z0-9]+(-[a-z0-9]+)*$")

    def test_container(self):
        said = text("recipes/Containerfile")
        self.assertIn(f'org.opencontainers.image.title="{NAME}"', said)
        self.assertIn(f'org.opencontainers.image.version="{VERSION}"', said)
        self.assertIn(f'org.opencontainers.image.licenses="{LICENCE}"', said)
        self.assertIn("s/^demo ", said, "the packages to build with are those of packages.txt")
        logical = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", said, flags=re.M)).splitlines()
        steps = [line.split(None, 1) for line in logical if line.strip()]
        self.assertLessEqual({step for step, _ in steps}, {"FROM", "COPY", "RUN", "WORKDIR", "LABEL", "USER",
                                                           "VOLUME", "ENTRYPOINT", "CMD"})
        for step, rest in steps:
            if step == "RUN":
                subprocess.run(["sh", "-n", "-c", rest], check=True, timeout=60)
                if "cmake -S" in rest:
                    self.options(rest.split())
            elif step in ("ENTRYPOINT", "CMD"):
                self.assertTrue(all(isinstance(word, str) for word in json.loads(rest)))
        self.assertIn(["USER", "65532:65532"], steps)

    def options(self, words):
        """Each -DNAME of ours is an option that the build has."""
        known = "\n".join(path.read_text() for path in [SOURCE / "cmake/House.cmake", SOURCE / "CMakeLists.txt",
                                                        SOURCE / "conf/CMakeLists.txt"])
        self.assertIn("-DBUILD_TESTING=OFF", words)
        for word in words:
            name = re.match(r"-D(SIDESEAT_\w+)=", word)
            if name:
                self.assertRegex(known, rf"(set|option)\({name.group(1)} ")


if __name__ == "__main__":
    unittest.main()
