# SPDX-License-Identifier: Apache-2.0
"""with_qemu.py COMMAND...: runs a command whose kernel starts programs of arm64 and s390x with qemu.

The command runs in a namespace with a binfmt_misc of its own (Linux 6.7), so the machine's stays as
it is, and programs that start themselves again work. Its users are those of the machine if root runs
it; otherwise it is root, and its only user.
"""

import ctypes
import os
import subprocess
import sys
import tempfile

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000

# The first 20 bytes of a program, the bits of them that count, and what runs it.
ELF = rb"\x7fELF\x02%s\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00%s"
MASK = rb"\xff\xff\xff\xff\xff\xff\xff%s\xff\xff\xff\xff\xff\xff\xff\xff%s"
PROCESSORS = {
    "aarch64": (ELF % (rb"\x01", rb"\x02\x00\xb7\x00"), MASK % (rb"\x00", rb"\xfe\xff\xff\xff")),
    "s390x": (ELF % (rb"\x02", rb"\x00\x02\x00\x16"), MASK % (rb"\xfc", rb"\xff\xfe\xff\xff")),
}


def enter() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def map_users(process: int) -> None:
    if os.geteuid() == 0:
        users = groups = "0 0 65536"
    else:
        users, groups = f"0 {os.geteuid()} 1", f"0 {os.getegid()} 1"
        write(f"/proc/{process}/setgroups", "deny")
    write(f"/proc/{process}/uid_map", users)
    write(f"/proc/{process}/gid_map", groups)


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def register() -> None:
    folder = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", folder], check=True)
    for processor, (magic, mask) in PROCESSORS.items():
        # F: the interpreter is opened now, so that programs in another root find it, too
        rule = b":%s:M::%s:%s:/usr/bin/qemu-%s-static:F" % (
            processor.encode(), magic, mask, processor.encode())
        with open(folder + "/register", "wb", buffering=0) as file:
            file.write(rule)


def main() -> None:
    entered = os.pipe()
    mapped = os.pipe()
    child = os.fork()
    if child == 0:
        enter()
        os.write(entered[1], b"x")
        os.read(mapped[0], 1)
        register()
        os.execvp(sys.argv[1], sys.argv[1:])
    os.close(entered[1])
    if os.read(entered[0], 1) != b"x":
        sys.exit("with_qemu.py: this kernel lets nobody make a namespace of users")
    map_users(child)
    os.write(mapped[1], b"x")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
