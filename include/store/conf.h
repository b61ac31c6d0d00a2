/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONF_H
#define STORE_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The configuration: read once, checked, then never changed. One table (conf/settings.c) names
 * every setting with its JSON path, type, limits, default, environment variables and a line of
 * help; everything else (checks, `status`, the manual page) is driven by it.
 *
 * A setting is named by its JSON path without the section: "vault.address" is secrets.vault.address
 * in the file (a token of pkcs11.tokens may carry a "vault" object of its own, which wins), and
 * "cache.ttl_s" is pkcs11.cache.ttl_s.
 *
 * Threads: read by any number at once. Returned pointers live as long as the conf.
 */
struct store_conf;     /* one token's settings */
struct store_conf_set; /* the tokens */

/*
 * Reads the configuration: arguments > environment > file > platform. `arguments` is the string of
 * C_Initialize's pReserved ("backend=vault vault.address=https://…"), or NULL. Logs each mistake
 * with the file, the JSON path and what would be right, and returns BAD_CONF. Never reads from the
 * current folder, never touches the network. In a privileged process (store/user.h) only root's
 * files in the system's folder count, and neither environment nor home.
 */
enum store_err store_conf_load(struct store_conf_set **out, const char *arguments) STORE_CHECKED;
void store_conf_free(struct store_conf_set *set); /* accepts NULL */

/* The tokens, in order: at least one, at most 48. `index` < store_conf_count(). */
size_t store_conf_count(const struct store_conf_set *set);
const struct store_conf *store_conf_at(const struct store_conf_set *set, size_t index);

const char *store_conf_label(const struct store_conf *conf);   /* 1 to 32 bytes of UTF-8 */
const char *store_conf_backend(const struct store_conf *conf); /* a name of the registry */

/* Where the choice of backend comes from, in words for people: "environment variable
 * SIDESEAT_SECRETS_BACKEND", "platform: no D-Bus session bus, so the file". */
const char *store_conf_backend_origin(const struct store_conf *conf);

/* A text setting; NULL when it is neither set nor has a default. */
const char *store_conf_text(const struct store_conf *conf, const char *path);

/* A number, in the unit its path ends with (_s, _ms, _days, or a plain count). */
long store_conf_number(const struct store_conf *conf, const char *path);

bool store_conf_flag(const struct store_conf *conf, const char *path);

/* A setting that is a secret, such as "vault.token"; empty when not set. */
const struct store_secret *store_conf_secret(const struct store_conf *conf, const char *path);

/* The folder for sideseat's data: SIDESEAT_DATA_DIR, else $XDG_DATA_HOME/sideseat, else
 * ~/.local/share/sideseat. NULL when there is no home folder. Not created here. */
const char *store_conf_data_dir(const struct store_conf *conf);

/* The keys that sign without being read (pkcs11.hmac_keys), in order; NULL past the last.
 * `encoding` is "hex", "base64" or "raw". */
const char *store_conf_hmac_key(const struct store_conf *conf, size_t index, const char **encoding);

/* Whether pkcs11.sensitive lists this scope key: its value is never given out. */
bool store_conf_sensitive(const struct store_conf *conf, const char *key);

/* Every setting that applies to this token's backend, with its origin in words ("default",
 * "environment variable X", "file /etc/sideseat/sideseat.json"). `value` of a secret is NULL and
 * `secret` is given instead; otherwise `secret` is NULL. Unset settings are left out. */
typedef void store_conf_each_fn(void *arg, const char *path, const char *value,
                                const struct store_secret *secret, const char *origin);
void store_conf_each(const struct store_conf *conf, store_conf_each_fn *each, void *arg);

/* Logs, each once, the warnings that reading the configuration gave; for the first use of a token.
 * Loading by itself logs mistakes only. Called by store_open. */
void store_conf_warn(const struct store_conf *conf);

/* For the store process, which gets its settings over the socket: begins a conf with a label and
 * a backend, and adds what store_conf_each gave at the other end (values are checked as ever).
 * The set holds this one token. */
enum store_err store_conf_begin(struct store_conf_set **out, const char *label,
                                const char *backend) STORE_CHECKED;
enum store_err store_conf_put(struct store_conf_set *set, const char *path, const void *value,
                              size_t len, const char *origin) STORE_CHECKED;

/* SIDESEAT_PKCS11_LOG and SIDESEAT_PKCS11_LOG_FILE (NULL when unset), for store_log_open. */
const char *store_conf_log_level(void);
const char *store_conf_log_file(void);

#endif
