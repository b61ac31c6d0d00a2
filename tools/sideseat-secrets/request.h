/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_REQUEST_H
#define TOOLS_SIDESEAT_SECRETS_REQUEST_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/sideseat-secrets/outcome.h"
#include "tools/sideseat-secrets/uri.h"

#define REQUEST_KEYS_MAX SIZE_MAX
#define REQUEST_SCOPES_MAX 16

/* What a key looks like, for messages. */
#define REQUEST_KEY_FORMS                                                                          \
    "global/NAME, org/ID/NAME, project/ID/NAME or user/ID/NAME, or a bare NAME for a global one, " \
    "at most 255 bytes of UTF-8 without control characters"

/* Of a signature: a text, its bytes, or its bytes with an ECDSA signature as X.509 has it. */
enum request_encoding { REQUEST_HEX, REQUEST_BASE64URL, REQUEST_RAW, REQUEST_DER };

struct algorithm;
struct request;

/* The keys are signing keys, or key pairs; after the keys follows a program with its arguments;
 * before them there may be one word of another kind or three, or there are two tokens, and the keys
 * may be beginnings; or after them there may be a file. */
enum {
    COMMAND_SIGNS = 1,
    COMMAND_RUNS = 2,
    COMMAND_PLACE = 4,
    COMMAND_TOKENS = 8,
    COMMAND_WORDS = 16,
    COMMAND_FILE = 32
};

/* A command: what it takes, and what runs it. */
struct command {
    const char *name;
    const char *arguments; /* for --help */
    const char *summary;
    const struct argp_option *options; /* its own, beside the common ones */
    size_t keys_min;
    size_t keys_max;
    unsigned flags;
    enum outcome (*run)(const struct request *request);
};

/* An option as given: its letter or number, and its argument or NULL. */
struct request_option {
    int key;
    const char *text;
};

/* What the command line asks for. Texts point into argv, but for `words`. */
struct request {
    const struct command *command;
    int command_index; /* in argv */

    const char *module; /* NULL: SIDESEAT_PKCS11_MODULE, else the installed one */
    const char *token;  /* NULL: the first */
    char *words; /* for C_Initialize: backend='vault' cache.ttl_s='0'; NULL if there are none */
    bool json;
    bool login;
    bool pin;

    const char *places[3]; /* words before the keys; NULL: not given */
    size_t place_count;
    const char **keys; /* of a URI, the label */
    struct uri *uris;  /* the URI of each key; zero-initialized for a key that is not one */
    size_t key_count;
    struct request_option *options; /* -m, -b, --set, and those without a member below; in order */
    size_t option_count;
    char **program;   /* with its arguments and a NULL, in argv; NULL: none */
    const char *file; /* after the keys; NULL: not given */
    const char *scopes[REQUEST_SCOPES_MAX];
    size_t scope_count;
    const char *if_version; /* "0": must not exist; NULL: whatever is there */
    bool strip_newline;
    bool tokens; /* list these, not secrets */
    bool raw;    /* a terminal gets the value as it is */
    bool details;
    const struct algorithm *algorithm; /* NULL: the first one that fits the key */
    enum request_encoding encoding;
};

/* Reads the command line; ends the program after --help, --version and mistakes (status 2).
 * request_free frees what it made. */
void request_parse(struct request *request, int argc, char **argv);
void request_free(struct request *request);

/* The commands, one file each or two that belong together. Each prints its own failures. */
enum outcome command_uri(const struct request *request);
enum outcome command_run(const struct request *request);
enum outcome command_list(const struct request *request);
enum outcome command_tokens(const struct request *request); /* list --tokens */
enum outcome command_get(const struct request *request);
enum outcome command_set(const struct request *request);
enum outcome command_delete(const struct request *request);
enum outcome command_history(const struct request *request);
enum outcome command_rollback(const struct request *request);
enum outcome command_undelete(const struct request *request);
enum outcome command_status(const struct request *request);
enum outcome command_ensure(const struct request *request);
enum outcome command_generate(const struct request *request);
enum outcome command_accept_loss(const struct request *request);
enum outcome command_verify(const struct request *request);
enum outcome command_rename(const struct request *request);
enum outcome command_edit(const struct request *request);
enum outcome command_login(const struct request *request);
enum outcome command_logout(const struct request *request);
enum outcome command_check(const struct request *request);
enum outcome command_doctor(const struct request *request);
enum outcome command_watch(const struct request *request);
enum outcome command_config(const struct request *request);
enum outcome command_copy(const struct request *request);
enum outcome command_import(const struct request *request);
enum outcome command_export(const struct request *request);
enum outcome command_sign(const struct request *request);
enum outcome command_jwt(const struct request *request);
enum outcome command_pubkey(const struct request *request);
enum outcome command_keygen(const struct request *request);
enum outcome command_jwks(const struct request *request);
enum outcome command_csr(const struct request *request);
enum outcome command_cert(const struct request *request);

#endif
