# SPDX-License-Identifier: Apache-2.0
"""The rules of CONTRIBUTING.md that a program can check, over every file that git knows."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["SIDESEAT_TEST_SOURCE"])

# The formatter's taste changes with its version; this is the one the files are formatted with.
CLANG_FORMAT = "14."

LINES_PER_FILE = 500
LINES_PER_FUNCTION = 60

# folder: the allowed beginnings of its #include "..." ("store/" is include/store/); the first folder
# that fits counts
LAYERS = (
    ("include/store/", ("store/",)),
    ("platform/", ("store/", "platform/")),
    ("core/", ("store/", "platform/", "core/")),
    ("module/", ("store/", "platform/", "core/", "module/", "sideseat-pkcs11.h")),
    ("conf/", ("store/", "platform/", "core/", "conf/")),
    ("store/registry.c", ("store/", "backends/")),
    ("store/cache/", ("store/", "core/", "store/cache/")),
    ("store/remote/", ("store/", "platform/", "core/", "store/remote/")),
    ("store/", ("store/", "store/cache/", "store/remote/")),
    ("tools/sideseat-secrets/", ("store/", "platform/", "core/", "tools/sideseat-secrets/", "sideseat-pkcs11.h")),
    ("tools/sideseat-store/", ("store/", "platform/", "core/", "store/remote/",
                               "tools/sideseat-store/")),
)

# in the code that runs inside other people's programs
GUEST = ("platform/", "core/", "module/", "conf/", "store/", "backends/")
STORE_PROCESS = tuple(
    f"backends/{path.parent.name}/" for path in SOURCE.glob("backends/*/CMakeLists.txt")
    if not re.search(r"^(backend\(\S+ (MODULE|MACOS|WINDOWS) |add_library\(secitem )", path.read_text(), re.M))
NO_GUEST = (*STORE_PROCESS, "platform/programs/")
BANNED_IN_GUESTS = re.compile(
    r"(?<![\w.>])(printf|puts|exit|_exit|abort|setenv|putenv|unsetenv|setlocale|signal|sigaction|"
    r"atexit|pthread_atfork|json_set_alloc_funcs|system|popen|chdir|umask)\s*\("
)

# Each of these has one place (include/store): moving descriptors away from 0, 1 and 2, writing without
# a signal, and ignoring the caller of a privileged program.
DESCRIPTOR = re.compile(
    r"(?<!store_fd_high\()(?<!store_fd_high\(\(int\))(?<![\w.>])"
    r"(open|openat|openat2|creat|socket|accept4?|signalfd|eventfd|epoll_create1?|timerfd_create|"
    r"memfd_create|inotify_init1?|pidfd_open|mkostemps?|mkstemps?|tmpfile|dup|dup3|fopen|freopen|"
    r"opendir|pipe2?|socketpair|syscall)\s*\((?!SYS_(write|pidfd_send_signal|renameat2),)"
)
WRITE = re.compile(
    r"(?<![\w.>])(write|pwrite|p?writev2?|v?dprintf|ftruncate|fallocate|posix_fallocate|sendfile|"
    r"v?syslog|openlog|perror)\s*\("
)
SEND = re.compile(r"(?<![\w.>])(send|sendto|sendmsg)\s*\([^;]*;")
CALLER = re.compile(r"(?<![\w.>])(secure_getenv|getauxval|getpwuid_r|getpwuid|getpwnam_r)\s*\(")
GETENV = re.compile(r"(?<![\w.>])getenv\s*\(")
CLOCK = re.compile(r"(?<![\w.>])pthread_(condattr_setclock|cond_timedwait)\s*\(")
# The lock of the C library's calendar may be taken for good in a forked child: store_time_utc.
CALENDAR = re.compile(
    r"(?<![\w.>])(localtime(_r)?|gmtime(_r)?|ctime(_r)?|mktime|timegm|tzset|strftime|strptime)\s*\("
)
BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|gets|strtok|asctime|tmpnam)\s*\(")


def known(*patterns):
    """The files that git knows, by pattern, without those that are being deleted."""
    listed = subprocess.run(
        ["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
         *patterns],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout
    return [name for name in sorted(set(listed.split("\0"))) if name and (SOURCE / name).is_file()]


def code(name):
    """A C file without its comments and texts; the lines stay where they are."""
    text = (SOURCE / name).read_text()
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    blank = lambda match: re.sub(r"[^\n]", " ", match.group()) if match.group()[0] == "/" else '""'
    return re.sub(pattern, blank, text, flags=re.S)


C_FILES = known("*.c", "*.h")
PRODUCT = [name for name in C_FILES if not name.startswith("tests/")]


class Rules(unittest.TestCase):
    def none(self, found, rule):
        self.assertFalse(found, f"{rule}:\n" + "\n".join(map(str, found)))

    def test_every_file_names_its_licence_first(self):
        self.none([name for name in C_FILES if not (SOURCE / name).read_text().startswith(
            "/* SPDX-License-Identifier: Apache-2.0 */\n")], "no SPDX line on top")
        scripts = known("*.py", "*.sh", "*.bash", "dev", ".ci/run", "*.cmake")
        self.none([name for name in scripts if "SPDX-License-Identifier: Apache-2.0" not in
                   "".join((SOURCE / name).read_text().splitlines(True)[:2])], "no SPDX line on top")

    def test_files_and_functions_are_short(self):
        self.none([(name, count) for name in C_FILES
                   if (count := len((SOURCE / name).read_text().splitlines())) >= LINES_PER_FILE],
                  "files that are too long")
        long = []
        for name in C_FILES:
            start = None
            for number, line in enumerate((SOURCE / name).read_text().splitlines(), 1):
                if line == "{":
                    start = number
                elif line == "}" and start is not None:
                    if number - start - 1 >= LINES_PER_FUNCTION:
                        long.append((f"{name}:{start}", number - start - 1))
                    start = None
        self.none(long, "functions that are too long")

    def test_no_file_has_a_name_that_says_nothing(self):
        self.none([name for name in C_FILES if re.search(
            r"(^|[/_-])(util|utils|helper|helpers|common|misc)[_.-]", name)], "names")

    def test_include_guards_match_their_paths(self):
        wrong = []
        for name in known("*.h"):
            guard = re.sub(r"[^A-Z0-9]", "_", name.removeprefix("include/").upper())
            if f"\n#ifndef {guard}\n#define {guard}\n" not in (SOURCE / name).read_text():
                wrong.append((name, guard))
        self.none(wrong, "headers whose include guard is not the one beside them")

    def test_includes_are_paths_from_the_top(self):
        wrong = []
        for name in C_FILES:
            for header in re.findall(r'^#include "([^"]+)"', (SOURCE / name).read_text(), re.M):
                if not any((SOURCE / top / header).is_file() for top in ("", "include")):
                    wrong.append((name, header))
        self.none(wrong, "includes that are neither from the top nor from include/")

    def test_includes_point_one_way(self):
        wrong = []
        for name in PRODUCT:
            allowed = next((starts for folder, starts in LAYERS if name.startswith(folder)), None)
            if name.startswith("backends/") and name.count("/") > 1:
                allowed = ("store/", "platform/", "core/", "backends/http/", "backends/secitem/",
                           f"backends/{name.split('/')[1]}/")
            for header in re.findall(r'^#include "([^"]+)"', (SOURCE / name).read_text(), re.M):
                folder = header[: header.rfind("/") + 1] or header
                fits = any(folder == start if start == "store/" else header.startswith(start)
                           for start in allowed or ())
                if allowed and not fits:
                    wrong.append((name, header))
                if name.startswith(("backends/", "core/", "conf/", "store/", "include/store/")) and (
                        "pkcs11" in header):
                    wrong.append((name, header))
        self.none(wrong, "includes that a layer must not have")

    def test_banned_functions_are_not_called(self):
        found = []
        for name in PRODUCT:
            for number, line in enumerate(code(name).splitlines(), 1):
                if BANNED.search(line) or re.search(r"\bgoto\b", line):
                    found.append((f"{name}:{number}", line.strip()))
                guest = name.startswith(GUEST) and not name.startswith(NO_GUEST)
                if guest and BANNED_IN_GUESTS.search(line):
                    found.append((f"{name}:{number}", line.strip()))
        self.none(found, "calls")

    def calls(self, pattern, *places):
        """The calls in our code that a pattern finds outside of the places for them."""
        found = []
        for name in PRODUCT:
            if name.startswith(places):
                continue
            text = re.sub(r"(_fd_high\()\s+", r"\1", code(name))
            found += [(name, " ".join(match.group().split())) for match in pattern.finditer(text)]
        return found

    def test_descriptors_writes_and_the_caller_have_one_place_each(self):
        self.none(self.calls(DESCRIPTOR, "core/descriptor.c", "platform/"),
                  "descriptors that may stay at 0, 1 or 2; see store/descriptor.h")
        self.none(self.calls(WRITE, "core/descriptor.c", "platform/macos/descriptor.c", "platform/programs/",
                             "tools/sideseat-secrets/"),
                  "writes that may raise a signal; see store_fd_write")
        self.none([call for call in self.calls(SEND) if "MSG_NOSIGNAL" not in call[1]],
                  "sends that may raise a signal")
        self.none(self.calls(CALLER, "core/user.c", "platform/", "tools/sideseat-secrets/"),
                  "what the caller of a privileged program says; see store/user.h")
        self.none(self.calls(GETENV, "platform/"),
                  "a variable that a privileged program reads; see store/user.h")
        self.none(self.calls(CLOCK, "platform/"), "waits by another clock; see store/thread.h")
        self.none(self.calls(CALENDAR, "tools/sideseat-secrets/"), "dates; see store/time.h")

    def test_systems_differ_in_platform_alone(self):
        """The build chooses among files; no code asks for the system."""
        system = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*\b(_WIN32|_WIN64|__APPLE__|__linux__|"
                            r"__FreeBSD__|__MINGW\w+)\b", re.M)
        self.none([name for name in PRODUCT if not name.startswith("platform/")
                   and system.search((SOURCE / name).read_text())], "files that ask for the system")

    def test_the_log_can_name_each_return_value(self):
        """ckr_name knows each CKR_… of the module; CKR_CALL_… are of enum ckr_call."""
        used = {name: set(re.findall(r"\bCKR_(?!CALL)\w+", code(name))) for name in PRODUCT
                if name.startswith("module/")}
        table = re.findall(r"\bNAME\((CKR_\w+)\)", code("module/ckr.c")) if "module/ckr.c" in used else []
        self.none([(name, values) for name in used if (values := used[name] - set(table))],
                  "return values that names[] of module/ckr.c lacks")

    def test_nothing_is_left_for_later(self):
        marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
        names = known("*.c", "*.h", "*.py", "*.sh", "*.md", "*.cmake", "*CMakeLists.txt", "dev")
        self.none([(name, number) for name in names for number, line in
                   enumerate((SOURCE / name).read_text().splitlines(), 1) if marks.search(line)],
                  "marks")

    def test_no_conflict_of_a_merge_is_left(self):
        marks = re.compile(r"^(<{7}|>{7}) ")
        names = known("*.c", "*.h", "*.py", "*.sh", "*.md", "*.[1-8]", "*.json", "*CMakeLists.txt")
        self.none([(name, number) for name in names for number, line in
                   enumerate((SOURCE / name).read_text().splitlines(), 1) if marks.search(line)],
                  "merge conflicts")

    def test_headers_compile_alone(self):
        flags = subprocess.run(["pkg-config", "--cflags", "p11-kit-1", "jansson", "yajl"],
                               capture_output=True, text=True, check=True, timeout=60).stdout.split()
        wrong = []
        for name in known("include/store/*.h", ":(glob)platform/*.h", "module/*.h", "conf/*.h", "tools/sideseat-secrets/*.h"):
            done = subprocess.run(
                [os.environ["SIDESEAT_TEST_CC"], "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only",
                 "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wno-unused-macros", "-x", "c",
                 f"-I{SOURCE}/include", f"-I{SOURCE}", *flags, "-"],
                input=f'#include "{SOURCE / name}"\nint alone;\n',
                capture_output=True, text=True, check=False, timeout=60,
            )
            if done.returncode != 0:
                wrong.append((name, done.stderr.splitlines()[:3]))
        self.none(wrong, "headers that need another one first")

    def test_public_headers_are_strict_c11(self):
        flags = subprocess.run(["pkg-config", "--cflags", "p11-kit-1"], capture_output=True,
                               text=True, check=True, timeout=60).stdout.split()
        wrong = []
        for name in known("include/*.h"):
            first = "" if name.startswith("include/store/") else "#include <p11-kit/pkcs11.h>\n"
            done = subprocess.run(
                [os.environ["SIDESEAT_TEST_CC"], "-std=c11", "-fsyntax-only", "-Wall", "-Wextra",
                 "-pedantic", "-Werror", "-x", "c", f"-I{SOURCE}/include", *flags, "-"],
                input=f'{first}#include "{SOURCE / name}"\nint alone;\n',
                capture_output=True, text=True, check=False, timeout=60,
            )
            if done.returncode != 0:
                wrong.append((name, done.stderr.splitlines()[:3]))
        self.none(wrong, "headers that only some compilers take")

    def test_shell_scripts_are_clean(self):
        if shutil.which("shellcheck") is None:
            self.skipTest("shellcheck is not installed")
        # a sourced file does not name an interpreter, and is checked with the file that sources it
        scripts = [name for name in known("*.sh", "dev", ".ci/run")
                   if (SOURCE / name).read_text().startswith("#!")]
        for command in (["shellcheck", "-x", "-P", "SCRIPTDIR", *scripts],
                        ["shellcheck", "-s", "bash", *known("*.bash")]):
            done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False,
                                  timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_manual_pages_are_well_formed(self):
        for program, *arguments in (["mandoc", "-T", "lint", "-W", "warning"],
                                    ["man", "--warnings", "-l"]):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
            for page in known("man/*.[1-8]"):
                done = subprocess.run([program, *arguments, page], cwd=SOURCE, check=False, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                                      env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
                fault = done.stdout if program == "mandoc" else done.stderr
                self.assertEqual((done.returncode, fault), (0, ""))

    def test_c_files_are_formatted(self):
        if shutil.which("clang-format") is None:
            self.skipTest("clang-format is not installed")
        version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True,
                                 check=True, timeout=60).stdout
        if f"version {CLANG_FORMAT}" not in version:
            self.skipTest(f"clang-format is not version {CLANG_FORMAT}x: {version.strip()}")
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *C_FILES], cwd=SOURCE,
                              capture_output=True, text=True, check=False, timeout=120)
        files = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
        self.none(files, "clang-format -i these")


if __name__ == "__main__":
    unittest.main()
