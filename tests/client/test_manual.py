# SPDX-License-Identifier: Apache-2.0
"""The manual pages and the completions agree with --help, and are well formed."""

import re
import subprocess
import unittest
import program

COMMANDS = ("list", "get", "set", "delete", "status", "ensure", "generate", "sign", "jwt", "help",
            "accept-loss",
            "uri", "run", "verify", "copy",
            "import", "export", "search", "rename", "edit", "login", "logout",
            "check", "doctor", "watch", "config", "keygen", "pubkey", "jwks", "history", "rollback",
            "undelete", "csr", "cert")
PAGES = sorted((program.SOURCE / "man").glob("*.[1-8]"))


def options(text):
    """The long options of a --help text."""
    return set(re.findall(r"^\s+(?:-.,\s+)*--([a-z-]+)", text, re.M))


class Manual(program.Case):
    def setUp(self):
        super().setUp()
        texts = [self.expect(program.OK, "--help").out.decode()]
        texts += [self.expect(program.OK, name, "--help").out.decode()
                  for name in COMMANDS if name != "help"]
        self.options = set().union(*map(options, texts))
        self.assertIn("strip-newline", self.options)
        self.commands = set(re.findall(r"^  ([a-z-]+) ", texts[0], re.M))

    def test_help_knows_every_command(self):
        self.assertEqual(self.commands, set(COMMANDS))

    def test_the_manual_page_has_every_option_and_command_and_no_other(self):
        page = (program.SOURCE / "man/sideseat-secrets.1").read_text()
        body = page[page.index(".Sh DESCRIPTION") :]
        self.assertEqual(set(re.findall(r"^\.It .*Fl -([a-z-]+)", body, re.M)), self.options)
        self.assertEqual(set(re.findall(r"^\.It Cm ([a-z-]+)$", body, re.M)), self.commands)

    def test_the_completions_have_every_option_and_command_and_no_other(self):
        for name in ("sideseat-secrets.bash", "_sideseat-secrets"):
            text = (program.SOURCE / "tools/completion" / name).read_text()
            found = set(re.findall(r"(?<![\w-])--([a-z-]+)", text))
            self.assertEqual(found, self.options, name)
            for command in COMMANDS:
                self.assertRegex(text, rf"\b{command}\b", name)

    def test_the_completions_know_every_backend(self):
        for name in ("sideseat-secrets.bash", "_sideseat-secrets", "sideseat-secrets.fish"):
            text = (program.SOURCE / "tools/completion" / name).read_text()
            offered = re.search(r"(?:-W '|backend:\(|n' )(file [\w -]*)", text).group(1).split()
            self.assertLessEqual(program.backends(), set(offered), name)

    def test_every_name_of_the_public_header_is_in_the_manual_page(self):
        page = (program.SOURCE / "man/sideseat-pkcs11.7").read_text()
        header = (program.SOURCE / "include/sideseat-pkcs11.h").read_text()
        for name in set(re.findall(r"#define (CK\w_SIDESEAT_\w+)", header)) - {"CKA_SIDESEAT_BASE"}:
            self.assertIn(name, page)
        for number in re.findall(r"#define CKR_SIDESEAT_\w+ \(CKR_VENDOR_DEFINED \| 0x(\w+)UL\)", header):
            self.assertIn(f"0x{int(number, 16) | 1 << 31:X}", page)

    def test_every_environment_variable_is_in_a_manual_page(self):
        pages = "".join(page.read_text() for page in PAGES)
        folders = ("module", "conf", "backends", "tools")
        sources = [path for name in folders for path in (program.SOURCE / name).rglob("*.c")]
        text = "".join(path.read_text() for path in sources)
        for name in set(re.findall(r'"(SIDESEAT_[A-Z_0-9]+)"', text)) - {"SIDESEAT_SECRET_"}:
            self.assertIn(name, pages)

    def test_every_exit_status_is_in_the_manual_page(self):
        page = (program.SOURCE / "man/sideseat-secrets.1").read_text()
        section = page[page.index(".Sh EXIT STATUS") : page.index(".Sh EXAMPLES")]
        header = (program.SOURCE / "tools/sideseat-secrets/outcome.h").read_text()
        self.assertEqual(
            re.findall(r"^\.It (\d+)$", section, re.M), re.findall(r"OUTCOME_\w+ = (\d+)", header)
        )


class Form(program.Case):
    def run_quietly(self, *command):
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**self.env, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
        )
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout[:2000])
        return done

    def test_bash_completes_commands_and_options(self):
        script = program.SOURCE / "tools/completion/sideseat-secrets.bash"
        ask = f"""source {script}
            complete_words() {{
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sideseat_secrets
                echo "${{COMPREPLY[@]}}"
            }}
            compopt() {{ :; }}
            complete_words sideseat-secrets st
            complete_words sideseat-secrets jwt -a HS2
            complete_words sideseat-secrets --json set --cr"""
        done = self.run_quietly("bash", "-u", "-c", ask)
        self.assertEqual(done.stdout.split(), ["status", "HS256", "--create"])

    def test_zsh_accepts_the_completion(self):
        program.need(self, "zsh")
        self.run_quietly("zsh", "-n", program.SOURCE / "tools/completion/_sideseat-secrets")


if __name__ == "__main__":
    unittest.main()
