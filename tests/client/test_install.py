# SPDX-License-Identifier: Apache-2.0
"""The files of `cmake --install` and their places; the installed module works."""

import os
import pathlib
import re
import stat
import subprocess
import unittest
import program

BUILD = os.environ["SIDESEAT_TEST_BUILD"]
PREFIX = os.environ["SIDESEAT_TEST_PREFIX"]
LIBDIR = os.environ["SIDESEAT_TEST_LIBDIR"]
LIBEXECDIR = os.environ["SIDESEAT_TEST_LIBEXECDIR"]
P11KIT = os.environ["SIDESEAT_TEST_P11KIT"]
P11KIT_CONFIGS = os.environ["SIDESEAT_TEST_P11KIT_CONFIGS"]

PLAIN, PROGRAM = 0o644, 0o755

FILES = {
    f"{PREFIX}/bin/sideseat-secrets": PROGRAM,
    f"{LIBDIR}/pkcs11/sideseat-pkcs11.so": None,  # either: a module is loaded, not run
    f"{LIBEXECDIR}/sideseat/sideseat-store": PROGRAM,
    f"{LIBEXECDIR}/sideseat/sideseat-store-desktop": PROGRAM,
    f"{LIBEXECDIR}/sideseat/sideseat-store-cloud": PROGRAM,
    f"{LIBDIR}/pkgconfig/sideseat-pkcs11.pc": PLAIN,
    f"{PREFIX}/include/sideseat-pkcs11.h": PLAIN,
    f"{PREFIX}/share/bash-completion/completions/sideseat-secrets": PLAIN,
    f"{PREFIX}/share/fish/vendor_completions.d/sideseat-secrets.fish": PLAIN,
    f"{PREFIX}/share/zsh/site-functions/_sideseat-secrets": PLAIN,
    f"{PREFIX}/share/man/man1/sideseat-secrets.1": PLAIN,
    f"{PREFIX}/share/man/man5/sideseat.json.5": PLAIN,
    f"{PREFIX}/share/man/man7/sideseat-pkcs11.7": PLAIN,
    f"{PREFIX}/share/man/man8/sideseat-store.8": PLAIN,
    f"{PREFIX}/lib/systemd/user/sideseat-store.service": PLAIN,
    f"{PREFIX}/lib/systemd/user/sideseat-store.socket": PLAIN,
    f"{PREFIX}/lib/systemd/system/sideseat-signer.socket": PLAIN,
    f"{PREFIX}/lib/systemd/system/sideseat-signer@.service": PLAIN,
    f"{P11KIT_CONFIGS}/sideseat.module": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/sideseat.json.example": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/sideseat.schema.json": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/LICENSE": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/README.md": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/SECURITY.md": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/CONTRIBUTING.md": PLAIN,
    **{f"{PREFIX}/share/doc/sideseat-pkcs11/examples/{path.name}": PLAIN
       for path in (program.SOURCE / "conf/examples").iterdir()},
    f"{PREFIX}/share/doc/sideseat-pkcs11/examples/sideseat-store.apparmor": PLAIN,
    f"{PREFIX}/share/doc/sideseat-pkcs11/packages.txt": PLAIN,
    **{f"{PREFIX}/share/doc/sideseat-pkcs11/{path.relative_to(program.SOURCE)}": PLAIN
       for path in (program.SOURCE / "docs").rglob("*.md")},
}


class Install(program.Case):
    def setUp(self):
        super().setUp()
        self.root = self.home / "root"
        subprocess.run(
            ["cmake", "--install", BUILD],
            env={**self.env, "DESTDIR": str(self.root)},
            check=True,
            capture_output=True,
            timeout=120,
        )

    def at(self, path):
        return self.root / path.lstrip("/")

    def pkg_config(self, *arguments):
        program.need(self, "pkg-config")
        done = subprocess.run(
            ["pkg-config", *arguments, "sideseat-pkcs11"],
            env={**self.env, "PKG_CONFIG_PATH": str(self.at(f"{LIBDIR}/pkgconfig"))},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    def test_every_file_is_in_its_place_with_its_mode_and_there_is_no_other(self):
        found = {
            "/" + str(path.relative_to(self.root)): stat.S_IMODE(path.stat().st_mode)
            for path in self.root.rglob("*")
            if path.is_file()
        }
        self.assertEqual(set(found), set(FILES))
        for path, mode in FILES.items():
            self.assertIn(found[path], (PLAIN, PROGRAM) if mode is None else (mode,), path)

    def test_pkg_config_gives_the_installed_module(self):
        self.pkg_config("--validate")
        module = self.pkg_config("--variable=module")
        self.assertTrue(self.at(module).is_file(), module)
        include = pathlib.Path(self.pkg_config("--variable=includedir"))
        self.assertTrue(self.at(str(include / "sideseat-pkcs11.h")).is_file())

    def test_the_installed_program_finds_the_installed_module(self):
        tool = self.at(f"{PREFIX}/bin/sideseat-secrets")
        self.env.pop("SIDESEAT_PKCS11_MODULE")
        done = subprocess.run([tool, "-b", "file", "status"], env=self.env, capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, program.OK, done.stderr)
        self.assertIn(f"module {self.at(LIBDIR)}/pkcs11/sideseat-pkcs11.so\n", done.stdout)

    def libraries(self, name):
        """All that the store program would load, without their versions."""
        path = self.at(f"{LIBEXECDIR}/sideseat/{name}")
        done = subprocess.run(["ldd", path], capture_output=True, text=True, check=True, timeout=60)
        self.assertNotIn("not found", done.stdout)
        return set(re.findall(r"^\s*lib([a-z_+]+?)[-.0-9]*\.so", done.stdout, re.M))

    def test_each_store_program_loads_the_libraries_of_its_backends_and_runs(self):
        desktop, cloud = {"secret", "gio", "gobject"}, {"curl", "crypto", "ssl"}
        for name, there, absent in [("sideseat-store", desktop | cloud, set()),
                                    ("sideseat-store-desktop", desktop, cloud),
                                    ("sideseat-store-cloud", cloud, desktop)]:
            libraries = self.libraries(name)
            self.assertLessEqual(there, libraries, name)
            self.assertFalse(absent & libraries, name)
            done = subprocess.run([self.at(f"{LIBEXECDIR}/sideseat/{name}"), "--version"],
                                  env=self.env, capture_output=True, text=True, check=True, timeout=60)
            self.assertTrue(done.stdout.startswith("sideseat-store "), done.stdout)

    def test_p11_kit_is_given_the_installed_module(self):
        text = self.at(f"{P11KIT_CONFIGS}/sideseat.module").read_text()
        name = re.search(r"^module: (.*)$", text, re.M).group(1)
        default = subprocess.run(["pkg-config", "--variable=p11_module_path", "p11-kit-1"],
                                 capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        self.assertEqual(os.path.join(default, name), f"{LIBDIR}/pkcs11/sideseat-pkcs11.so")

    def test_the_installed_header_compiles_alone_after_pkcs11_h(self):
        source = self.home / "include.c"
        source.write_text("#include <p11-kit/pkcs11.h>\n#include <sideseat-pkcs11.h>\n"
                          "CK_ATTRIBUTE_TYPE type = CKA_SIDESEAT_VERSION;\n"
                          "CK_RV rv = CKR_SIDESEAT_CONFLICT;\n")
        subprocess.run(
            ["cc", "-std=c11", "-Wall", "-Wextra", "-pedantic-errors", "-Werror", "-fsyntax-only",
             f"-I{self.at(PREFIX + '/include')}", f"-I{P11KIT}", str(source)],
            check=True,
            timeout=60,
        )

    def test_the_apparmor_profile_can_be_read(self):
        program.need(self, "apparmor_parser")
        profile = self.at(f"{PREFIX}/share/doc/sideseat-pkcs11/examples/sideseat-store.apparmor")
        done = subprocess.run(["apparmor_parser", "-Q", "-K", profile], capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_links_between_the_installed_pages_work(self):
        folder = self.at(f"{PREFIX}/share/doc/sideseat-pkcs11")
        broken = [
            (str(page.relative_to(folder)), link)
            for page in folder.rglob("*.md")
            for link in re.findall(r"\]\(([^)#]+)", page.read_text())
            if not link.startswith("http") and not (page.parent / link).exists()
        ]
        self.assertEqual(broken, [])


class Prefix(program.Case):
    """Another prefix than that of the build, which anybody can have."""

    def setUp(self):
        super().setUp()
        self.prefix = self.home / "opt"
        self.env.pop("SIDESEAT_PKCS11_MODULE")
        self.installed = self.cmake("--install", BUILD, "--prefix", str(self.prefix)).stdout

    def cmake(self, *arguments):
        return subprocess.run(["cmake", *arguments], env=self.env, check=True, capture_output=True,
                              text=True, timeout=120)

    def below(self, path):
        return self.prefix / os.path.relpath(path, PREFIX)

    def run_installed(self, *arguments):
        done = subprocess.run([self.below(f"{PREFIX}/bin/sideseat-secrets"), *arguments], env=self.env,
                              capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr + self.log().decode()

    def test_every_file_names_the_prefix_it_is_in(self):
        module = f"{self.below(LIBDIR)}/pkcs11/sideseat-pkcs11.so"
        config = self.prefix / "share/p11-kit/modules/sideseat.module"
        self.assertIn(f"module: {module}\n", config.read_text())
        self.assertIn(str(config), self.installed)
        units = self.prefix / "lib/systemd"
        self.assertIn(f"p11-kit remote --provider {module} pkcs11:\n", (units / "system/sideseat-signer@.service").read_text())
        self.assertIn(f"ExecStart={self.below(LIBEXECDIR)}/sideseat/sideseat-store ",
                      (units / "user/sideseat-store.service").read_text())
        profile = (self.prefix / "share/doc/sideseat-pkcs11/examples/sideseat-store.apparmor").read_text()
        self.assertIn(f"profile sideseat-store {self.below(LIBEXECDIR)}/sideseat/sideseat-store{{", profile)
        pc = (self.below(LIBDIR) / "pkgconfig/sideseat-pkcs11.pc").read_text()
        self.assertIn(f"prefix={self.prefix}\n", pc)
        for path in self.prefix.rglob("*"):
            if path.is_file() and path.suffix in (".apparmor", ".pc", ".module", ".service", ".socket"):
                self.assertNotRegex(path.read_text(), r"@[A-Z_]+@|/usr/local")

    def test_nothing_that_another_user_installed_is_in_the_way(self):
        self.assertEqual(list(pathlib.Path(BUILD).rglob("placed")), [])
        # written through, the link would show that the list of files is not a new one
        manifest, other = pathlib.Path(BUILD, "install_manifest.txt"), self.home / "other"
        manifest.unlink()
        manifest.symlink_to(other)
        self.cmake("--install", BUILD, "--prefix", str(self.prefix))
        self.assertFalse(manifest.is_symlink())
        self.assertFalse(other.exists())

    def test_the_programs_find_each_other_even_when_moved(self):
        vault = {"SIDESEAT_SECRETS_BACKEND": "vault", "VAULT_TOKEN": "x", "VAULT_MAX_RETRIES": "0",
                 "VAULT_ADDR": "http://127.0.0.1:1"}
        for _ in range(2):
            self.assertEqual(self.run_installed("-b", "file", "list")[0], program.OK)
            self.env.update(vault)
            status, said = self.run_installed("list")
            self.assertEqual(status, program.UNREACHABLE, said)
            self.assertNotIn("cannot start", said)
            self.assertIn("127.0.0.1:1", said)
            moved = self.home / "moved"
            if not moved.exists():
                self.prefix = self.prefix.rename(moved)

    def test_uninstall_leaves_nothing(self):
        other = self.prefix / "share/doc/other"
        other.mkdir()
        # never anything of this machine
        for line in (pathlib.Path(BUILD) / "install_manifest.txt").read_text().splitlines():
            self.assertTrue(line.startswith(f"{self.prefix}/"), line)
        self.cmake(f"-DBUILD={BUILD}", "-P", str(program.SOURCE / "cmake/Uninstall.cmake"))
        self.assertEqual([path for path in self.prefix.rglob("*") if not path.is_dir()], [])
        self.assertEqual([path for path in self.prefix.rglob("*sideseat*")], [])
        self.assertTrue(other.is_dir())


class Archive(program.Case):
    def test_a_package_for_rpm_has_every_file_below_usr(self):
        program.need(self, "rpmbuild")
        subprocess.run(["cpack", "-G", "RPM", "-B", str(self.home / "rpm"), "--config",
                        f"{BUILD}/CPackConfig.cmake"], cwd=BUILD, check=True, capture_output=True,
                       timeout=110, env=self.env)
        package, = (self.home / "rpm").glob("*.rpm")
        listed = subprocess.run(["rpm", "-qpl", package], capture_output=True, text=True, check=True,
                                timeout=60, env=self.env).stdout.splitlines()
        wanted = {path.replace(PREFIX, "/usr", 1) for path in FILES}
        listed = {path.removesuffix(".gz") for path in listed}  # later tools compress the man pages
        self.assertEqual(wanted - listed, set())

    def test_the_archive_of_a_commit_is_the_same_everywhere(self):
        packed = []
        for mask in (0o022, 0o077):
            name = self.home / f"{mask}.tar.gz"
            subprocess.run([program.SOURCE / "cmake/dist.sh", program.SOURCE, "sideseat-1", name],
                           check=True, capture_output=True, timeout=60,
                           preexec_fn=lambda mask=mask: os.umask(mask) and None)
            packed.append(name.read_bytes())
        self.assertEqual(packed[0], packed[1])
        names = subprocess.run(["tar", "tzf", name], capture_output=True, text=True, check=True,
                               timeout=60).stdout.split()
        self.assertIn("sideseat-1/CMakeLists.txt", names)
        self.assertFalse([name for name in names if not name.startswith("sideseat-1/") or "/build/" in name])


if __name__ == "__main__":
    unittest.main()
