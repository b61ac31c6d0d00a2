# SPDX-License-Identifier: Apache-2.0
"""Becomes a kwalletd5 that is logged in, as pam_kwallet starts it: usage: kwallet-login.py SOCKET

The daemon gets the wallet's key (56 bytes) on a pipe and its environment, as lines, from the client
of a socket.
"""
import os
import socket
import sys

KEY = bytes(range(56))


def send_environment(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall("".join(f"{k}={v}\n" for k, v in os.environ.items()
                               if "\n" not in v).encode())


def main():
    path = sys.argv[1]
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    reader, writer = os.pipe()
    os.write(writer, KEY)
    os.close(writer)
    # The child only connects; the daemon is this process, whose id the caller knows.
    if os.fork() == 0:
        send_environment(path)
        os._exit(0)
    os.set_inheritable(reader, True)
    os.set_inheritable(listener.fileno(), True)
    os.environ["PAM_KWALLET5_LOGIN"] = path
    os.execvp("kwalletd5", ["kwalletd5", "--pam-login", str(reader), str(listener.fileno())])


if __name__ == "__main__":
    main()
