# SPDX-License-Identifier: Apache-2.0
"""OpenSSL's engine pkcs11, as docs/keys.md configures it."""

import pathlib
import re

PAGE = pathlib.Path(__file__).parents[2] / "docs/keys.md"


def configuration():
    """The file for OPENSSL_CONF."""
    return next(block for block in re.findall(r"```ini\n(.*?)```", PAGE.read_text(), re.S) if "engine_id" in block)
