# SPDX-License-Identifier: Apache-2.0
"""Each rule of test_rules.py notices a file that breaks it, and lets a good one pass."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

RULES = pathlib.Path(__file__).with_name("test_rules.py")
UNUSED = RULES.with_name("unused.py")
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
LONG_FUNCTION = "int f(void);\nint f(void)\n{\n" + "    f();\n" * 60 + "    return 0;\n}\n"
MANUAL_PAGE = """.\\" SPDX-License-Identifier: Apache-2.0
.Dd January 1, 2026
.Dt GOOD 1
.Os
.Sh NAME
.Nm good
.Nd a page without a fault
.Sh DESCRIPTION
"""

# rule: files that break it, one at a time
BAD = {
    "every_file_names_its_licence_first": {
        "conf/a.c": "int a;\n",
        "conf/a.py": "print()\n",
    },
    "files_and_functions_are_short": {
        "conf/a.c": SPDX + "int a;\n" * 500,
        "tests/a.c": SPDX + LONG_FUNCTION,
    },
    "no_file_has_a_name_that_says_nothing": {"conf/util.c": SPDX, "module/string_helpers.h": SPDX},
    "include_guards_match_their_paths": {
        "conf/a.h": SPDX + "int a(void);\n",
        "include/store/a.h": SPDX + "#ifndef INCLUDE_STORE_A_H\n#define INCLUDE_STORE_A_H\n#endif\n",
    },
    "includes_point_one_way": {
        "include/store/a.h": SPDX + '#include "conf/conf.h"\n',
        "module/a.c": SPDX + '#include "backends/file/file.h"\n',
        "core/a.c": SPDX + '#include "module/lib.h"\n',
        "store/a.c": SPDX + '#include "backends/file/file.h"\n',
        "module/b.c": SPDX + '#include "store/remote/remote.h"\n',
        "conf/a.c": SPDX + '#include "module/lib.h"\n',
        "backends/env/a.c": SPDX + '#include "backends/file/file.h"\n',
        "backends/env/b.c": SPDX + '#include "sideseat-pkcs11.h"\n',
    },
    "includes_are_paths_from_the_top": {"core/b.c": SPDX + '#include "scope.h"\n'},
    "banned_functions_are_not_called": {
        "tools/x/a.c": SPDX + "void f(char *a, char *b) { strcpy(a, b); }\n",
        "conf/b.c": SPDX + "void f(void) { exit(1); }\n",
        "module/a.c": SPDX + 'void f(void) { printf("a"); }\n',
        "module/b.c": SPDX + "void f(void) { goto out; out: return; }\n",
        "backends/file/a.c": SPDX + "void f(void) { signal(1, 0); }\n",
    },
    "descriptors_writes_and_the_caller_have_one_place_each": {
        "conf/a.c": SPDX + 'int f(void) { return open("/a", 0); }\n',
        "backends/aws/a.c": SPDX + "int f(int *a) { return pipe2(a, 0); }\n",
        "tools/sideseat-secrets/a.c": SPDX + "int f(void) { return socket(1, 1, 0); }\n",
        "module/a.c": SPDX + "int f(void) { return syscall(SYS_pidfd_open, 1, 0); }\n",
        "backends/file/a.c": SPDX + 'long f(void) { return write(3, "a", 1); }\n',
        "store/remote/a.c": SPDX + 'long f(void) { return send(3, "a", 1, 0); }\n',
        "backends/env/a.c": SPDX + 'char *f(void) { return secure_getenv("A"); }\n',
        "backends/vault/a.c": SPDX + 'char *f(void) { return getenv("A"); }\n',
    },
    "systems_differ_in_platform_alone": {
        "conf/a.c": SPDX + "#ifdef _WIN32\nint a;\n#endif\n",
        "backends/file/a.c": SPDX + "#if defined(__APPLE__)\nint a;\n#endif\n",
    },
    "the_log_can_name_each_return_value": {
        "module/a.c": SPDX + "int f(void) { return CKR_OK; }\n",
        "module/ckr.c": SPDX + "int a[] = {NAME(CKR_OK)};\nint f(void) { return CKR_FAILED; }\n",
    },
    "nothing_is_left_for_later": {"conf/a.c": SPDX + "/* TO" + "DO: more */\n"},
    "no_conflict_of_a_merge_is_left": {"conf/a.md": "<" * 7 + " HEAD\n"},
    "headers_compile_alone": {"conf/a.h": SPDX + "size_t f(void);\n"},
    "public_headers_are_strict_c11": {
        "include/a.h": SPDX + "typeof(1) f(void);\n",
        "include/store/a.h": SPDX + "CK_ULONG f(void);\n",
    },
    "shell_scripts_are_clean": {"a.sh": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nrm $1\n"},
    "c_files_are_formatted": {"conf/a.c": SPDX + "int  a ;\n"},
    "manual_pages_are_well_formed": {
        "man/a.1": MANUAL_PAGE + "One sentence. Another one.\n",
        "man/a.7": MANUAL_PAGE + "One sentence.\n",
    },
}
NEEDS = {
    "shell_scripts_are_clean": "shellcheck",
    "c_files_are_formatted": "clang-format",
    "manual_pages_are_well_formed": "mandoc",
}

GOOD = {
    "conf/good.c": SPDX + '#include "conf/good.h"\n\n/* calls no getenv("x") */\n'
    "int good(void)\n{\n    return 0;\n}\n",
    "conf/fd.c": SPDX + "int fd(void);\nint fd(void)\n{\n"
    '    return store_fd_high(open("/", send(3, "a", 1, MSG_NOSIGNAL)));\n}\n',
    "conf/good.h": SPDX + "#ifndef CONF_GOOD_H\n#define CONF_GOOD_H\n\nint good(void);\n\n#endif\n",
    "module/ckr.h": SPDX + "#ifndef MODULE_CKR_H\n#define MODULE_CKR_H\n\n/* CKR_FAILED */\nenum ckr_call {\n"
    "    CKR_CALL_GET,\n};\n\n#endif\n",
    "include/good.h": SPDX + "#ifndef GOOD_H\n#define GOOD_H\n\nCK_ULONG good(void);\n\n#endif\n",
    "man/good.1": MANUAL_PAGE + "One sentence.\n",
    "good.sh": '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho "$1"\n',
    "good.bash": "# SPDX-License-Identifier: Apache-2.0\necho\n",
    "dev": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho\n",
    ".ci/run": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho\n",
}


class Unused(unittest.TestCase):
    """unused.py over a product of two files and one test."""
    A = "int main(void) { return 0; }\nvoid platform_stderr_remember(void) {}\n"

    def check(self, a, b="", test="", stale=""):
        """What it prints for core/a.c, core/b.c and tests/t.c beside an older build's core/s.c."""
        with tempfile.TemporaryDirectory() as folder:
            source, build = pathlib.Path(folder, "source"), pathlib.Path(folder, "build")
            commands = []
            for name, text in (("core/a.c", self.A + a), ("core/b.c", b), ("tests/t.c", test),
                               ("core/s.c", stale)):
                file = source / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                target = build / file.parent.name / "CMakeFiles" / "x.dir"
                target.mkdir(parents=True, exist_ok=True)
                output = target / (file.name + ".o")
                subprocess.run([os.environ.get("SIDESEAT_TEST_CC", "cc"), "-c", file, "-o", output],
                               check=True, timeout=60)
                if name != "core/s.c":
                    commands.append({"file": str(file),
                                     "command": f"cc -o {output.relative_to(build)} -c {file}"})
            (build / "compile_commands.json").write_text(json.dumps(commands))
            done = subprocess.run([sys.executable, "-B", UNUSED, source, build],
                                  capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 1 if done.stdout.strip() else 0, done.stderr)
        return done.stdout.strip()

    def test_functions_that_the_product_calls_pass(self):
        self.assertEqual(self.check("void f(void) {}\n", "void f(void);\n"
                                    "__attribute__((constructor)) static void g(void) { f(); }\n"),
                         "")

    def test_objects_of_an_older_build_are_not_read(self):
        self.assertEqual(self.check("void f(void) {}\n", stale="void f(void);\n"
                                    "void s(void) { f(); }\n"),
                         "core/a.c: f: nothing calls it")

    def test_others_are_named(self):
        self.assertEqual(self.check("/* f */ void f(void) {}\n"),
                         "core/a.c: f: nothing calls it")
        self.assertEqual(self.check("void f(void) {}\n", test="void f(void);\n"
                                    "void t(void) { f(); }\n"),
                         "core/a.c: f: only tests call it")
        self.assertEqual(self.check("void f(void) {}\n"
                                    "__attribute__((constructor)) static void g(void) { f(); }\n"),
                         "core/a.c: f: make it static")


class Selftest(unittest.TestCase):
    def check(self, rule, files):
        """Runs one rule over a project of these files; True if it passes."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True, timeout=60)
            shutil.copy(RULES.parents[2] / ".clang-format", folder)
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run(
                [sys.executable, "-B", RULES, f"Rules.test_{rule}"],
                env=os.environ | {"SIDESEAT_TEST_SOURCE": folder},
                capture_output=True, text=True, check=False, timeout=120,
            )
        self.assertNotIn("ERROR:", done.stderr)
        self.skipped = "skipped=" in done.stderr
        return done.returncode == 0

    def test_each_rule_passes_a_good_sample_and_fails_a_bad_one(self):
        for rule, samples in BAD.items():
            if rule in NEEDS and shutil.which(NEEDS[rule]) is None:
                continue
            with self.subTest(rule):
                self.assertTrue(self.check(rule, GOOD))
            for name, text in samples.items():
                with self.subTest(f"{rule} {name}"):
                    passed = self.check(rule, GOOD | {name: text})
                    if passed and self.skipped:
                        continue  # here is no tool of the version that the rule is for
                    self.assertFalse(passed)

    def test_no_rule_is_without_a_sample(self):
        known = {line.split("test_")[1].split("(")[0] for line in RULES.read_text().splitlines()
                 if line.startswith("    def test_")}
        self.assertEqual(known, set(BAD))


if __name__ == "__main__":
    unittest.main()
