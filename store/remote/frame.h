/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_FRAME_H
#define STORE_REMOTE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/backend.h"
#include "store/scope.h"

/*
 * The frames that the module and the store process exchange: the length of the body (4 bytes), a
 * type (1 byte) and the body. Numbers are little-endian; texts and values have their length, 4
 * bytes, in front. A connection carries one call at a time: a request, then any number of LOG and
 * EACH frames, then one RESULT. docs/store-process.md has the whole protocol.
 *
 * Frames carry secrets, so they are built in and decoded from struct store_secret only. Decoding is
 * strict: a body that is too short or too long, or has a value out of range, is not a frame, and
 * the receiver drops the connection.
 */

#define FRAME_MAGIC UINT32_C(0x45444953) /* "SIDE" */
#define FRAME_VERSION 4

#define FRAME_HEADER 5
#define FRAME_VALUE_MAX ((size_t)1 << 20)
#define FRAME_BODY_MAX (FRAME_VALUE_MAX + ((size_t)64 << 10))
#define FRAME_TEXT_MAX 4096     /* of a path, an origin, a log line */
#define FRAME_KEYS_MAX 2048     /* in one READ_MANY */
#define FRAME_FINDINGS_MAX 16   /* of one EXAMINE */
#define FRAME_SETTINGS_MAX 4096 /* in one OPEN; a list has one for each element */

enum frame_type {
    FRAME_OPEN =
        1, /* magic, version, log level, log target, label, backend, count, {path, origin, value} */
    FRAME_READ,      /* key */
    FRAME_READ_MANY, /* count, {key} */
    FRAME_LIST,      /* prefix, whether a generation is wanted, generation */
    FRAME_WRITE,     /* key, value, whether if_version is given, if_version */
    FRAME_REMOVE,    /* key, whether if_version is given, if_version */
    FRAME_LOGIN,     /* PIN */
    FRAME_LOGOUT,
    FRAME_HEALTH,
    FRAME_VERSIONS,     /* key */
    FRAME_READ_VERSION, /* key, id */
    FRAME_RETIRE,       /* key */
    FRAME_RESTORE,      /* key, id */
    FRAME_DESTROY,      /* key */
    FRAME_EXAMINE,
    FRAME_LOCK,

    FRAME_LOG = 64, /* level, text */
    FRAME_EACH,     /* {key, error, whether there is a record, record} until the body ends */
    FRAME_RESULT,   /* error; after OK the answer to the request: nothing, a record, a
                       generation (LIST, also for UNCHANGED), health, flag, count, {version}, or
                       (EXAMINE) count, {what, error, text, remedy} */
};

/* A frame that is being built. frame_end reports the first failure of all steps. */
struct frame_out {
    struct store_secret bytes;
    size_t start; /* of the frame in `bytes` */
    enum store_err err;
};

/* Begins a frame after the frames that `out` holds already. */
void frame_begin(struct frame_out *out, enum frame_type type);
void frame_put_u8(struct frame_out *out, uint8_t number);
void frame_put_u32(struct frame_out *out, uint32_t number);
void frame_put_u64(struct frame_out *out, uint64_t number);
void frame_put_bytes(struct frame_out *out, const void *data, size_t len);
void frame_put_text(struct frame_out *out, const char *text);
void frame_put_err(struct frame_out *out, enum store_err err);
void frame_put_record(struct frame_out *out, const struct store_record *record);
void frame_put_versions(struct frame_out *out, const struct store_versions *versions);

void frame_put_finding(struct frame_out *out, const struct store_finding *finding);

/* Completes the frame. NO_MEMORY, or TOO_BIG for a body past FRAME_BODY_MAX; both wipe the frame
 * and log nothing. */
enum store_err frame_end(struct frame_out *out) STORE_CHECKED;

/* Wipes everything. Idempotent; a zeroed one is empty. */
void frame_out_clear(struct frame_out *out);
#define AUTO_FRAME_OUT __attribute__((cleanup(frame_out_clear))) struct frame_out

/* The header's two numbers; false if they are not valid. */
bool frame_header(const unsigned char header[FRAME_HEADER], size_t *body_len, uint8_t *type);

/* A body that is being decoded. After the first mistake every function returns zero or empty. */
struct frame_in {
    const struct store_secret *body; /* borrowed */
    size_t at;
    bool bad;
};

uint8_t frame_get_u8(struct frame_in *in);
uint32_t frame_get_u32(struct frame_in *in);
uint64_t frame_get_u64(struct frame_in *in);
bool frame_get_flag(struct frame_in *in); /* 0 or 1 */

/* A text without NUL that fits `size` with its NUL; empty after a mistake. */
void frame_get_text(struct frame_in *in, char *out, size_t size);

/* Makes `out` a slice of the body, of at most `max` bytes: no copy is made. */
void frame_get_secret(struct frame_in *in, struct store_secret *out, size_t max);

/* A known code of enum store_err. */
enum store_err frame_get_err(struct frame_in *in);

/* A valid scope key. */
void frame_get_key(struct frame_in *in, char out[STORE_KEY_MAX + 1]);

void frame_get_record(struct frame_in *in, struct store_record *out);

/* At most STORE_VERSIONS_MAX versions. NO_MEMORY without memory; `out` is then in part filled. */
enum store_err frame_get_versions(struct frame_in *in, struct store_versions *out) STORE_CHECKED;

void frame_get_finding(struct frame_in *in, struct store_finding *out);

/* True if all of the body was decoded without a mistake. */
bool frame_done(const struct frame_in *in);

#endif
