/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "store/scope.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/document.h"
#include "tools/sideseat-secrets/dotenv.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/transfer.h"
#include "tools/sideseat-secrets/variable.h"

/* A file that is read, and the scope of names without one. */
struct import {
    struct transfer transfer;
    const char *path;
    const char *scope;
};

/* Adds a secret of a JSON text: a whole key stays as it is. */
static enum outcome add_named(void *arg, const char *name, const struct store_secret *value)
{
    struct import *import = arg;
    char key[2 * LABEL_SIZE];

    if (value->len == 0) {
        outcome_print("warning: %s is left out: a secret cannot be empty", name);
        return OUTCOME_OK;
    }
    if (store_scope_parse(name, strlen(name), NULL) == STORE_OK)
        return transfer_add(&import->transfer, name, value);
    (void)snprintf(key, sizeof key, "%s/%s", import->scope, name);
    return transfer_add(&import->transfer, key, value);
}

/* Adds a variable of a .env file. */
static enum outcome add_variable(void *arg, size_t line, const char *name,
                                 const struct store_secret *value)
{
    struct import *import = arg;
    char lower[LABEL_SIZE];

    if (variable_to_name(name, lower, sizeof lower) && strchr(lower, '/') == NULL)
        return add_named(import, lower, value);
    /* which may be the second line of a value */
    outcome_print("%s, line %zu: the name there cannot be a key; rename the variable, or put "
                  "quotes around a value of several lines",
                  import->path, line);
    return OUTCOME_USAGE;
}

/* True for JSON: what --format says, else the text's first character. */
static enum outcome choose_format(const struct request *request, const struct store_secret *text,
                                  bool *json)
{
    const char *format = option_text(request, OPTION_FORMAT);
    size_t at = 0;

    while (at < text->len && memchr("\xef\xbb\xbf \t\r\n", text->data[at], 7) != NULL)
        at++;
    *json = at < text->len && text->data[at] == '{';
    if (format == NULL)
        return OUTCOME_OK;
    *json = strcmp(format, "json") == 0;
    if (*json || strcmp(format, "env") == 0)
        return OUTCOME_OK;
    outcome_print("no format '%s' to import; there are env and json", format);
    return OUTCOME_USAGE;
}

static enum outcome read_file(const struct request *request, struct import *import)
{
    AUTO_SECRET text = {0};
    bool json = false;

    if (import->path == NULL)
        STEP(input_read(&text));
    else
        STEP(input_read_file(import->path, &text));
    import->path = import->path == NULL ? "standard input" : import->path;
    STEP(choose_format(request, &text, &json));
    if (json)
        STEP(document_parse(import->path, &text, add_named, import));
    else
        STEP(dotenv_parse(import->path, &text, add_variable, import));
    return transfer_sort(&import->transfer);
}

static enum outcome run_steps(const struct request *request, struct import *import)
{
    AUTO_CLIENT client = {0};

    STEP(transfer_take_options(&import->transfer, request, "import"));
    import->scope = request->scope_count == 0 ? "global" : request->scopes[0];
    if (request->scope_count > 1) {
        outcome_print("import takes one scope: global, org/ID, project/ID or user/ID");
        return OUTCOME_USAGE;
    }
    STEP(read_file(request, import));
    STEP(client_open(&client, request, import->transfer.dry ? CLIENT_READ : CLIENT_WRITE));
    STEP(transfer_write(&import->transfer, &client));
    if (!import->transfer.dry) {
        /* a module that starts anew reads from the store */
        client_close(&client);
        STEP(client_open(&client, request, CLIENT_READ));
        STEP(transfer_verify(&import->transfer, &client));
    }
    return transfer_tell(&import->transfer, request);
}

enum outcome command_import(const struct request *request)
{
    struct import import = {.path = request->places[0]};
    enum outcome outcome = run_steps(request, &import);

    transfer_free(&import.transfer);
    return outcome;
}
