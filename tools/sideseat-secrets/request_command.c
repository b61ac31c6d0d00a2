/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/request_command.h"

#include <stdio.h>
#include <string.h>

#include "store/scope.h"
#include "tools/sideseat-secrets/algorithm.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/ecdsa.h"
#include "tools/sideseat-secrets/refuse.h"

static void choose_algorithm(struct request *request, const char *name,
                             const struct argp_state *state)
{
    bool jws = request->command->run == command_jwt;
    char names[ALGORITHM_NAMES_SIZE];

    request->algorithm = algorithm_find(name, jws);
    algorithm_all_names(jws, names);
    if (request->algorithm == NULL)
        refuse(state, "no algorithm '%s'; there are %s", name, names);
}

static void choose_encoding(struct request *request, const char *name,
                            const struct argp_state *state)
{
    static const char *const names[] = {
        [REQUEST_HEX] = "hex",
        [REQUEST_BASE64URL] = "base64url",
        [REQUEST_RAW] = "raw",
        [REQUEST_DER] = "der",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0 && i == REQUEST_DER && ecdsa_missing != NULL)
            refuse(state, "--encoding der %s", ecdsa_missing);
        if (strcmp(name, names[i]) == 0) {
            request->encoding = (enum request_encoding)i;
            return;
        }
    }
    refuse(state, "no encoding '%s'; there are hex, base64url, raw and der", name);
}

static void take_key(struct request *request, const char *text, const struct argp_state *state)
{
    struct uri *uri = &request->uris[request->key_count];
    char reason[URI_REASON_SIZE];

    request->keys[request->key_count] = text;
    if (uri_is(text)) {
        if (!uri_parse(text, uri, reason))
            refuse(state, "cannot use '%.*s': %s", uri_shown(text), text, reason);
        request->keys[request->key_count] = uri->label;
    }
    request->key_count++;
    if (uri_is(text) && uri->class != CKO_DATA && (request->command->flags & COMMAND_SIGNS) == 0)
        refuse(state, "'%s' names a signing key; type=data names the secret", text);
}

static void add_key(struct request *request, const char *text, struct argp_state *state)
{
    const struct command *command = request->command;
    size_t places = (command->flags & COMMAND_WORDS) != 0    ? 3
                    : (command->flags & COMMAND_TOKENS) != 0 ? 2
                    : (command->flags & COMMAND_PLACE) != 0  ? 1
                                                             : 0;

    if (request->place_count < places) {
        request->places[request->place_count++] = text;
        return;
    }
    if (request->key_count == command->keys_max && (command->flags & COMMAND_RUNS) != 0) {
        request->program = &state->argv[state->next - 1];
        state->next = state->argc; /* the rest is the program's */
        return;
    }
    if (text[0] == '\0')
        refuse(state, "a key is not empty, but %s", REQUEST_KEY_FORMS);
    else if (request->key_count < command->keys_max)
        take_key(request, text, state);
    else if ((request->command->flags & COMMAND_FILE) != 0 && request->file == NULL)
        request->file = text;
    else if (request->command->run == command_set)
        refuse(state, "the value is read from standard input, never from the command line, "
                      "where every user of this machine could see it");
    else
        refuse(state, "too many arguments, from '%s' on", text);
}

static bool is_given(const struct request *request, const char *scope)
{
    for (size_t i = 0; i < request->scope_count; i++)
        if (strcmp(request->scopes[i], scope) == 0)
            return true;
    return false;
}

static void add_scope(struct request *request, const char *text, struct argp_state *state)
{
    if (request->scope_count == REQUEST_SCOPES_MAX)
        refuse(state, "more than %d scopes", REQUEST_SCOPES_MAX);
    else if ((request->command->run == command_get || request->command->run == command_run) &&
             strchr(text, ',') != NULL)
        refuse(state, "a scope to look a name up in has no comma: '%s'", text);
    else if (!is_given(request, text))
        request->scopes[request->scope_count++] = text;
}

static void set_version(struct request *request, const char *version,
                        const struct argp_state *state)
{
    if (request->if_version != NULL)
        refuse(state, "--create and --if-version exclude each other and are given once");
    if (version[0] == '\0')
        refuse(state, "a version is not empty; a store that shows none cannot compare");
    request->if_version = version;
}

/* True if a key with a scope is to be looked up along scopes none of which can have such a name. */
static bool has_other_scope(const struct request *request, size_t index)
{
    const char *key = request->keys[index];
    char inner[2 * STORE_KEY_MAX + 2];

    if (request->scope_count == 0 || request->uris[index].parsed != NULL ||
        store_scope_parse(key, strlen(key), NULL) != STORE_OK)
        return false;
    for (size_t i = 0; i < request->scope_count; i++) {
        (void)snprintf(inner, sizeof inner, "%s/%s", request->scopes[i], key);
        if (store_scope_parse(inner, strlen(inner), NULL) == STORE_OK)
            return false;
    }
    return true;
}

/* True for "org" or "org/", which is the scopes of all organizations. */
static bool lacks_id(const char *scope)
{
    return strcmp(scope, "global") != 0 && strcspn(scope, "/") + 1 >= strlen(scope);
}

/* Refuses scopes that are none, before a store is asked. Keys are the module's to judge: another
 * module's labels are free. */
static void check_scopes(const struct request *request, const struct argp_state *state)
{
    const struct command *command = request->command;
    bool one = command->run == command_get || command->run == command_run ||
               command->run == command_import; /* each scope has one secret of a name */
    char prefix[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->scope_count; i++) {
        const char *scope = request->scopes[i];
        if (store_scope_prefix(scope, strlen(scope), prefix) == STORE_OK &&
            !(one && lacks_id(scope)))
            continue;
        refuse(state, "'%s' is not a scope; there are global, org/ID, project/ID and user/ID",
               scope);
    }
    for (size_t i = 0; i < request->key_count; i++)
        if (has_other_scope(request, i))
            refuse(state, "-s looks up a bare NAME, and '%s' has a scope already; leave out one",
                   request->keys[i]);
}

error_t request_parse_command(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = request;
        return 0;
    case 's':
        add_scope(request, text, state);
        return 0;
    case 'd':
        request->details = true;
        return 0;
    case 'n':
        request->strip_newline = true;
        return 0;
    case 'a':
        choose_algorithm(request, text, state);
        return 0;
    case OPTION_ENCODING:
        choose_encoding(request, text, state);
        return 0;
    case OPTION_TOKENS:
        request->tokens = true;
        return 0;
    case OPTION_RAW:
        request->raw = true;
        return 0;
    case OPTION_CREATE:
        set_version(request, "0", state);
        return 0;
    case OPTION_IF_VERSION:
        set_version(request, text, state);
        return 0;
    case ARGP_KEY_ARG:
        add_key(request, text, state);
        return 0;
    case ARGP_KEY_END:
        if (request->key_count < request->command->keys_min &&
            (request->command->flags & COMMAND_PLACE) != 0)
            refuse(state, "%s takes %s", request->command->name, request->command->arguments);
        if (request->key_count < request->command->keys_min)
            refuse(state, "which %.*s?", (int)strcspn(request->command->arguments, "."),
                   request->command->arguments);
        if ((request->command->flags & COMMAND_TOKENS) != 0 && request->place_count < 2)
            refuse(state, "copy takes two tokens: FROM and TO");
        if ((request->command->flags & COMMAND_RUNS) != 0 && request->program == NULL)
            refuse(state, "which program?");
        check_scopes(request, state);
        return 0;
    default:
        if (key <= 0 || key >= OPTION_END)
            return ARGP_ERR_UNKNOWN;
        request->options[request->option_count++] = (struct request_option){key, text};
        return 0;
    }
}
