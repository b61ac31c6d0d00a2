/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRETS_REQUEST_H
#define SECRETS_REQUEST_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>

#include "tools/sideseat-secrets/outcome.h"

#define REQUEST_KEYS_MAX 64
#define REQUEST_SCOPES_MAX 16

/* What a key looks like, for messages. */
#define REQUEST_KEY_FORMS                                                                          \
    "global/NAME, org/ID/NAME, project/ID/NAME or user/ID/NAME, or a bare NAME for a global one, " \
    "at most 255 bytes of UTF-8 without control characters"

enum request_encoding { REQUEST_HEX, REQUEST_BASE64URL };

/* An HMAC by its names. */
struct request_algorithm {
    const char *hash; /* sha256 */
    const char *jws;  /* HS256 (RFC 7518, section 3.2) */
    CK_MECHANISM_TYPE mechanism;
    CK_ULONG length; /* of a signature, in bytes */
};

struct request;

/* A command: what it takes, and what runs it. */
struct command {
    const char *name;
    const char *arguments; /* for --help */
    const char *summary;
    const struct argp_option *options; /* its own, beside the common ones */
    size_t keys_min;
    size_t keys_max;
    enum outcome (*run)(const struct request *request);
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

    const char *keys[REQUEST_KEYS_MAX];
    size_t key_count;
    const char *scopes[REQUEST_SCOPES_MAX];
    size_t scope_count;
    const char *if_version; /* "0": must not exist; NULL: whatever is there */
    bool strip_newline;
    bool raw; /* a terminal gets the value as it is */
    bool details;
    const struct request_algorithm *algorithm;
    /* What a key looks like, for messages. */
#define REQUEST_KEY_FORMS                                                                          \
    "global/NAME, org/ID/NAME, project/ID/NAME or user/ID/NAME, or a bare NAME for a global one, " \
    "at most 255 bytes of UTF-8 without control characters"

    enum request_encoding encoding;
};

/* Reads the command line; ends the program after --help, --version and mistakes (status 2).
 * request_free frees what it made. */
void request_parse(struct request *request, int argc, char **argv);
void request_free(struct request *request);

/* The commands, one file each or two that belong together. Each prints its own failures. */
enum outcome command_list(const struct request *request);
enum outcome command_get(const struct request *request);
enum outcome command_set(const struct request *request);
enum outcome command_delete(const struct request *request);
enum outcome command_status(const struct request *request);
enum outcome command_ensure(const struct request *request);
enum outcome command_generate(const struct request *request);
enum outcome command_accept_loss(const struct request *request);
enum outcome command_sign(const struct request *request);
enum outcome command_jwt(const struct request *request);

#endif
