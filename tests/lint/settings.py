#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every other place agrees with the registry and with the table of settings.

settings.py SOURCE DUMP [--write]: DUMP is the program settings_dump. With --write, the schema, the
part of the manual page between its two marks and the backends of the completions are made anew
instead.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

KEY = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "description": "a scope key such as global/jwt_signing_key; a bare name is a global one",
}
EXACT = KEY | {"pattern": "^[^*]*$"}
PATTERN = KEY | {"description": "a scope key, or a pattern such as global/tls_*"}
RULE = {
    "type": "object",
    "properties": {
        "key": PATTERN,
        "label": {"type": "string", "minLength": 1, "maxLength": 127,
                  "description": "the label of the objects, for an exact key"},
        "id": {"type": "string", "pattern": "^([0-9a-fA-F]{2}){1,64}$",
               "description": "the CKA_ID of the objects in hexadecimal, for an exact key"},
        "type": {"enum": ["aes"], "description": "of an AES key; absent, a private key or certificates"},
        "encoding": {"enum": ["hex", "base64", "raw"], "default": "hex", "description": "of an AES key"},
        "usage": {"type": "array", "minItems": 1,
                  "items": {"enum": ["sign", "decrypt", "decrypt_pkcs1", "raw", "derive", "encrypt", "wrap", "unwrap"]},
                  "description": "what the key may do; otherwise sign, or with type aes encrypt and decrypt"},
        "sensitive": {"type": "boolean", "default": False,
                      "description": "whether the value of the secret is never given out"},
        "always_authenticate": {"type": "boolean", "default": False,
                                "description": "whether each use of the private or AES key needs a login"},
        "passphrase": EXACT | {"description": "the secret with the passphrase of an encrypted key"},
        "certificate": EXACT | {"description": "the secret with the certificates, where it is another"},
    },
    "required": ["key"],
    "additionalProperties": False,
}
MANIFEST = {
    "description": "the secrets that an application needs, for sideseat-secrets check and ensure",
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "form": {"enum": ["hex", "base64", "text", "any"], "default": "any"},
            "length": {"description": "bytes of the value, or the least and the most",
                       "anyOf": [{"type": "integer", "minimum": 1},
                                 {"type": "array", "minItems": 2, "maxItems": 2,
                                  "items": {"type": "integer", "minimum": 1}}]},
            "pattern": {"type": "string",
                        "description": "a POSIX extended regular expression for the whole value"},
            "optional": {"type": "boolean", "default": False},
            "generate": {"description": "how to make the value",
                         "anyOf": [{"const": True},
                                   {"type": "object",
                                    "properties": {"alphabet": {"enum": ["hex", "base64", "base64url", "alnum", "words"]},
                                                   "length": {"type": "integer", "minimum": 4, "maximum": 8192}},
                                    "additionalProperties": False}]},
        },
        "additionalProperties": False,
    },
}
# in a completion: the text before and after the backends
COMPLETIONS = {
    "tools/completion/sideseat-secrets.bash": r"(--secrets-backend\)\n.*?compgen -W ')[^']*(')",
    "tools/completion/sideseat-secrets.fish": r"(--secrets-backend\n +printf '%s\\n' )[^\n]*()",
    "tools/completion/_sideseat-secrets": r"(\[the backend to use\]:backend:\()[^)]*(\))",
}
# the store program of a backend: the word for it in the backend's CMakeLists.txt
FAMILIES = {None: "MODULE", "sideseat-store-desktop": "DESKTOP", "sideseat-store-cloud": "CLOUD"}
# the same for a backend of one operating system
SYSTEMS = {"macOS": "MACOS", "Windows": "WINDOWS"}
BEGIN = '.\\" settings begin: made by tests/lint/settings.py --write\n'
END = '.\\" settings end\n'


def table(dump):
    said = json.loads(subprocess.run([dump], check=True, capture_output=True).stdout)
    # the memory backend is only for tests, so users do not see it
    said["backends"] = [row for row in said["backends"] if row["name"] != "memory"]
    return said


def completed(path, text, backends):
    """A completion that offers these backends."""
    return re.sub(COMPLETIONS[path], rf"\g<1>{' '.join(backends)}\g<2>", text, flags=re.S)


def unknown_backends(settings, backends):
    """The settings that are for a backend that is not in the registry."""
    return [(setting["path"], name) for setting in settings
            for name in (setting.get("backends") or "").split() if name not in backends]


def missing(source, row):
    """The places that must know a backend of the registry and do not."""
    name = row["name"]
    family = SYSTEMS.get(row.get("system")) or FAMILIES[row.get("program")]
    folder, place = ((r"READ_ONLY ", r"[^}]*\.read_only = true") if row.get("read_only")
                     else (r"(?!READ_ONLY )", r"(?![^}]*\.read_only)"))
    places = {
        f"backends/{name}/CMakeLists.txt": rf"^backend\({name} {family} {folder}",
        f"docs/{name}.md": "^# ",
        "README.md": rf"^\|[^|]*\| \[`{name}`\]\(docs/{name}\.md\) \|",
        "docs/store-process.md": rf"`{name}`",
        f"tests/contract/{name}.c": rf"\.backend = \"{name}\"",
        "tests/conformance/place.c": rf"^    {{\.backend = \"{name}\"{place}",
    }
    return [path for path, pattern in places.items()
            if not (source / path).exists()
            or not re.search(pattern, (source / path).read_text(), re.M)]


# The beginning of an absolute path, on Windows and elsewhere, and the characters of a text.
ABSOLUTE = r"(/|[A-Za-z]:[/\\]|\\\\)"
REST = r"[^\u0000-\u001f\u007f]*"


def value_schema(setting):
    kind = setting["type"]
    schema = {"description": setting["help"]}
    text = {"type": "string", "pattern": f"^{REST}$"}
    if not setting["may_be_empty"]:
        text["minLength"] = 1
    if kind in ("text", "secret"):
        schema |= text
    elif kind == "patterns":
        schema |= text
    elif kind == "path":
        schema |= text | {"pattern": f"^{ABSOLUTE}{REST}$"}
    elif kind == "socket":
        schema |= text | {"pattern": r"^(/|\\\\\.\\[Pp][Ii][Pp][Ee]\\|default$)" + REST + "$"}
    elif kind == "target":
        schema |= text | {"pattern": f"^(syslog|journal|{ABSOLUTE}{REST})$"}
    elif kind == "url":
        schema |= text | {"pattern": "^https?://[^/?#@ ]+(/[^?# ]*)?$"}
    elif kind == "number":
        schema |= {"type": "integer", "minimum": setting["min"], "maximum": setting["max"]}
    elif kind == "duration":
        schema["anyOf"] = [
            {"type": "integer", "minimum": 1, "maximum": setting["max"] // 1000},
            {"type": "string", "pattern": "^([0-9]+|([0-9]+(ms|s|m|h))+)$"},
        ]
    elif kind == "flag":
        schema["type"] = "boolean"
    elif kind == "choice":
        schema["enum"] = setting["choices"].split()
    elif kind == "backend":
        schema["enum"] = BACKENDS
    elif kind == "keys":
        schema |= {"type": "array", "maxItems": 1024, "items": KEY}
    elif kind == "hmac_keys":
        encoding = {"enum": ["hex", "base64", "raw"], "default": "hex"}
        item = {
            "type": "object",
            "properties": {"key": KEY, "encoding": encoding},
            "required": ["key"],
            "additionalProperties": False,
        }
        schema |= {"type": "array", "maxItems": 1024, "items": {"anyOf": [KEY, item]}}
    elif kind == "rules":
        schema |= {"type": "array", "maxItems": 1024, "items": {"anyOf": [PATTERN, RULE]}}
    default = json_default(setting)
    if default is not None:
        schema["default"] = default
    return schema


def json_default(setting):
    text = setting.get("default")
    if text is None:
        return None
    if setting["type"] == "number":
        return int(text)
    if setting["type"] == "flag":
        return text == "true"
    if setting["type"] == "hmac_keys":
        pairs = [word.rsplit(":", 1) for word in text.split()]
        return [{"key": key, "encoding": encoding} for key, encoding in pairs]
    return text


def section_schema(settings):
    root = {"type": "object", "properties": {}, "additionalProperties": False}
    for setting in settings:
        at = root
        *folders, name = setting["path"].split(".")
        for folder in folders:
            fresh = {"type": "object", "properties": {}, "additionalProperties": False}
            at = at["properties"].setdefault(folder, fresh)
        at["properties"][name] = value_schema(setting)
    return root


def schema(settings):
    secrets = section_schema([s for s in settings if s["section"] == "secrets"])
    pkcs11 = section_schema([s for s in settings if s["section"] == "pkcs11"])
    label = {"type": "string", "minLength": 1, "maxLength": 32}
    own = {name: {"$ref": f"#/properties/secrets/properties/{name}"} for name in secrets["properties"]}
    pkcs11["properties"]["tokens"] = {
        "description": "the tokens, in the order of their slots",
        "type": "array",
        "minItems": 1,
        "maxItems": 48,
        "items": {
            "type": "object",
            "properties": {"label": label} | own,
            "required": ["label"],
            "additionalProperties": False,
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sideseat.json, as sideseat-pkcs11 reads it",
        "description": "The module reads secrets and pkcs11, sideseat-secrets also required; others are SideSeat's.",
        "type": "object",
        "properties": {"secrets": secrets, "pkcs11": pkcs11, "required": MANIFEST},
    }


def escape(text):
    return text.replace("\\", "\\e").replace('"', "\\(dq")


def roff_type(setting):
    kind = setting["type"]
    words = {
        "text": "text",
        "path": "absolute path",
        "socket": "absolute path; on Windows \\e\\e.\\epipe\\eNAME or default",
        "url": "URL",
        "secret": "text, never shown",
        "flag": "true or false",
        "target": "syslog, journal or the absolute path of a file",
        "keys": "list of scope keys",
        "hmac_keys": "list of objects with key and encoding (hex, base64 or raw)",
        "patterns": "keys or patterns with a space between",
        "rules": "list of keys, patterns or objects; see KEYS",
        "number": f"number, {setting['min']} to {setting['max']}",
        "duration": "seconds, or text such as 250ms, 10s or 2m",
        "backend": "one of " + ", ".join(BACKENDS),
    }
    return words[kind] if kind in words else "one of " + ", ".join(setting["choices"].split())


def manual(settings):
    lines = []
    for setting in settings:
        lines.append(f".It Ic {setting['section']}.{setting['path']} Pq {roff_type(setting)}")
        help_text = escape(setting["help"])
        lines.append(help_text[0].upper() + help_text[1:] + ".")
        if default := setting.get("default"):
            network = setting.get("network_default")
            more = f" (vault and aws: {network})" if network else ""
            lines.append(f"Default: {default}{more}.")
        if setting["environment"]:
            names = " , ".join(setting["environment"])
            lines.append("Environment:")
            lines.append(f".Ev {names} .")
        if backends := setting.get("backends"):
            lines.append("Backends: " + ", ".join(backends.split()) + ".")
    return "".join(line + "\n" for line in lines)


def with_manual(page, settings):
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + manual(settings) + END + after


def unknown_settings(code, settings):
    """The calls that ask for a setting that is not in the table, or has another type."""
    types = {
        "text": ("text", "path", "url", "choice", "backend", "target", "socket"),
        "number": ("number", "duration"),
        "flag": ("flag",),
        "secret": ("secret",),
    }
    known = {setting["path"]: setting["type"] for setting in settings}
    call = re.compile(r'\bstore_conf_(text|number|flag|secret)\s*\([^;"]*"([^"]*)"')
    return [
        (name, path)
        for name, text in code.items()
        for kind, path in call.findall(text)
        if known.get(path) not in types[kind]
    ]


def render(document):
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class Settings(unittest.TestCase):
    maxDiff = None

    def test_the_schema_agrees_with_the_table(self):
        self.assertEqual(SCHEMA.read_text(), render(schema(TABLE["settings"])))

    def test_the_manual_page_agrees_with_the_table(self):
        page = PAGE.read_text()
        self.assertEqual(page, with_manual(page, TABLE["settings"]))

    def test_the_completions_offer_the_backends_of_the_registry(self):
        for path in COMPLETIONS:
            text = (SOURCE / path).read_text()
            self.assertEqual(text, completed(path, text, BACKENDS))
            self.assertNotEqual(text, completed(path, text, [*BACKENDS, "tenth"]))

    def test_a_setting_is_for_backends_of_the_registry(self):
        self.assertEqual(unknown_backends(TABLE["settings"], BACKENDS), [])
        self.assertNotEqual(unknown_backends(TABLE["settings"], ["file"]), [])

    def test_every_place_knows_every_backend(self):
        for row in TABLE["backends"]:
            self.assertEqual(missing(SOURCE, row), [], row["name"])

    def test_a_tenth_backend_is_missed_in_every_place(self):
        self.assertEqual(len(missing(SOURCE, {"name": "tenth"})), 6)

    def test_every_folder_has_a_row(self):
        folders = {path.parent.name for path in (SOURCE / "backends").glob("*/CMakeLists.txt")
                   if re.search(r"^backend\(", path.read_text(), re.M)}
        self.assertEqual(folders - {"memory"}, set(BACKENDS))

    def test_the_code_asks_for_settings_that_there_are(self):
        code = {str(path): path.read_text() for folder in ("backends", "module", "tools")
                for path in (SOURCE / folder).rglob("*.c")}
        self.assertEqual(unknown_settings(code, TABLE["settings"]), [])

    def test_an_unknown_setting_is_noticed(self):
        for bad in ('store_conf_text(conf, "vault.adress")', 'store_conf_flag(conf,\n "aws.region")',
                    'store_conf_number(a(b), "vault.auth")'):
            self.assertEqual(len(unknown_settings({"x.c": bad}, TABLE["settings"])), 1)
        good = 'store_conf_text(conf, "vault.address"); store_conf_number(conf, "timeout_ms")'
        self.assertEqual(unknown_settings({"x.c": good}, TABLE["settings"]), [])

    def test_a_changed_table_is_noticed(self):
        page = PAGE.read_text()
        for path, value in (("help", "other"), ("environment", ["X"]), ("type", "flag")):
            changed = [dict(s) for s in TABLE["settings"]]
            changed[1][path] = value
            self.assertNotEqual(page, with_manual(page, changed))
            if path != "environment":
                self.assertNotEqual(SCHEMA.read_text(), render(schema(changed)))


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv[1])
    SCHEMA = SOURCE / "conf/sideseat.schema.json"
    PAGE = SOURCE / "man/sideseat.json.5"
    TABLE = table(sys.argv[2])
    BACKENDS = [row["name"] for row in TABLE["backends"]]
    if sys.argv[3:] == ["--write"]:
        SCHEMA.write_text(render(schema(TABLE["settings"])))
        PAGE.write_text(with_manual(PAGE.read_text(), TABLE["settings"]))
        for completion in COMPLETIONS:
            file = SOURCE / completion
            file.write_text(completed(completion, file.read_text(), BACKENDS))
        sys.exit(0)
    unittest.main(argv=sys.argv[:1])
