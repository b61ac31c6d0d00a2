/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONF_H
#define STORE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/scope.h"
#include "store/secret.h"

/*
 * The configuration: read once, checked, then never changed. One table (conf/settings.c) names
 * every setting with its JSON path, type, limits, default, environment variables and a line of
 * help, and drives everything else (checks, `status`, the manual page).
 *
 * A setting's name is its JSON path without the section: "vault.address" is secrets.vault.address
 * in the file (a token of pkcs11.tokens may carry a "vault" object of its own, which wins), and
 * "cache.ttl_s" is pkcs11.cache.ttl_s.
 *
 * Threads: any number may read at once. Returned pointers live as long as the conf.
 */
struct store_conf;     /* one token's settings */
struct store_conf_set; /* the tokens */

/*
 * Reads the configuration: arguments > environment > file > platform. `arguments` is the string of
 * C_Initialize's pReserved ("backend=vault vault.address=https://…"), or NULL. Logs each mistake
 * with the file, the JSON path and the correction, and returns BAD_CONF. Never reads from the
 * current folder, never touches the network. A privileged process (store/user.h) reads only root's
 * files in the system's folder, and neither the environment nor a home.
 */
enum store_err store_conf_load(struct store_conf_set **out, const char *arguments) STORE_CHECKED;
void store_conf_free(struct store_conf_set *set); /* accepts NULL */

/* The tokens, in order: at least one, at most 48. `index` < store_conf_count(). */
size_t store_conf_count(const struct store_conf_set *set);
const struct store_conf *store_conf_at(const struct store_conf_set *set, size_t index);

const char *store_conf_label(const struct store_conf *conf);   /* 1 to 32 bytes of UTF-8 */
const char *store_conf_backend(const struct store_conf *conf); /* a name from the registry */

/* The origin of the choice of backend, for people: "environment variable
 * SIDESEAT_SECRETS_BACKEND", "platform: no D-Bus session bus, so the file". */
const char *store_conf_backend_origin(const struct store_conf *conf);

/* True if nobody named a backend, so that the platform chose this one. */
bool store_conf_platform_chose(const struct store_conf *conf);

/* A text setting; NULL if it is neither set nor has a default. */
const char *store_conf_text(const struct store_conf *conf, const char *path);

/* A number, in the unit at the end of its path (_s, _ms, _days, or a plain count). */
long store_conf_number(const struct store_conf *conf, const char *path);

bool store_conf_flag(const struct store_conf *conf, const char *path);

/* A setting that is a secret, such as "vault.token"; empty when not set. */
const struct store_secret *store_conf_secret(const struct store_conf *conf, const char *path);

/* The folder for sideseat's data: SIDESEAT_DATA_DIR, else $XDG_DATA_HOME/sideseat, else
 * ~/.local/share/sideseat; on macOS ~/Library/Application Support/sideseat instead of both. NULL
 * without a home folder. The folder may not exist yet. */
const char *store_conf_data_dir(const struct store_conf *conf);

/* The HMAC keys, which sign but are not readable (pkcs11.hmac_keys), in order; NULL past the
 * last. `encoding` is "hex", "base64" or "raw". */
const char *store_conf_hmac_key(const struct store_conf *conf, size_t index, const char **encoding);

/* True if pkcs11.sensitive lists this scope key, or its rule of pkcs11.keys is sensitive: the
 * module never gives out its value. */
bool store_conf_sensitive(const struct store_conf *conf, const char *key);

/* True if the configuration forbids changes of this key through the token (read_only,
 * read_only_keys); for a `key` of NULL, of all keys. */
bool store_conf_read_only(const struct store_conf *conf, const char *key);

/* True if read_only_keys names keys, so that the answer depends on the key. */
bool store_conf_some_read_only(const struct store_conf *conf);

/* A rule of pkcs11.keys: a secret, or all secrets that a pattern matches, that hold a private key
 * or certificates to use, or one secret that holds an AES key. The texts are "" where the rule says
 * nothing. */
#define STORE_USAGE_SIGN 1u
#define STORE_USAGE_DECRYPT 2u       /* RSA with OAEP; AES */
#define STORE_USAGE_DECRYPT_PKCS1 4u /* RSA with the padding of PKCS#1 v1.5 */
#define STORE_USAGE_RAW 8u           /* RSA without padding, in either direction */
#define STORE_USAGE_DERIVE 16u       /* ECDH */
#define STORE_USAGE_ENCRYPT 32u      /* this and the next two: AES */
#define STORE_USAGE_WRAP 64u
#define STORE_USAGE_UNWRAP 128u
#define STORE_RULE_ID_MAX 64
#define STORE_RULE_LABEL_MAX 127

struct store_conf_rule {
    char pattern[STORE_KEY_MAX + 1];      /* a scope key; '*' is any text without '/' */
    char label[STORE_RULE_LABEL_MAX + 1]; /* of an exact key: the objects' CKA_LABEL */
    unsigned char id[STORE_RULE_ID_MAX];  /* likewise: their CKA_ID */
    size_t id_len;
    unsigned usage;                      /* STORE_USAGE_… bits */
    bool sensitive;                      /* the module never gives out the secret's value */
    bool always_authenticate;            /* each use of the private or AES key needs a login */
    const char *encoding;                /* of an AES key: "hex", "base64" or "raw"; else NULL */
    char passphrase[STORE_KEY_MAX + 1];  /* the secret with the passphrase */
    char certificate[STORE_KEY_MAX + 1]; /* the secret with the certificates */
};

/* Rule `index` for key pairs, NULL past the last; and the first that matches a key, NULL if none
 * does, or the key is for AES. */
const struct store_conf_rule *store_conf_rule_at(const struct store_conf *conf, size_t index);
const struct store_conf_rule *store_conf_rule_find(const struct store_conf *conf, const char *key);

/* The same of the rules for AES keys, whose patterns are keys. */
const struct store_conf_rule *store_conf_aes_at(const struct store_conf *conf, size_t index);
const struct store_conf_rule *store_conf_aes_find(const struct store_conf *conf, const char *key);

/* Calls `each` for every setting of this token's backend, with its origin in words ("default",
 * "environment variable X", "file /etc/sideseat/sideseat.json"). A secret setting has a NULL
 * `value` and a `secret`; any other a NULL `secret`. Skips unset settings. */
typedef void store_conf_each_fn(void *arg, const char *path, const char *value,
                                const struct store_secret *secret, const char *origin);
void store_conf_each(const struct store_conf *conf, store_conf_each_fn *each, void *arg);

/* Logs, each once, the warnings from reading the configuration; for the first use of a token.
 * Loading alone logs only mistakes. store_open calls this. */
void store_conf_warn(const struct store_conf *conf);

/* For the store process, which receives its settings over the socket: starts a conf with a label
 * and a backend, then adds the settings that store_conf_each gave at the other end (with all
 * checks). The set holds this one token. */
enum store_err store_conf_begin(struct store_conf_set **out, const char *label,
                                const char *backend) STORE_CHECKED;
enum store_err store_conf_put(struct store_conf_set *set, const char *path, const void *value,
                              size_t len, const char *origin) STORE_CHECKED;

/* SIDESEAT_PKCS11_LOG and SIDESEAT_PKCS11_LOG_FILE (NULL when unset), for store_log_open. */
const char *store_conf_log_level(void);
const char *store_conf_log_file(void);

#endif
