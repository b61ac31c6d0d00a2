# SPDX-License-Identifier: Apache-2.0
"""Completion in real shells at a pseudo-terminal: for any key, TAB gives the shell a word that is this
key, and executes nothing."""

import os
import pty
import select
import signal
import stat
import time
import unittest
import program

# the key, and where TAB is pressed in it
KEYS = (
    ("org/acme/a$(touch${IFS}PWNED)", 10),
    ("org/acme/b`touch PWNED`", 10),
    ("org/acme/c two  blanks", 10),
    ("org/acme/w2 a blank in what is typed", 13),
    ("org/acme/d'single", 10),
    ('org/acme/e"double', 10),
    ("org/acme/f\\back\\\\slash", 10),
    ("org/acme/g*?[a-z]{x,y}", 10),
    ("org/acme/h;touch PWNED", 10),
    ("org/acme/i|touch PWNED&", 10),
    ("org/acme/j$HOME ${HOME} ~", 10),
    ("org/acme/k!!", 10),
    ("org/acme/l#<>()", 10),
    ("org/acme/m:n=o@p", 10),
    ("org/acme/q:r=s@t:u", 15),
    ("org/acme/Q:r=s@t:u", 11),
    ("org/acme/R:r=s@t:u", 13),
    ("org/acme/S:r=s@t:u", 16),
    ("org/acme/u\u00fcber \u65e5", 10),
    ("org/acme/v/w/x y", 11),
    ("org/acme/y ", 10),
    ("org/acme/z\\", 10),
    ("org/acme/A^B", 10),
    ("org/acme/C$'\\x41'", 10),
    ("org/acme/D=(touch PWNED)", 11),
    ("org/acme/E'", 10),
    ('org/acme/F"', 10),
)


class Shell:
    """An interactive shell at a terminal of its own."""

    def __init__(self, command, env, folder):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, env)
        self.shown = b""

    def read(self, seconds):
        if select.select([self.terminal], [], [], seconds)[0]:
            self.shown += os.read(self.terminal, 4096)

    def wait(self, done, what):
        deadline = time.monotonic() + 30
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: the terminal shows {self.shown!r}")
            self.read(0.05)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def ready(self, number):
        """Has the shell say something, so that it has read all before."""
        self.type(f"echo rea''dy{number}\r")
        self.wait(lambda: f"ready{number}".encode() in self.shown, "no prompt")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


class Completion(program.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.home / "work"
        self.folder.mkdir()
        tools = self.home / "bin"
        tools.mkdir()
        (self.home / "keys").write_text("".join(f"{key}\n" for key, _ in KEYS))
        tool = tools / "sideseat-secrets"
        # stands for the program: lists the keys, and prints its arguments
        tool.write_text(
            f"""#!/bin/sh
            case "$*" in
            *" list --tokens" | "list --tokens") printf 'first\\nother token\\n'; exit ;;
            "-t other token --set=a=b list") echo global/of-the-other; exit ;;
            *" list" | list) exec cat {self.home}/keys ;;
            esac
            case "$*" in
            help* | --help) exec {program.TOOL} "$@" ;;
            esac
            for last; do :; done
            printf %s "$last" >{self.home}/new && mv {self.home}/new {self.home}/given
            """
        )
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        self.env.update(PATH=f"{tools}:{self.env['PATH']}", TERM="dumb", LC_ALL="C.UTF-8",
                        HISTFILE="/dev/null", PS1="$ ", ZDOTDIR=str(self.home))

    def complete(self, shell, typed, key, options="get "):
        given = self.home / "given"
        given.unlink(missing_ok=True)
        shell.type(f"sideseat-secrets {options}{typed}\t")
        shell.read(0.3)
        shell.type("\r")
        shell.wait(given.exists, f"{key!r} from {typed!r}")
        self.assertEqual(given.read_text(), key, (typed, shell.shown[-300:]))
        self.assertEqual(list(self.folder.iterdir()), [], key)

    def start(self, *command):
        shell = Shell(command, self.env, self.folder)
        self.addCleanup(shell.close)
        return shell

    def all(self, shell):
        for key, typed in KEYS:
            typed = key[:typed]
            if "'" not in typed:
                self.complete(shell, "'" + typed, key)
            self.complete(shell, '"' + typed, key)
            self.complete(shell, typed.replace(" ", "\\ "), key)
        # tokens, and the options given so far
        self.complete(shell, "fi", "first", "get x -t ")
        self.complete(shell, "'oth", "other token", "get x --token ")
        self.complete(shell, "global/of", "global/of-the-other", "-t 'other token' --set=a=b get ")
        self.complete(shell, "global/of", "global/of-the-other", "-t other\\ token --set=a=b get ")

    def more(self, shell):
        """What is no key, and keys in other places."""
        self.complete(shell, "fi", "first", "copy ")
        self.complete(shell, "'oth", "other token", "copy first ")
        self.complete(shell, "org/acme/v", "org/acme/v/w/x y", "copy first other ")
        self.complete(shell, "X=org/acme/v", "X=org/acme/v/w/x y", "run --env ")
        self.complete(shell, "--file=X=org/acme/R", "--file=X=org/acme/R:r=s@t:u", "run ")
        self.complete(shell, "si", "sideseat", "export --format ")
        self.complete(shell, "js", "json", "import --format ")
        self.complete(shell, "sh", "sh", "import --format ")
        self.complete(shell, "ss", "ssh", "pubkey --format ")
        self.complete(shell, "TE", "TERM", "watch --signal ")
        self.complete(shell, "ed255", "ed25519", "keygen --type ")
        self.complete(shell, "val", "validate", "config ")
        for options in ("config validate ", "import ", "check ", "cert import org/acme/A^B "):
            self.complete(shell, "/bin/chgr", "/bin/chgrp", options)
        self.complete(shell, "org/acme/v", "org/acme/v/w/x y", "rollback ")
        self.complete(shell, "org/acme/v", "org/acme/v", "rollback first ")
        # programs and their words
        self.complete(shell, "chgr", "chgrp", "run -- ")
        self.complete(shell, "chgr", "chgrp", "-t first run --env X=a -s global ")
        self.complete(shell, "/bin/chgr", "/bin/chgrp", "run --env X=a -- ls ")
        self.complete(shell, "/bin/chgr", "/bin/chgrp", "run ls -a --env X=a ")
        self.complete(shell, "chgr", "chgrp", "watch first ")
        self.complete(shell, "chgr", "chgrp", "watch --signal HUP first -- ")
        self.complete(shell, "/bin/chgr", "/bin/chgrp", "watch --interval=1s first -- ls ")

    def test_bash(self):
        shell = self.start("bash", "--norc", "--noprofile", "-i")
        source = program.SOURCE / "tools/completion/sideseat-secrets.bash"
        shell.type(f"bind 'set bell-style none'; source {source}\r")
        shell.ready(1)
        self.all(shell)
        self.more(shell)
        shell.type("sideseat-secrets get org/acme/\t\t\t n\x15\r")
        shell.ready(2)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_fish(self):
        program.need(self, "fish")
        source = program.SOURCE / "tools/completion/sideseat-secrets.fish"
        shell = self.start("fish", "--no-config", "-i", "-C", f"source {source}")
        shell.ready(1)
        self.all(shell)
        self.more(shell)
        # the program's own text is where options and commands come from
        self.complete(shell, "--str", "--strip-newline", "set x ")
        self.complete(shell, "--log", "--login", "")
        self.complete(shell, "accept", "accept-loss", "--json ")
        self.complete(shell, "secret-s", "secret-service", "get -b ")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_zsh(self):
        program.need(self, "zsh")
        shell = self.start("zsh", "-f", "-i")
        folder = program.SOURCE / "tools/completion"
        shell.type(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; unsetopt beep\r")
        shell.ready(1)
        self.all(shell)
        self.more(shell)
        self.assertNotIn(b"math", shell.shown)
        shell.type("sideseat-secrets get org/acme/\t\t\tn\x15\r")
        shell.ready(2)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
