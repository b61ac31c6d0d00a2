/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* The table of all settings (settings.c), and its look-ups. */

#define SETTINGS_MAX 80 /* more rows than this do not compile */
#define SETTING_ENVIRONMENT_MAX 3

enum setting_type {
    SETTING_TEXT,      /* UTF-8 without control characters */
    SETTING_PATH,      /* as SETTING_TEXT, and an absolute path (platform_path_is_absolute) */
    SETTING_URL,       /* as SETTING_TEXT, http:// or https:// and a host, without a user's name */
    SETTING_NUMBER,    /* a decimal integer */
    SETTING_DURATION,  /* seconds, or with a unit ("250ms", "10s", "2m"); kept in milliseconds */
    SETTING_FLAG,      /* true or false */
    SETTING_CHOICE,    /* one of a list of words */
    SETTING_BACKEND,   /* a name of the registry */
    SETTING_SECRET,    /* text that is never shown */
    SETTING_KEYS,      /* a list of scope keys */
    SETTING_HMAC_KEYS, /* a list of scope keys with an encoding each */
    SETTING_SOCKET,    /* where a shared store process listens: platform_path_is_socket */
    SETTING_TARGET,    /* "syslog", "journal" or a path as SETTING_PATH */
    SETTING_PATTERNS,  /* scope keys or patterns, with a blank between */
    SETTING_RULES      /* a list of scope keys or patterns with members of their own */
};

/* One row. `min` and `max` are for numbers, and for durations in milliseconds. */
struct setting {
    const char *path; /* without the section */
    enum setting_type type;
    long min;
    long max;
    const char *fallback;         /* the default, as text; NULL: none */
    const char *network_fallback; /* the default for vault and aws, if it differs */
    const char *choices;          /* words with a space between */
    const char *environment[SETTING_ENVIRONMENT_MAX]; /* the first that is set wins */
    const char *backends;                             /* names with a space between; NULL: all */
    bool may_be_empty; /* "" is a value, and overrides a less important one */
    bool in_pkcs11;    /* in the section "pkcs11", not "secrets" */
    const char *help;  /* one line */
};

/* Row `index`, NULL past the last. */
const struct setting *setting_at(size_t index);

/* The row's own index, less than SETTINGS_MAX. */
size_t setting_index(const struct setting *setting);

/* The row for `len` bytes of path; NULL if there is none. */
const struct setting *setting_find(const char *path, size_t len);

/* True if a token on `backend` uses the setting. */
bool setting_applies(const struct setting *setting, const char *backend);

/* The default for a token on `backend`, or NULL. */
const char *setting_default(const struct setting *setting, const char *backend);

/* "secrets" or "pkcs11". */
const char *setting_section(const struct setting *setting);

/* Describes a valid value in words: "a number from 7 to 30". */
void setting_describe(const struct setting *setting, char *out, size_t size);

/* True if `word` is one of the words in `words`, which spaces separate. */
bool setting_word_in(const char *words, const char *word);

#endif
