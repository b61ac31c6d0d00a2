/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/binding.h"

#include <stdlib.h>
#include <string.h>

#include "store/scope.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/dotenv.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"
#include "tools/sideseat-secrets/variable.h"

static void clear(struct binding *binding)
{
    free(binding->variable);
    free(binding->key);
    uri_free(&binding->uri);
    store_secret_wipe(&binding->value);
}

void binding_free(struct bindings *bindings)
{
    for (size_t i = 0; i < bindings->count; i++)
        clear(&bindings->all[i]);
    free(bindings->all);
    memset(bindings, 0, sizeof *bindings);
}

static struct binding *find(struct bindings *bindings, const char *variable)
{
    for (size_t i = 0; i < bindings->count; i++)
        if (strcmp(bindings->all[i].variable, variable) == 0)
            return &bindings->all[i];
    return NULL;
}

/* Prints what is wrong with a pair of a file. Its text may be a value in the place of a key, and is
 * not shown. */
static enum outcome refuse_listed(const struct binding *binding, const char *variable,
                                  const char *fault, enum outcome outcome)
{
    outcome_print("%s, line %zu: %s: %s; a pair has a key or a pkcs11: URI, and values themselves "
                  "are read by: sideseat-secrets import",
                  binding->path, binding->line, variable, fault);
    return outcome;
}

static enum outcome fill(struct binding *binding, const char *variable, const char *key)
{
    char reason[URI_REASON_SIZE];

    if (uri_is(key) && !uri_parse(key, &binding->uri, reason)) {
        if (binding->path != NULL)
            return refuse_listed(binding, variable, reason, OUTCOME_USAGE);
        outcome_print("cannot use '%.*s' for %s: %s", uri_shown(key), key, variable, reason);
        return OUTCOME_USAGE;
    }
    if (binding->uri.class == CKO_SECRET_KEY) {
        outcome_print("the URI for %s names a signing key; type=data names the secret", variable);
        return OUTCOME_USAGE;
    }
    binding->variable = strdup(variable);
    binding->key = strdup(binding->uri.parsed == NULL ? key : binding->uri.label);
    return binding->variable == NULL || binding->key == NULL ? outcome_no_memory() : OUTCOME_OK;
}

/* A place for the pair, in `out`: a new one, or that of a weaker one or of an earlier file. NULL: a
 * stronger one has it. */
static enum outcome make_place(struct bindings *bindings, const struct binding *binding,
                               struct binding **out)
{
    struct binding *more;

    *out = find(bindings, binding->variable);
    if (*out != NULL && (*out)->rank == binding->rank && binding->path == NULL) {
        if (binding->rank == BINDING_ALL)
            outcome_print(
                "%s and %s become one variable, %s; rename one of them, or choose one with "
                "run --env %s=KEY",
                (*out)->key, binding->key, binding->variable, binding->variable);
        else
            outcome_print("%s is given twice; leave one of the pairs out", binding->variable);
        *out = NULL;
        return OUTCOME_USAGE;
    }
    if (*out != NULL && (*out)->rank > binding->rank) {
        *out = NULL;
        return OUTCOME_OK;
    }
    if (*out != NULL) {
        clear(*out);
        return OUTCOME_OK;
    }
    more = reallocarray(bindings->all, bindings->count + 1, sizeof *more);
    if (more == NULL)
        return outcome_no_memory();
    bindings->all = more;
    *out = &more[bindings->count++];
    return OUTCOME_OK;
}

/* Adds `binding`, with the variable and the key, which may be a URI; without `value` it is read
 * later. Leaves out a weaker pair; USAGE if it is given twice. */
static enum outcome add(struct bindings *bindings, const char *variable, const char *key,
                        struct binding binding, const struct store_secret *value)
{
    struct binding *place = NULL;
    enum outcome outcome = fill(&binding, variable, key);

    if (outcome == OUTCOME_OK)
        outcome = make_place(bindings, &binding, &place);
    if (place == NULL) {
        clear(&binding);
        return outcome;
    }
    binding.read = value != NULL;
    if (value != NULL)
        store_secret_share(&binding.value, value);
    memcpy(place, &binding, sizeof binding); /* moved */
    return OUTCOME_OK;
}

/* --env NAME=KEY and --file NAME=KEY */
static enum outcome add_given(struct bindings *bindings, const char *text, bool as_file)
{
    const char *equals = strchr(text, '=');
    enum outcome outcome;
    char *name;

    if (equals == NULL || equals == text || equals[1] == '\0') {
        outcome_print("--%s takes NAME=KEY, not '%s'", as_file ? "file" : "env", text);
        return OUTCOME_USAGE;
    }
    name = strndup(text, (size_t)(equals - text));
    if (name == NULL)
        return outcome_no_memory();
    outcome = add(bindings, name, equals + 1,
                  (struct binding){.rank = BINDING_GIVEN, .as_file = as_file}, NULL);
    free(name);
    return outcome;
}

/* Where pairs of a file go to, and what names it. */
struct listed {
    struct bindings *bindings;
    const char *path;
};

static enum outcome add_listed(void *arg, size_t line, const char *name,
                               const struct store_secret *value)
{
    const struct listed *listed = arg;
    char key[LABEL_SIZE];

    if (strchr(name, '=') != NULL || value->len == 0 || value->len >= sizeof key ||
        memchr(value->data, '\0', value->len) != NULL) {
        outcome_print("%s, line %zu, is not NAME=KEY", listed->path, line);
        return OUTCOME_USAGE;
    }
    memcpy(key, value->data, value->len);
    key[value->len] = '\0';
    return add(listed->bindings, name, key,
               (struct binding){.rank = BINDING_LISTED, .path = listed->path, .line = line}, NULL);
}

static enum outcome add_file(struct bindings *bindings, const char *path)
{
    struct listed listed = {bindings, path};
    AUTO_SECRET text = {0};

    STEP(input_read_file(path, &text));
    return dotenv_parse(path, &text, add_listed, &listed);
}

/* True for a name that is to be looked up along the scopes. */
static bool is_bare_name(const struct binding *binding)
{
    return binding->uri.parsed == NULL &&
           store_scope_parse(binding->key, strlen(binding->key), NULL) != STORE_OK;
}

/* True if a pair that was given explicitly has the key, which is known by its parts, too. */
static bool is_given(const struct bindings *bindings, const char *key,
                     const struct store_scope_key *parts)
{
    for (size_t i = 0; i < bindings->count; i++) {
        const struct binding *one = &bindings->all[i];
        const char *other = is_bare_name(one) ? parts->name : key;

        if (one->rank != BINDING_ALL && strcmp(one->key, other) == 0)
            return true;
    }
    return false;
}

/* The names of one scope, which those of the scopes before it hide. */
struct scoped {
    struct bindings found;
    struct bindings *before;
};

static enum outcome add_scoped(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                               const char *key)
{
    struct scoped *scoped = arg;
    struct store_scope_key parts;
    char variable[LABEL_SIZE];
    AUTO_SECRET value = {0};
    bool named;
    CK_RV rv;

    if (store_scope_parse(key, strlen(key), &parts) != STORE_OK)
        return OUTCOME_OK;
    named = variable_of_name(parts.name, variable, sizeof variable);
    if (named && find(scoped->before, variable) != NULL)
        return OUTCOME_OK;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK; /* deleted, although the store still lists it */
    if ((!named || variable_obeyed_by(variable) != NULL) && is_given(scoped->before, key, &parts))
        return OUTCOME_OK;
    if (!named) {
        outcome_print(
            "%s cannot be the name of a variable; run --env NAME=KEY can give it another, "
            "and export --format json needs none",
            key);
        return OUTCOME_USAGE;
    }
    if (variable_obeyed_by(variable) != NULL) {
        outcome_print("%s would be the variable %s, which %s obeys when it chooses the code to run "
                      "or the peers to trust; if you want that, give it with run --env",
                      key, variable, variable_obeyed_by(variable));
        return OUTCOME_USAGE;
    }
    if (rv != CKR_OK)
        return outcome_of_rv("read", key, rv);
    return add(&scoped->found, variable, key, (struct binding){.rank = BINDING_ALL}, &value);
}

enum outcome binding_add_scope(struct bindings *bindings, struct client *client, const char *scope)
{
    struct scoped scoped = {.before = bindings};
    enum outcome outcome = search_scope(client, scope, add_scoped, &scoped);

    for (size_t i = 0; outcome == OUTCOME_OK && i < scoped.found.count; i++) {
        const struct binding *one = &scoped.found.all[i];
        outcome = add(bindings, one->variable, one->key, (struct binding){.rank = BINDING_ALL},
                      &one->value);
    }
    binding_free(&scoped.found);
    return outcome;
}

enum outcome binding_add_options(struct bindings *bindings, struct client *client,
                                 const struct request *request)
{
    bool all = false;

    for (size_t i = 0; i < request->option_count; i++) {
        const struct request_option *option = &request->options[i];

        all = all || option->key == OPTION_ALL;
        if (option->key == OPTION_ENV || option->key == OPTION_AS_FILE)
            STEP(add_given(bindings, option->text, option->key == OPTION_AS_FILE));
        else if (option->key == OPTION_ENV_FILE)
            STEP(add_file(bindings, option->text));
    }
    if (all && request->scope_count == 0) {
        outcome_print("--all takes the names of a scope; add --scope");
        return OUTCOME_USAGE;
    }
    if (all) {
        static const struct uri any;

        STEP(client_use(client, request, &any, CLIENT_READ));
    }
    for (size_t i = 0; all && i < request->scope_count; i++)
        STEP(binding_add_scope(bindings, client, request->scopes[i]));
    return all ? status_whole(client) : OUTCOME_OK;
}

static enum outcome read_value(struct binding *binding, struct client *client,
                               const struct request *request)
{
    bool along = request->scope_count > 0 && is_bare_name(binding);
    CK_OBJECT_HANDLE object = 0;

    STEP(field_read(client, request, binding->key, &binding->uri, along, &object, &binding->value));
    binding->read = true;
    return OUTCOME_OK;
}

/* Reads the secret of a pair. An error shows the text of a file only if that is a key. */
static enum outcome read_one(struct binding *binding, struct client *client,
                             const struct request *request)
{
    enum outcome outcome;
    bool before;

    if (binding->path == NULL || !is_bare_name(binding))
        return read_value(binding, client, request);
    before = outcome_silence(true);
    outcome = read_value(binding, client, request);
    (void)outcome_silence(before);
    if (outcome == OUTCOME_OK)
        return OUTCOME_OK;
    if (outcome == OUTCOME_NOT_FOUND)
        return refuse_listed(binding, binding->variable, "no secret has the key there", outcome);
    if (outcome == OUTCOME_USAGE)
        return refuse_listed(binding, binding->variable, "the text there is not a key", outcome);
    outcome_print("%s, line %zu: the secret for %s cannot be read; sideseat-secrets get with its "
                  "key tells why",
                  binding->path, binding->line, binding->variable);
    return outcome;
}

enum outcome binding_read(struct bindings *bindings, struct client *client,
                          const struct request *request)
{
    enum outcome first = OUTCOME_OK;

    for (size_t i = 0; i < bindings->count; i++) {
        enum outcome outcome = OUTCOME_OK;

        if (!bindings->all[i].read)
            outcome = read_one(&bindings->all[i], client, request);
        if (first == OUTCOME_OK)
            first = outcome;
    }
    return first;
}
