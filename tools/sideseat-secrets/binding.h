/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_BINDING_H
#define TOOLS_SIDESEAT_SECRETS_BINDING_H

#include "store/secret.h"
#include "tools/sideseat-secrets/client.h"

/* Variables of a program and the secrets that they stand for. */

/* The origin of a pair: a stronger one replaces a weaker one of the same variable. */
enum binding_rank { BINDING_ALL, BINDING_LISTED, BINDING_GIVEN };

struct binding {
    char *variable;
    char *key; /* as given, or the label of `uri` */
    struct uri uri;
    enum binding_rank rank;
    const char *path; /* of the file that lists it; NULL: none does */
    size_t line;
    bool as_file; /* the variable holds the path of a file in memory */
    bool read;    /* `value` is there */
    struct store_secret value;
};

/* Zero-initialized is empty. */
struct bindings {
    struct binding *all;
    size_t count;
};

/* Adds a pair for each secret of the scope whose variable is not there yet. */
enum outcome binding_add_scope(struct bindings *bindings, struct client *client,
                               const char *scope) STORE_CHECKED;

/* Adds the pairs that the options --env, --file and --env-file give, and those of --all. */
enum outcome binding_add_options(struct bindings *bindings, struct client *client,
                                 const struct request *request) STORE_CHECKED;

/* Reads the values that are not there, each in its token; a name without a scope is looked up along
 * the scopes of the request. Prints every secret that cannot be read; gives the first outcome. */
enum outcome binding_read(struct bindings *bindings, struct client *client,
                          const struct request *request) STORE_CHECKED;

void binding_free(struct bindings *bindings);

#define AUTO_BINDINGS __attribute__((cleanup(binding_free))) struct bindings

#endif
