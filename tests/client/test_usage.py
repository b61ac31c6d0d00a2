# SPDX-License-Identifier: Apache-2.0
"""Refused command lines, and their messages."""

import json
import os
import pathlib
import subprocess
import unittest
import program


class Usage(program.Case):
    def refused(self, words, *arguments, **more):
        result = self.expect(program.USAGE, *arguments, **more)
        self.assertIn(words, result.err)
        self.assertEqual(result.out, b"")

    def test_no_command_is_refused(self):
        self.refused("which command?")

    def test_an_unknown_command_is_refused(self):
        self.refused("no command 'frobnicate'; see: sideseat-secrets --help", "frobnicate")
        self.refused("no command 'lits'; did you mean 'list'? see:", "lits")
        self.refused("no command 'gett'; did you mean 'get'?", "help", "gett")

    def test_a_mistake_is_told_in_one_line(self):
        for arguments in ((), ("frobnicate",), ("list", "--frobnicate"), ("list", "-x"), ("list", "-s"),
                          ("list", "--json=1"), ("get",), ("uri", "a", "b"), ("set", "--if-version"),
                          ("--set", "x", "list"), ("list", "-s", "nonsense"), ("help", "x")):
            result = self.expect(program.USAGE, *arguments)
            self.assertRegex(result.err, r"\Asideseat-secrets: .*[;?] see: sideseat-secrets .*--help\n\Z")

    def test_mistakes_are_told_as_json_too(self):
        for arguments in (("frobnicate", "--json"), ("--json", "list", "-x"), ("uri", "--json", "a", "b"),
                          ("get", "nonsense/a", "--json"), ("list", "--json", "-s", "nonsense")):
            told = json.loads(self.expect(program.USAGE, *arguments, SIDESEAT_PKCS11_LOG_FILE=None,
                                          SIDESEAT_PKCS11_LOG=None).err)
            self.assertEqual(told["status"], program.USAGE)
            self.assertEqual(len(told["messages"]), 1)

    def test_other_names_of_commands(self):
        self.expect(program.OK, "set", "a", stdin=b"x")
        self.assertEqual(self.expect(program.OK, "ls").out, b"global/a\n")
        self.expect(program.OK, "rm", "a")
        self.assertEqual(self.expect(program.OK, "list").out, b"")

    def test_an_unknown_option_is_refused(self):
        self.refused("unrecognized option", "list", "--frobnicate")

    def test_a_command_without_its_key_is_refused(self):
        for command in ("get", "set", "delete", "generate", "sign", "jwt"):
            self.refused("which KEY?", command)

    def test_a_key_too_many_is_refused(self):
        for command in ("generate", "sign", "jwt", "uri"):
            self.refused("too many arguments", command, "a", "b")

    def test_a_value_on_the_command_line_is_refused_with_the_reason(self):
        self.refused("never from the command line", "set", "global/a", "hunter2")

    def test_a_setting_without_a_value_is_refused(self):
        self.refused("PATH=VALUE", "--set", "file.path", "list")
        self.refused("PATH=VALUE", "--set", "=x", "list")

    def test_create_and_if_version_exclude_each_other(self):
        self.refused("exclude", "set", "--create", "--if-version", "3", "a")

    def test_an_empty_version_is_refused(self):
        self.refused("version is not empty", "set", "--if-version", "", "a")

    def test_an_unknown_algorithm_or_encoding_is_refused(self):
        self.refused("sha256, sha384, sha512, RS256", "sign", "-a", "md5", "k")
        self.refused("HS256, HS384, HS512, RS256", "jwt", "-a", "sha256", "k")
        self.refused("hex, base64url, raw and der", "sign", "--encoding", "rot13", "k")

    def test_a_scope_with_a_comma_is_refused_where_scopes_are_joined(self):
        self.refused("comma", "get", "a", "--scope", "org/a,b")

    def test_a_fault_of_a_text_shows_no_part_of_it(self):
        config = self.home / "sideseat.json"
        self.expect(program.OK, "set", "global/jwt_signing_key", stdin=b"ab" * 32)
        for text in ("MYPASSWORD", '{"MYPASSWORD"}', '{"a": MYPASSWORD}', '{"a": 1, "a": "MYPASSWORD"}',
                     '{"a": "MYPASSWORD\\x"}', "MYPASSWORD==", "A=x\nMYPASSWORD/+=\n"):
            path = self.home / "text"
            path.write_text(text)
            config.write_text("{}")
            for words, where in ((("jwt", "global/jwt_signing_key"), "line 1"), (("check", str(path)), "line 1"),
                                 (("import", str(path)), str(path)), (("import", "--format", "json", str(path)), "text"),
                                 (("jwt", "--header", f"alg={text}", "global/jwt_signing_key"), "")):
                result = self.run_tool(*words, stdin=text.encode())
                if words[0] == "import" and result.status == program.OK:
                    continue # it is what was asked for
                self.assertEqual(result.status, program.USAGE, (words, text))
                self.assertIn(where, result.err)
                self.assertNotIn("MYPASSWORD", result.err, words)
            config.write_text(text)
            result = self.expect(program.USAGE, "config", "set", "secrets.timeout_ms", "900")
            self.assertNotIn("MYPASSWORD", result.err)
        for words in (("--header", "MYPASSWORD"), ("--header", "alg=MYPASSWORD")):
            result = self.expect(program.USAGE, "jwt", *words, "global/jwt_signing_key", stdin=b"{}")
            self.assertNotIn("MYPASSWORD", result.err)

    def test_a_key_with_a_scope_is_not_looked_up_along_others(self):
        self.refused("-s looks up a bare NAME, and 'org/a/x' has a scope", "get", "-s", "global", "org/a/x")

    def test_a_text_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            for words in (("-h",), ("--version",), ("--usage",), ("help",), ("help", "get"), ("get", "--help"),
                          ("list", "--usage"), ("status",), ("list", "--json"), ("--json", "--version")):
                for out in (full, None):
                    done = subprocess.run([program.TOOL, *words], env=self.env, stdout=out, stderr=subprocess.PIPE,
                                          preexec_fn=None if out else lambda: os.close(1), check=False, timeout=60)
                    self.assertEqual(done.returncode, program.FAILED, words)
                    self.assertIn(b"cannot write to standard output", done.stderr)

    def test_help_and_version_are_on_standard_output(self):
        self.assertIn(b"Commands:", self.expect(program.OK, "--help").out)
        self.assertIn(b"--if-version", self.expect(program.OK, "set", "--help").out)
        text = self.expect(program.OK, "--help").out
        for arguments in (("-h",), ("-?",), ("help",), ("help", "--json"), ("--json", "help")):
            self.assertEqual(self.expect(program.OK, *arguments).out, text)
        text = self.expect(program.OK, "list", "--help").out
        for arguments in (("help", "list"), ("help", "ls"), ("list", "-h"), ("-m", "/x", "help", "list")):
            self.assertEqual(self.expect(program.OK, *arguments).out, text)
        self.assertIn(b"Usage: sideseat-secrets list", self.expect(program.OK, "list", "--usage").out)
        self.assertRegex(self.expect(program.OK, "--version").out, rb"^sideseat-secrets \d")


class Tokens(program.Case):
    def setUp(self):
        super().setUp()
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "one", "backend": "env", "env": {"prefix": "ONE_"}},
            {"label": "two", "backend": "env", "env": {"prefix": "TWO_"}}]}}))
        self.env.update(ONE_GLOBAL_A="first", TWO_GLOBAL_A="second", SIDESEAT_SECRET_GLOBAL_A="third")

    def test_a_backend_on_the_command_line_overrides_the_configuration(self):
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"first")
        self.expect(program.NOT_FOUND, "-b", "file", "get", "a")
        self.expect(program.NOT_FOUND, "-b", "file", "-t", "two", "get", "a")
        self.expect(program.OK, "-b", "file", "set", "a", stdin=b"in the file")
        self.assertEqual(self.expect(program.OK, "get", "a", "-b", "file").out, b"in the file")

    def test_a_setting_on_the_command_line_overrides_the_configuration(self):
        self.assertEqual(self.expect(program.OK, "get", "a", "-t", "two").out, b"second")
        get = ("get", "a", "-t", "two", "--set", "env.prefix=SIDESEAT_SECRET_")
        self.assertEqual(self.expect(program.OK, *get).out, b"third")

    def test_a_setting_may_be_named_as_in_the_file(self):
        self.expect(program.OK, "list", "--set", "secrets.timeout_ms=3000")
        self.assertIn(b"timeout_ms = 3000 ", self.expect(program.OK, "--set", "secrets.timeout_ms=3000", "config", "show").out)
        self.expect(program.USAGE, "list", "--set", "secrets.=3000")
        self.expect(program.USAGE, "list", "--set", "pkcs11.vault.token=x")

    def test_an_unknown_backend_or_setting_is_refused_with_the_nearest(self):
        self.assertIn('did you mean "file"?', self.expect(program.USAGE, "-b", "fiel", "list").err)
        self.assertIn('did you mean "env.prefix"?',
                      self.expect(program.USAGE, "--set", "env.prefx=x", "list").err)


class Module(program.Case):
    def test_a_module_that_is_not_there_is_named(self):
        result = self.expect(program.FAILED, "--module", "/nowhere/x.so", "list")
        self.assertIn("/nowhere/x.so", result.err)
        self.assertIn("SIDESEAT_PKCS11_MODULE", result.err)

    def test_the_environment_names_the_module(self):
        result = self.expect(program.FAILED, "list", SIDESEAT_PKCS11_MODULE="/nowhere/y.so")
        self.assertIn("/nowhere/y.so", result.err)

    def test_the_option_is_stronger_than_the_environment(self):
        result = self.expect(
            program.FAILED, "list", "-m", "/nowhere/x.so", SIDESEAT_PKCS11_MODULE="/nowhere/y.so"
        )
        self.assertIn("/nowhere/x.so", result.err)

    def test_without_either_the_installed_module_is_used(self):
        result = self.run_tool("status", SIDESEAT_PKCS11_MODULE=None)
        if result.status == program.FAILED:
            self.assertIn("pkcs11/sideseat-pkcs11.so", result.err)

    def test_a_library_that_is_not_a_module_is_told_apart(self):
        libc = next(
            line.split()[-1]
            for line in pathlib.Path("/proc/self/maps").read_text().splitlines()
            if "libc.so" in line or "libc-" in line
        )
        result = self.expect(program.FAILED, "--module", libc, "list")
        self.assertIn("C_GetFunctionList", result.err)


if __name__ == "__main__":
    unittest.main()
