# SPDX-License-Identifier: Apache-2.0
"""Whether the product itself calls each of its functions, and keeps those of one file static.

usage: unused.py SOURCE BUILD

Reads the object files that BUILD/compile_commands.json names; those below BUILD/tests are the tests'.
Prints the functions that only tests call, that nothing calls, and that no other file calls though
they are not static.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

# functions that no code of the product calls by name, each with its reason
ALLOWED = {
    "main": "the system calls it",
    "platform_stderr_remember": "a constructor, which the loader calls",
}


def compiled(build):
    """The C file of each object file of this build; not of objects that an older one has left."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    objects = {}
    for command in commands:
        words = shlex.split(command["command"])
        objects[build / words[words.index("-o") + 1]] = Path(command["file"])
    return {path: file for path, file in objects.items() if path.is_file()}


def symbols(paths):
    """For each object file the functions that it defines for others, and the names that it needs."""
    listed = subprocess.run(["nm", "--print-file-name", *paths], capture_output=True, text=True,
                            check=True, timeout=100)
    result = {path: (set(), set()) for path in paths}
    for line in listed.stdout.splitlines():
        path, _, rest = line.rpartition(":")
        *_, kind, name = rest.split()
        if kind in "TU":
            result[Path(path)]["TU".index(kind)].add(name)
    return result


def code(path):
    """A C file without its comments and strings."""
    text = re.sub(r"/\*.*?\*/", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r'"(\\.|[^"\\])*"', '""', text)


def main():
    source, build = Path(sys.argv[1]), Path(sys.argv[2])
    files = compiled(build)
    homes, called, tested = {}, set(), set()
    for path, (defined, needed) in symbols(list(files)).items():
        if (build / "tests") in path.parents:
            tested |= needed
        else:
            called |= needed
            homes.update((name, files[path]) for name in defined)
    if not homes:
        print("nm finds no functions in these object files")
        return 77
    faults = [f"{name} is allowed, but the product does not have it" for name in ALLOWED
              if name not in homes]
    for name, file in sorted(homes.items()):
        if name in called or name in ALLOWED or name.startswith(("C_", "__")):
            continue
        used = len(re.findall(rf"\b{name}\b", code(file))) > 1
        if not used or name not in tested:
            fault = ("make it static" if used
                     else "only tests call it" if name in tested else "nothing calls it")
            faults.append(f"{file.relative_to(source)}: {name}: {fault}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
