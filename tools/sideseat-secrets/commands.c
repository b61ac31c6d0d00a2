/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/commands.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/nearest.h"

static const struct argp_option list_options[] = {
    {"scope", 's', "SCOPE", 0, "Only org, org/ID, project/ID, user/ID or global; repeatable", 1},
    {"details", 'd', NULL, 0, "Also times, version and backend", 1},
    {"tokens", OPTION_TOKENS, NULL, 0, "The labels of the tokens instead; no store is asked", 1},
    {0},
};

static const struct argp_option get_options[] = {
    {"scope", 's', "SCOPE", 0, "Look NAME up in this scope, then in the next one given", 1},
    {"raw", OPTION_RAW, NULL, 0, "Write the bytes to a terminal, too, whatever they are", 1},
    {"version", OPTION_VERSION, "N", 0, "The value of this version: see history", 1},
    {0},
};

static const struct argp_option delete_options[] = {
    {"keep", OPTION_KEEP, NULL, 0, "Only if the store keeps the versions, for undelete", 1},
    {"destroy", OPTION_DESTROY, NULL, 0, "Destroy all versions for good; asks first", 1},
    {"yes", OPTION_YES, NULL, 0, "Destroy without asking", 1},
    {0},
};

static const struct argp_option undelete_options[] = {
    {"version", OPTION_VERSION, "N", 0, "Bring back this version, not the newest", 1},
    {0},
};

static const struct argp_option set_options[] = {
    {"create", OPTION_CREATE, NULL, 0, "Only if there is no such secret", 1},
    {"if-version", OPTION_IF_VERSION, "V", 0, "Only if the secret is at version V", 1},
    {"strip-newline", 'n', NULL, 0, "Leave out one newline at the end of the value", 1},
    {"file", OPTION_FILE, "PATH", 0, "Store this file instead of standard input", 1},
    {0},
};

static const struct argp_option copy_options[] = {
    {"move", OPTION_MOVE, NULL, 0, "Delete each in FROM once TO is known to have it", 1},
    {"if-absent", OPTION_IF_ABSENT, NULL, 0, "Keep those that TO has", 1},
    {"overwrite", OPTION_OVERWRITE, NULL, 0, "Replace those that TO has with another value", 1},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "Only print the state of each", 1},
    {0},
};

static const struct argp_option import_options[] = {
    {"format", OPTION_FORMAT, "NAME", 0, "env or json; the default is what the text looks like", 1},
    {"scope", 's', "SCOPE", 0, "The scope of names without one; the default is global", 1},
    {"if-absent", OPTION_IF_ABSENT, NULL, 0, "Keep secrets that exist", 1},
    {"overwrite", OPTION_OVERWRITE, NULL, 0, "Replace secrets that have another value", 1},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "Only print the state of each", 1},
    {0},
};

static const struct argp_option export_options[] = {
    {"format", OPTION_FORMAT, "NAME", 0, "env (the default), json, shell or sideseat", 1},
    {"scope", 's', "SCOPE", 0, "Only this scope; for env and shell, then the next one given", 1},
    {"force", OPTION_FORCE, NULL, 0, "Write values even where others may read them", 1},
    {0},
};

static const struct argp_option doctor_options[] = {
    {"write", OPTION_WRITE, NULL, 0, "Also store, read and delete a scratch secret", 1},
    {0},
};

static const struct argp_option watch_options[] = {
    {"interval", OPTION_INTERVAL, "TIME", 0, "How often to look, 30s by default", 1},
    {"signal", OPTION_SIGNAL, "NAME", 0, "Run the program now, and send it this at each change", 1},
    {0},
};

static const struct argp_option ensure_options[] = {
    {"manifest", OPTION_MANIFEST, "FILE", 0, "The secrets of this manifest instead", 1},
    {0},
};

static const struct argp_option run_options[] = {
    {"env", OPTION_ENV, "NAME=KEY", 0, "This variable holds this secret; repeatable", 1},
    {"env-file", OPTION_ENV_FILE, "PATH", 0, "A file of such pairs, one a line; repeatable", 1},
    {"file", OPTION_AS_FILE, "NAME=KEY", 0, "This variable holds the path of a file in memory", 1},
    {"scope", 's', "SCOPE", 0, "Look names up in this scope, then in the next one given", 1},
    {"all", OPTION_ALL, NULL, 0, "A variable for each name of the scopes", 1},
    {"clean", OPTION_CLEAN, NULL, 0, "No variables but these", 1},
    {0},
};

static const struct argp_option sign_options[] = {
    {"algorithm", 'a', "NAME", 0, "sha256, RS256, PS256, ES256, EdDSA, ...; by default, by the key",
     1},
    {"encoding", OPTION_ENCODING, "NAME", 0, "hex (the default), base64url, raw or der", 1},
    {0},
};

static const struct argp_option verify_options[] = {
    {"algorithm", 'a', "NAME", 0, "sha256, RS256, PS256, ES256, EdDSA, ...; by default, by the key",
     1},
    {"encoding", OPTION_ENCODING, "NAME", 0, "hex (the default), base64url, raw or der", 1},
    {"signature", OPTION_SIGNATURE, "TEXT", 0, "The HMAC or signature to verify", 1},
    {"signature-file", OPTION_SIGNATURE_FILE, "PATH", 0, "It is in this file", 1},
    {0},
};

static const struct argp_option generate_options[] = {
    {"length", OPTION_LENGTH, "N", 0, "Characters, or words", 1},
    {"alphabet", OPTION_ALPHABET, "NAME", 0, "hex (the default), base64, base64url, alnum, words",
     1},
    {0},
};

static const struct argp_option keygen_options[] = {
    {"type", OPTION_TYPE, "NAME", 0,
     "rsa:BITS, ec:P-256 (the default), ec:P-384, ec:P-521, ed25519, ed448 or x25519", 1},
    {0},
};

static const struct argp_option pubkey_options[] = {
    {"format", OPTION_FORMAT, "NAME", 0, "pem (the default), ssh or jwk", 1},
    {0},
};

static const struct argp_option csr_options[] = {
    {"subject", OPTION_SUBJECT, "NAMES", 0, "The subject, such as /CN=www.example.org/O=Example",
     1},
    {"san", OPTION_SAN, "NAME", 0, "Another name: DNS:, IP:, email: or URI:; repeatable", 1},
    {0},
};

static const struct argp_option cert_options[] = {
    {"overwrite", OPTION_OVERWRITE, NULL, 0, "Replace certificates that exist", 1},
    {0},
};

static const struct argp_option jwt_options[] = {
    {"algorithm", 'a', "NAME", 0, "HS256, RS256, PS256, ES256, EdDSA, ...; by default, by the key",
     1},
    {"exp", OPTION_EXP, "TIME", 0, "Add the claim exp: this long (15m, 2h) from now", 1},
    {"iat", OPTION_IAT, NULL, 0, "Add the claim iat: now", 1},
    {"kid", OPTION_KID, "ID", 0, "Add the key's id to the header", 1},
    {"header", OPTION_HEADER, "NAME=TEXT", 0, "Add this to the header; repeatable", 1},
    {0},
};

static const struct command commands[] = {
    {"list", "", "Print the keys of the secrets.", list_options, 0, 0, 0, command_list},
    {"get", "KEY...", "Write values to standard output.", get_options, 1, REQUEST_KEYS_MAX, 0,
     command_get},
    {"set", "KEY", "Store standard input, or ask for a value.", set_options, 1, 1, 0, command_set},
    {"delete", "KEY...", "Delete secrets.", delete_options, 1, REQUEST_KEYS_MAX, 0, command_delete},
    {"history", "KEY", "Print the versions that the store keeps of a secret.", NULL, 1, 1, 0,
     command_history},
    {"rollback", "KEY VERSION", "Store the value of an old version again.", NULL, 2, 2, 0,
     command_rollback},
    {"undelete", "KEY", "Bring a deleted secret back.", undelete_options, 1, 1, 0,
     command_undelete},
    {"uri", "KEY", "Print the PKCS#11 URI of a secret.", NULL, 1, 1, 0, command_uri},
    {"run", "PROGRAM...", "Run a program with secrets in its environment.", run_options, 0, 0,
     COMMAND_RUNS, command_run},
    {"search", "TEXT", "Print the keys that contain a text.", list_options, 0, 0, COMMAND_PLACE,
     command_list},
    {"rename", "KEY NEW", "Give a secret another key.", NULL, 2, 2, 0, command_rename},
    {"edit", "KEY", "Change a value in $EDITOR.", NULL, 1, 1, 0, command_edit},
    {"login", "", "Log in, which may unlock the store.", NULL, 0, 0, 0, command_login},
    {"logout", "", "Lock the store, for every program that uses it.", NULL, 0, 0, 0,
     command_logout},
    {"copy", "FROM TO [KEY|PREFIX/...]", "Copy secrets from one token to another.", copy_options, 0,
     REQUEST_KEYS_MAX, COMMAND_TOKENS, command_copy},
    {"import", "[FILE]", "Store the secrets of a .env or JSON file.", import_options, 0, 0,
     COMMAND_PLACE, command_import},
    {"export", "", "Write secrets as a .env, JSON or shell text.", export_options, 0, 0, 0,
     command_export},
    {"status", "", "Tell what the stores are, and whether they work.", NULL, 0, 0, 0,
     command_status},
    {"watch", "KEY PROGRAM...", "Run or signal a program at each change of a secret.",
     watch_options, 1, 1, COMMAND_RUNS, command_watch},
    {"config", "show|set|validate ...", "Show, change or validate sideseat.json.", NULL, 0, 0,
     COMMAND_WORDS, command_config},
    {"doctor", "", "Try what can be done with each token.", doctor_options, 0, 0, 0,
     command_doctor},
    {"check", "[FILE]", "Tell which of the secrets that a manifest needs are there.", NULL, 0, 0,
     COMMAND_PLACE, command_check},
    {"ensure", "[KEY...]", "Make the secrets sideseat needs, if absent.", ensure_options, 0,
     REQUEST_KEYS_MAX, 0, command_ensure},
    {"generate", "KEY", "Make a random secret, unless there is one.", generate_options, 1, 1, 0,
     command_generate},
    {"sign", "KEY", "Print the HMAC or signature of standard input.", sign_options, 1, 1,
     COMMAND_SIGNS, command_sign},
    {"verify", "KEY", "Verify an HMAC or signature of standard input.", verify_options, 1, 1,
     COMMAND_SIGNS, command_verify},
    {"jwt", "KEY", "Print a JSON object as a signed JSON Web Token.", jwt_options, 1, 1,
     COMMAND_SIGNS, command_jwt},
    {"keygen", "KEY", "Make a key pair in the store, unless there is a secret.", keygen_options, 1,
     1, 0, command_keygen},
    {"pubkey", "KEY", "Print the public half of a key pair.", pubkey_options, 1, 1, COMMAND_SIGNS,
     command_pubkey},
    {"jwks", "[KEY...]", "Print public keys as a JSON Web Key Set.", NULL, 0, REQUEST_KEYS_MAX,
     COMMAND_SIGNS, command_jwks},
    {"csr", "KEY", "Print a certificate request of a key pair.", csr_options, 1, 1, COMMAND_SIGNS,
     command_csr},
    {"cert", "import KEY [FILE]", "Store the certificates of a key pair.", cert_options, 1, 1,
     COMMAND_PLACE | COMMAND_FILE, command_cert},
    {"help", "[COMMAND]", "Print the options of the program, or of a command.", NULL, 0, 1, 0,
     NULL},
    {"accept-loss", "", "Count what a damaged file has lost as absent.", NULL, 0, 0, 0,
     command_accept_loss},
};

/* Other names, which people know from elsewhere. */
static const struct {
    const char *alias;
    const char *name;
} aliases[] = {{"ls", "list"}, {"rm", "delete"}, {"restore", "undelete"}};

#define COMMANDS (sizeof commands / sizeof commands[0])
#define ALIASES (sizeof aliases / sizeof aliases[0])

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ALIASES; i++)
        if (strcmp(name, aliases[i].alias) == 0)
            name = aliases[i].name;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

const char *command_nearest(const char *name)
{
    static struct store_nearest search;

    store_nearest_begin(&search, name);
    for (size_t i = 0; i < COMMANDS; i++)
        store_nearest_add(&search, commands[i].name, strlen(commands[i].name));
    return store_nearest_word(&search);
}

char *command_list_text(void)
{
    static const char before[] = "Keep an application's secrets in whichever store sideseat-pkcs11 "
                                 "is configured for.\n\nCommands:\n";
    static const char after[] =
        "\nOptions, before or after the command:"
        "\vSee `sideseat-secrets help COMMAND' for a command's own options, "
        "and sideseat-secrets(1).";
    size_t size = sizeof before + sizeof after;
    size_t used;
    char *text;

    for (size_t i = 0; i < COMMANDS; i++)
        size +=
            strlen(commands[i].name) + strlen(commands[i].summary) + sizeof "  12345678901234\n";
    text = malloc(size);
    if (text == NULL)
        return NULL;
    used = (size_t)snprintf(text, size, "%s", before);
    for (size_t i = 0; i < COMMANDS; i++)
        used += (size_t)snprintf(text + used, size - used, "  %-14s%s\n", commands[i].name,
                                 commands[i].summary);
    (void)snprintf(text + used, size - used, "%s", after);
    return text;
}
