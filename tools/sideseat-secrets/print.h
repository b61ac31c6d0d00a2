/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_PRINT_H
#define TOOLS_SIDESEAT_SECRETS_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_gen.h>

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* Whether the value is text that a terminal shows: UTF-8 of characters that it just shows, tabs and
 * newlines, with or without a carriage return in front. */
bool print_is_text(const struct store_secret *value);

/* Writes all `len` bytes to standard output, past stdio, whose buffers are never wiped. Prints why
 * not. */
enum outcome print_bytes(const void *data, size_t len) STORE_CHECKED;

/* Writes what stdio still holds. FAILED, printed, if standard output has not taken everything. */
enum outcome print_end(void) STORE_CHECKED;

/*
 * JSON for standard output. Zero-initialized is ready for print_json_open. The text may hold
 * values, so it is kept in a secret until it is written, and the generator keeps no copies.
 */
struct print_json {
    yajl_gen gen;
    struct store_secret text;
    bool failed; /* out of memory: nothing more is added, and print_json_flush says so */
};

/* Starts a text; false if there is no memory. */
bool print_json_open(struct print_json *json);

/* A member whose value is text; NULL gives null. Of a text that is not UTF-8, print_json_text shows
 * '?', and print_json_bytes the ASCII characters of its beginning, with '?' for other bytes. */
void print_json_text(struct print_json *json, const char *name, const char *text);
void print_json_bytes(struct print_json *json, const char *name, const struct store_secret *bytes);

void print_json_flag(struct print_json *json, const char *name, bool flag);

void print_json_number(struct print_json *json, const char *name, size_t number);

/* The name of a member whose value follows. */
void print_json_name(struct print_json *json, const char *name);

/* A member whose value is a secret: text, or {"value": …, "encoding": "base64"}. */
void print_json_flat(struct print_json *json, const char *name, const struct store_secret *value);

/* The members of a value: "value", and "encoding": "base64" if it is not UTF-8 text. */
void print_json_value(struct print_json *json, const struct store_secret *value);

/* Print an object with one text: print_json_text or print_json_bytes. */
enum outcome print_json_alone(const char *name, const char *text) STORE_CHECKED;
enum outcome print_json_alone_bytes(const char *name,
                                    const struct store_secret *bytes) STORE_CHECKED;

/* Writes out what there is once it is more than `keep` bytes. */
enum outcome print_json_flush(struct print_json *json, size_t keep) STORE_CHECKED;

/* Ends the last line, writes everything and frees the generator. */
enum outcome print_json_close(struct print_json *json) STORE_CHECKED;

/* Frees the generator and wipes the text without writing it. Idempotent. */
void print_json_clear(struct print_json *json);

#define AUTO_PRINT_JSON __attribute__((cleanup(print_json_clear))) struct print_json

#endif
