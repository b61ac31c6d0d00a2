/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_REQUIREMENT_H
#define TOOLS_SIDESEAT_SECRETS_REQUIREMENT_H

#include <jansson.h>

#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/random.h"

/* Secrets that a program needs, and the form of their values. */

enum requirement_form { REQUIREMENT_ANY, REQUIREMENT_HEX, REQUIREMENT_BASE64, REQUIREMENT_TEXT };

struct requirement {
    const char *key;
    const char *description; /* NULL: none */
    enum requirement_form form;
    size_t least; /* bytes of the value */
    size_t most;
    const char *pattern; /* a POSIX extended regular expression for the whole value; NULL: none */
    bool optional;
    bool inside;                            /* the module can make it */
    const struct random_alphabet *alphabet; /* otherwise it is made of this; NULL: by a person */
    size_t length;                          /* in characters or words of it */
};

/* Zero-initialized is empty. */
struct requirements {
    struct requirement *all;
    size_t count;
    json_t *document; /* has the texts; NULL: they are the request's */
};

/* Reads the member "required" of a JSON file: {KEY: {"form", "length", ...}}. USAGE, which is
 * printed, for a file that is not such a manifest. */
enum outcome requirement_read(struct requirements *out, const char *path) STORE_CHECKED;

/* The same from the member "required" of the user's configuration file, else of the system's. Takes
 * nothing if neither has one. */
enum outcome requirement_find(struct requirements *out) STORE_CHECKED;

/* The keys, as secrets that the module can make and use. */
enum outcome requirement_of_keys(struct requirements *out, const char *const *keys,
                                 size_t count) STORE_CHECKED;

/* Where requirement_check has looked. */
struct requirement_state {
    bool unchecked; /* the manifest has a form, but the value is not given out */
    bool field;     /* the key is KEY#FIELD of a secret that exists, which no command makes */
};

/* Looks at the secret, or the field: OK, NOT_FOUND (not printed for a secret), DAMAGED with a
 * printed reason for a value of another form, or another failure. */
enum outcome requirement_check(const struct requirement *requirement, struct client *client,
                               struct requirement_state *state) STORE_CHECKED;

/* Makes a random value of the alphabet and the form. `member` gets the member of the manifest that
 * no such value fits; NULL if there is a value, or after a failure that is printed. */
enum outcome requirement_draw(const struct requirement *requirement, struct store_secret *out,
                              const char **member) STORE_CHECKED;

/* Makes the secret if there is none: the module's answer, once there is a value. */
enum outcome requirement_make(const struct requirement *requirement, struct client *client,
                              CK_RV *rv) STORE_CHECKED;

void requirement_free(struct requirements *requirements);

#endif
