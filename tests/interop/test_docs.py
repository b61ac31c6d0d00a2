# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/clients show the very lines that the tests run: between `docs: begin` and
`docs: end` of each program. `test_docs.py --write` puts them into the pages."""

import pathlib
import re
import sys
import textwrap

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGES = {
    "c": ("c", ["c/client.c"]),
    "python": ("python", ["python/client_pkcs11.py", "python/client_pykcs11.py"]),
    "java": ("java", ["java/Client.java", "java/TlsServer.java"]),
    "go": ("go", ["go/main.go"]),
    "rust": ("rust", ["rust/src/main.rs"]),
    "node": ("js", ["node/client_pkcs11js.js", "node/client_graphene.js"]),
}


def regions(name):
    text = (SOURCE / "tests/interop" / name).read_text()
    found = re.findall(r"^[^\n]*docs: begin[^\n]*\n(.*?)^[^\n]*docs: end", text, re.M | re.S)
    return [textwrap.dedent(region).strip() + "\n" for region in found]


def page(name):
    return SOURCE / f"docs/clients/{name}.md"


def as_it_should_be(name):
    """The page with its blocks of the language replaced, one by one, by the program's lines."""
    language, sources = PAGES[name]
    blocks = [region for source in sources for region in regions(source)]
    text = page(name).read_text()
    fence = re.compile(rf"^```{language}\n.*?^```$", re.M | re.S)
    if len(fence.findall(text)) != len(blocks) or not blocks:
        sys.exit(f"{page(name)}: {len(blocks)} blocks of {language} belong into it")
    left = iter(blocks)
    return fence.sub(lambda _: f"```{language}\n{next(left)}```", text)


def main(write):
    known = {path.stem for path in page("c").parent.glob("*.md")} - {"tools"}
    status = 0
    if known != set(PAGES):
        print(f"docs/clients: {sorted(known ^ set(PAGES))} are either pages or programs", file=sys.stderr)
        status = 1
    for name in PAGES:
        text = as_it_should_be(name)
        if write:
            page(name).write_text(text)
        elif page(name).read_text() != text:
            print(f"{page(name)} has drifted: test_docs.py --write", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
