# SPDX-License-Identifier: Apache-2.0
"""A proxy between the backend and a real Vault: passes requests on, and lets a test act before or after one, or keep
its answer back."""
import os
import ssl
import sys
import urllib.error
import urllib.request

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "servers"))

from scripted import Scripted, make_certificate  # noqa: E402  pylint: disable=wrong-import-position

from vault import ADDRESS  # noqa: E402  pylint: disable=wrong-import-position

KEPT = ("x-vault-token", "x-vault-namespace", "x-vault-request", "content-type")


def passed_on(request, address=ADDRESS):
    """Vault's answer to a request."""
    headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT}
    asked = urllib.request.Request(address + request.path, method=request.method, headers=headers,
                                   data=request.body or None)
    context = None
    if address.startswith("https"):
        context = ssl.create_default_context(cafile=os.environ["VAULT_CACERT"])
    try:
        with urllib.request.urlopen(asked, timeout=30, context=context) as reply:
            return reply.status, reply.read(), {"Content-Type": "application/json"}
    except urllib.error.HTTPError as error:
        return error.code, error.read(), {"Content-Type": "application/json"}


class Between(Scripted):
    """`rule` gets a request and gives an answer, or None for Vault's."""

    def __init__(self, rule=None):
        super().__init__(lambda request: (rule(request) if rule else None) or passed_on(request))

    def asked(self, method, part=""):
        """The requests so far of a method whose path has a part."""
        return [r for r in self.requests if r.method == method and part in r.path]
