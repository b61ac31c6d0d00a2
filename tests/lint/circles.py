# SPDX-License-Identifier: Apache-2.0
"""Finds circles of calls between the files of a folder.

usage: circles.py OBJECT.o...

Prints each circle, and for each of its files the calls that make it one.
"""

import subprocess
import sys


def symbols(path):
    """The names that an object file defines for others, and those that it needs."""
    listed = subprocess.run(["nm", path], capture_output=True, text=True, check=True, timeout=60)
    words = [line.split() for line in listed.stdout.splitlines()]
    return ({word[-1] for word in words if len(word) == 3 and word[1] in "TDRB"},
            {word[-1] for word in words if word[0] == "U"})


def call_graph(paths):
    """For each file the other files that it calls, with the names that it calls there."""
    known = {path.partition(".dir/")[2].removesuffix(".o"): symbols(path) for path in paths}
    home = {name: file for file, (defined, _) in known.items() for name in defined}
    graph = {file: {} for file in known}
    for file, (_, needed) in known.items():
        for name in needed:
            if name in home and home[name] != file:
                graph[file].setdefault(home[name], set()).add(name)
    return graph


def reachable(graph, start):
    """The files that are called from a file, over however many others."""
    seen, left = set(), list(graph[start])
    while left:
        file = left.pop()
        if file not in seen:
            seen.add(file)
            left += graph[file]
    return seen


def main():
    graph = call_graph(sys.argv[1:])
    if not any(graph.values()) and not any(symbols(path)[0] for path in sys.argv[1:]):
        print("nm finds no names in these object files")
        return 77
    called = {file: reachable(graph, file) for file in graph}
    circles = {file for file in graph if file in called[file]}
    for file in sorted(circles):
        for other in sorted(graph[file].keys() & circles):
            if file in called[other]:
                print(f"{file} calls {', '.join(sorted(graph[file][other]))} of {other}")
    return 1 if circles else 0


if __name__ == "__main__":
    sys.exit(main())
