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

/* Shared by the files of conf/: the finished configuration, and one that is being read. */

#define CONF_TOKENS_MAX 48
#define CONF_LABEL_MAX 32
#define CONF_KEYS_MAX 1024 /* of hmac_keys, of sensitive, and of keys */
#define CONF_DEFAULT_LABEL "sideseat"

/* One given value. The set owns it; layers and tokens point to it. */
struct conf_value {
    struct conf_value *next;
    char *text;  /* NULL for a secret */
    long number; /* of a number, a duration in milliseconds, a flag (0 or 1) */
    struct store_secret secret;
    char origin[]; /* in words, as store_conf_each gives it */
};

/* The values from one place, by setting_index(); NULL for a setting that it does not give. */
struct conf_layer {
    const struct conf_value *values[SETTINGS_MAX];
};

/* A scope key of pkcs11.hmac_keys or pkcs11.sensitive. */
struct conf_key {
    char key[STORE_KEY_MAX + 1];
    const char *encoding; /* "hex", "base64" or "raw"; NULL in pkcs11.sensitive */
};

/* One of these lists. `origin` is NULL until a place gives the list. */
struct conf_list {
    struct conf_key *keys;
    size_t count;
    char *origin;
};

/* The rules of pkcs11.keys. `origin` is NULL as long as nothing gives them. */
struct conf_rules {
    struct store_conf_rule *rules;
    size_t count;
    char *origin;
};

/* The beginning of the origin of a backend that the platform chose. */
#define CONF_PLATFORM "platform: "

struct store_conf {
    char label[CONF_LABEL_MAX + 1];
    const char *backend;        /* the registry's own name */
    const char *backend_origin; /* in words */
    struct conf_layer layer;    /* the values that apply */
    const struct store_conf_set *set;
};

/* A warning from reading the configuration; it is not a mistake. */
struct conf_warning {
    struct conf_warning *next;
    bool platform_only; /* logged only for a token whose backend the platform chose */
    atomic_bool said;
    char text[];
};

struct store_conf_set {
    struct store_conf *tokens[CONF_TOKENS_MAX];
    size_t count;
    struct conf_value *values; /* all of them, to be freed */
    struct conf_list hmac_keys;
    struct conf_list sensitive;
    struct conf_rules rules; /* for key pairs; those for AES keys are apart */
    struct conf_rules aes;
    struct conf_warning *warnings;
    const char *platform_backend; /* NULL: the platform was not asked yet */
    char platform_origin[256];
};

/* A configuration that is being read. Reading goes on after a mistake, to report all of them. */
struct conf_reader {
    struct store_conf_set *set;
    enum store_err err; /* OK, BAD_CONF or NO_MEMORY */
    struct conf_layer arguments;
    struct conf_layer environment;
    bool environment_seen[SETTINGS_MAX]; /* true once `environment` is filled in there */
    struct conf_layer files;
    char *config;         /* the argument config=, NULL without */
    bool hmac_keys_given; /* by the arguments: files do not change them */
    bool sensitive_given;
    bool rules_given;
    bool on_command_line; /* the arguments are, so other users see them */
};

/* Logs one mistake, with "conf: " in front, and makes the reading fail. */
void conf_mistake(struct conf_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Keeps a warning, without "conf: ", for store_conf_warn. */
void conf_warning(struct conf_reader *reader, bool platform_only, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void conf_warnings_free(struct store_conf_set *set);

/* Remembers that memory ran out; the log says so once. */
void conf_no_memory(struct conf_reader *reader);

#endif
