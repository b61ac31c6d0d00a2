/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf/settings.h"
#include "store/conf.h"
#include "store/scope.h"

/* What the files of conf/ share: the configuration as it is kept, and as it is being read. */

#define CONF_TOKENS_MAX 48
#define CONF_LABEL_MAX 32
#define CONF_KEYS_MAX 1024 /* of hmac_keys, and of sensitive */
#define CONF_DEFAULT_LABEL "sideseat"

/* One value that was given somewhere. Belongs to the set; layers and tokens point to it. */
struct conf_value {
    struct conf_value *next;
    char *text;  /* NULL for a secret */
    long number; /* of a number, a duration in milliseconds, a flag (0 or 1) */
    struct store_secret secret;
    char origin[]; /* in words, as store_conf_each gives it */
};

/* The values that one place gives, by setting_index(); NULL where it gives none. */
struct conf_layer {
    const struct conf_value *values[SETTINGS_MAX];
};

/* A scope key of pkcs11.hmac_keys or pkcs11.sensitive. */
struct conf_key {
    char key[STORE_KEY_MAX + 1];
    const char *encoding; /* "hex", "base64" or "raw"; NULL in pkcs11.sensitive */
};

/* Such a list. `origin` is NULL as long as nothing gives it. */
struct conf_list {
    struct conf_key *keys;
    size_t count;
    char *origin;
};

struct store_conf {
    char label[CONF_LABEL_MAX + 1];
    const char *backend;        /* the registry's own name */
    const char *backend_origin; /* in words */
    struct conf_layer layer;    /* what applies */
    const struct store_conf_set *set;
};

/* What was noticed while the configuration was read and is no mistake. */
struct conf_warning {
    struct conf_warning *next;
    bool platform_only; /* said only to who uses a token that the platform chose the backend of */
    atomic_bool said;
    char text[];
};

struct store_conf_set {
    struct store_conf *tokens[CONF_TOKENS_MAX];
    size_t count;
    struct conf_value *values; /* all there are, to be freed */
    struct conf_list hmac_keys;
    struct conf_list sensitive;
    struct conf_warning *warnings;
    const char *platform_backend; /* NULL: nobody has asked the platform */
    char platform_origin[256];
};

/* A configuration being read. The first mistake does not end that: all are reported. */
struct conf_reader {
    struct store_conf_set *set;
    enum store_err err; /* OK, BAD_CONF or NO_MEMORY */
    struct conf_layer arguments;
    struct conf_layer environment;
    bool environment_seen[SETTINGS_MAX]; /* whether `environment` is filled in there */
    struct conf_layer files;
    char *config;         /* the argument config=, NULL without */
    bool hmac_keys_given; /* by the arguments, so no file changes them */
    bool sensitive_given;
    bool on_command_line; /* the arguments are, and other users see them */
};

/* Logs one mistake ("conf: " goes in front) and remembers that there was one. */
void conf_mistake(struct conf_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keeps a warning, without "conf: ", for store_conf_warn. */
void conf_warning(struct conf_reader *reader, bool platform_only, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void conf_warnings_free(struct store_conf_set *set);

/* Remembers that memory ran out; the log says so once. */
void conf_no_memory(struct conf_reader *reader);

#endif
