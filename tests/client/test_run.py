# SPDX-License-Identifier: Apache-2.0
"""run: a program with secrets in its environment or in files in memory, and nothing else of ours."""

import json
import pathlib
import resource
import signal
import subprocess
import sys
import unittest
import program

# prints its environment, open descriptors, signals and limits
REPORT = """
import json, os, resource, sys
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status') if ':\\t' in line)
listed = os.listdir('/proc/self/fd')
print(json.dumps({'variables': dict(os.environ), 'arguments': sys.argv[1:],
    'descriptors': sorted(int(n) for n in listed if os.path.lexists('/proc/self/fd/' + n)),
    'signals': [status[name].strip() for name in ('SigBlk', 'SigIgn')],
    'core': resource.getrlimit(resource.RLIMIT_CORE),
    'children': open(f'/proc/self/task/{os.getpid()}/children').read().split()}))
"""


class Run(program.StoreCase):
    def setUp(self):
        super().setUp()
        self.set("org/acme/openai_api_key", b"sk-of-acme")
        self.set("global/openai_api_key", b"sk-of-all")
        self.set("global/db-password", "pässword\nof two lines".encode())
        self.report = (sys.executable, "-c", REPORT)

    def run_program(self, *arguments, **more):
        return self.expect(program.OK, "run", *arguments, **more)

    def told(self, *options, **more):
        return self.run_program(*options, "--", *self.report, **more).json()

    def test_explicit_pairs(self):
        got = self.told("--env", "KEY=org/acme/openai_api_key", "--env", "B=openai_api_key")["variables"]
        self.assertEqual((got["KEY"], got["B"]), ("sk-of-acme", "sk-of-all"))
        self.assertEqual(got["HOME"], str(self.home))

    def test_a_name_is_looked_up_along_the_scopes(self):
        got = self.told("--env", "A=openai_api_key", "--env", "B=db-password", "--env",
                        "C=global/openai_api_key", "-s", "org/acme", "-s", "global")["variables"]
        self.assertEqual((got["A"], got["B"], got["C"]),
                         ("sk-of-acme", "pässword\nof two lines", "sk-of-all"))

    def test_all_names_of_the_scopes(self):
        got = self.told("--all", "-s", "org/acme", "-s", "global", "--env", "DB_PASSWORD=openai_api_key")
        got = got["variables"]
        self.assertEqual((got["OPENAI_API_KEY"], got["DB_PASSWORD"]), ("sk-of-acme", "sk-of-acme"))
        got = self.told("--all", "-s", "global")["variables"]
        self.assertEqual((got["OPENAI_API_KEY"], got["DB_PASSWORD"]),
                         ("sk-of-all", "pässword\nof two lines"))

    def test_a_file_of_pairs_with_keys_and_uris(self):
        uri = self.expect(program.OK, "uri", "org/acme/openai_api_key").out.decode()
        pairs = self.home / "pairs"
        pairs.write_text(f"# ours\nexport A='db-password'\nB={uri}\nC = global/openai_api_key # all\n")
        got = self.told("--env-file", str(pairs), "--env", "C=org/acme/openai_api_key")["variables"]
        self.assertEqual((got["A"], got["B"], got["C"]),
                         ("pässword\nof two lines", "sk-of-acme", "sk-of-acme"))
        for wrong in ("A", "A=", "=x", "A='x"):
            pairs.write_text(wrong)
            result = self.expect(program.USAGE, "run", "--env-file", str(pairs), "touch", "started")
            self.assertIn("line 1", result.err)
        self.assertFalse((self.home / "started").exists())

    def test_two_names_that_become_one_variable_are_named(self):
        self.set("org/c/a-b", b"x")
        self.set("org/c/a_b", b"y")
        result = self.expect(program.USAGE, "run", "--all", "-s", "org/c", "true")
        self.assertRegex(result.err, "org/c/a.b and org/c/a.b become one variable, A_B; rename one of them, or "
                                     "choose one with run --env A_B=KEY")
        self.assertEqual(self.told("--all", "-s", "org/c", "--env", "A_B=org/c/a-b")["variables"]["A_B"], "x")

    def test_the_last_pair_of_a_variable_in_files_counts(self):
        first, second = self.home / "first", self.home / "second"
        first.write_text("A=no key at all\nA=db-password\nB=db-password\n")
        second.write_text("B=org/acme/openai_api_key\n")
        files = ("--env-file", str(first), "--env-file", str(second))
        got = self.told(*files)["variables"]
        self.assertEqual((got["A"], got["B"]), ("pässword\nof two lines", "sk-of-acme"))
        got = self.told(*files, "--env", "B=openai_api_key")["variables"]
        self.assertEqual(got["B"], "sk-of-all")
        result = self.expect(program.USAGE, "run", "--env", "A=a", "--env", "A=b", "touch", "started")
        self.assertIn("given twice", result.err)

    def test_a_value_in_the_place_of_a_key_is_never_shown(self):
        pairs = self.home / ".env"
        for text in ("hunter2secret", "postgres://u:hunter2secret@h/db", "hunter2secret#field",
                     "pkcs11:object=x?hunter2secret", "two words hunter2secret", "openai_api_key#hunter2secret"):
            pairs.write_text(f"# ours\nPASSWORD='{text}'\n")
            for scopes in ((), ("-s", "org/acme")):
                result = self.run_tool("run", *scopes, "--env-file", str(pairs), "touch", "started")
                self.assertIn(result.status, (program.USAGE, program.NOT_FOUND))
                said = "".join(line for line in result.err.splitlines(True) if "sideseat-secrets: " in line)
                self.assertNotIn("hunter2secret", said)
                for words in (f"{pairs}, line 2: PASSWORD: ", "a key or a pkcs11: URI", "import"):
                    self.assertIn(words, said)
        self.assertFalse((self.home / "started").exists())

    def test_a_file_in_memory(self):
        value = bytes(range(256)) * 20
        self.set("cert", value)
        done = self.run_program("--file", "CERT=cert", "--", "sh", "-c", 'cat "$CERT" "$CERT"; echo x >"$CERT"; '
                                'cat "$CERT"; case $CERT in /dev/fd/*) ;; *) exit 9;; esac')
        self.assertEqual(done.out, value * 3)

    def test_nothing_of_ours_is_left(self):
        before = subprocess.run(self.report, env=self.env, capture_output=True, check=True,
                                stdin=subprocess.DEVNULL, cwd=self.home).stdout
        before = json.loads(before)
        now = self.told("--env", "KEY=openai_api_key")
        self.assertEqual(now.pop("variables"), {**before.pop("variables"), "KEY": "sk-of-all"})
        self.assertEqual(now, before)
        self.assertEqual(self.told("--file", "KEY=openai_api_key")["descriptors"][:3], [0, 1, 2])
        self.assertEqual(len(self.told("--file", "KEY=openai_api_key")["descriptors"]), 4)

    def test_limits_and_ignored_signals_stay(self):
        def change():
            resource.setrlimit(resource.RLIMIT_CORE, (4096, resource.getrlimit(resource.RLIMIT_CORE)[1]))
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        told = self.told("--env", "KEY=openai_api_key", preexec=change,
                         ASAN_OPTIONS="disable_coredump=0")
        self.assertEqual(told["core"][0], 4096)
        self.assertEqual(int(told["signals"][1], 16) & 1, 1)

    def test_clean_leaves_only_the_secrets(self):
        env = self.run_program("--clean", "--env", "KEY=openai_api_key", "env").out
        self.assertEqual(env, b"KEY=sk-of-all\n")

    def test_arguments_and_status_are_the_programs(self):
        self.assertEqual(self.run_program("--env", "K=openai_api_key", "--", "printf", "%s.", "-x", "--env", "a b")
                         .out, b"-x.--env.a b.")
        self.assertEqual(self.run_program("printf", "%s.", "--help", "--").out, b"--help.--.")
        self.expect(42, "run", "--env", "K=openai_api_key", "sh", "-c", "exit 42")
        self.expect(-signal.SIGKILL, "run", "--env", "K=openai_api_key", "sh", "-c", "kill -9 $$")

    def test_the_program_replaces_this_one(self):
        with subprocess.Popen([program.TOOL, "run", "--env", "K=openai_api_key", "sh", "-c", "echo $$"],
                              env=self.env, cwd=self.home, stdout=subprocess.PIPE) as process:
            self.assertEqual(int(process.stdout.read()), process.pid)

    def test_a_missing_secret_starts_nothing(self):
        result = self.expect(program.NOT_FOUND, "run", "--env", "A=none1", "--env", "B=openai_api_key",
                             "--env", "C=none2", "touch", "started")
        self.assertIn("no secret none1", result.err)
        self.assertIn("no secret none2", result.err)
        self.expect(program.NOT_FOUND, "run", "--env", "A=none1", "-s", "org/acme", "touch", "started")
        self.assertFalse((self.home / "started").exists())

    def test_mistakes_start_nothing(self):
        for wrong in (("--env", "A"), ("--env", "=k"), ("--env", "A="), ("--all",), ("-s", "nonsense"),
                      ("--env", "A=openai_api_key", "--env", "A=db-password"), ("--env", "A=pkcs11:x"),
                      ("--env", "A=openai_api_key", "--file", "A=db-password"),
                      ("--env-file", "/nowhere/file"), ("--env", "A=team/x/y")):
            self.expect(program.USAGE, "run", *wrong, "touch", "started")
        self.expect(program.USAGE, "run", "--env", "A=openai_api_key")
        self.assertFalse((self.home / "started").exists())

    def test_a_value_that_no_variable_can_hold_is_refused(self):
        self.set("zero", b"a\0b")
        result = self.expect(program.USAGE, "run", "--env", "Z=zero", "touch", "started")
        self.assertIn("--file Z=zero", result.err)
        self.assertFalse((self.home / "started").exists())

    def test_all_never_decides_which_code_runs(self):
        for name in ("ld_preload", "path", "bash_env", "node_options", "BASH_FUNC_x", "git_external_diff", "lessopen",
                     "lessclose", "sideseat_pkcs11_module", "dotnet_startup_hooks", "goflags", "gocacheprog",
                     "rustc_wrapper", "cargo_build_rustc_wrapper", "gtk_modules", "gem_path", "r_libs_user",
                     "Npm_Config_script_shell", "coreclr_profiler_path", "p11_kit_config", "ssl_cert_file",
                     "dyld_insert_libraries", "java_tool_options", "pythonstartup", "qt_plugin_path"):
            self.set(f"org/evil/{name}", b"/x.so")
            result = self.expect(program.USAGE, "run", "--all", "-s", "org/evil", "touch", "started")
            self.assertIn("--env", result.err)
            self.expect(program.OK, "delete", f"org/evil/{name}")
        self.assertFalse((self.home / "started").exists())
        secrets = ("github_token", "git_token", "node_auth_token", "node_env", "google_api_key", "cargo_registry_token",
                   "pkcs11_pin", "ssl_key", "npm_config_auth_token", "java_keystore_password", "gopher", "pathway",
                   "yarn_npm_auth_token", "gem_host_api_key", "rustdesk_key", "environment")
        for name in secrets:
            self.set(f"org/good/{name}", b"value")
        got = self.run_program("--all", "-s", "org/good", "--clean", "--", "env").out.decode().split()
        self.assertEqual(sorted(got), sorted(f"{name.upper()}=value" for name in secrets))
        self.set("org/evil/a b", b"x")
        self.assertIn("--env", self.expect(program.USAGE, "run", "--all", "-s", "org/evil", "true").err)

    def test_all_leaves_out_what_an_explicit_pair_names(self):
        for name in ("1abc", "path"):
            self.set(f"org/z/{name}", b"value")
        uri = self.expect(program.OK, "uri", "org/z/path").out.decode().strip()
        for first, second in (("org/z/1abc", "org/z/path"), ("1abc", uri)):
            pairs = ("--env", f"X={first}", "--env", f"Y={second}", "--clean", "--", "env")
            got = self.run_program("--all", "-s", "org/z", *pairs).out
            self.assertEqual(sorted(got.split()), [b"X=value", b"Y=value"])
        self.expect(program.USAGE, "run", "--all", "-s", "org/z", "--env", "X=org/z/1abc", "--", "env")

    def test_a_program_that_cannot_run_has_the_status_of_env(self):
        self.assertIn("nowhere", self.expect(127, "run", "nowhere-to-be-found").err)
        path = pathlib.Path(self.home / "data-file")
        path.write_text("x")
        self.expect(126, "run", "--env", "K=openai_api_key", str(path))


if __name__ == "__main__":
    unittest.main()
