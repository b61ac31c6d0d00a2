# SPDX-License-Identifier: Apache-2.0
"""The files that docs/keys.md shows for other programs."""

import pathlib
import re

PAGE = pathlib.Path(__file__).parents[2] / "docs/keys.md"
MODULE = "/usr/local/lib/pkcs11/sideseat-pkcs11.so"  # as the page has it


def block(language, word):
    """The first file in this language that has the word."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    return next(text for text in blocks if word in text)
