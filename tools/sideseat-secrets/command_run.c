/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/programs/memory_file.h"
#include "platform/system.h"
#include "tools/sideseat-secrets/binding.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/process.h"

/* The program's variables: `all` points into `texts` ("NAME=value" with its end) and the
 * environment. */
struct variables {
    char **all;
    size_t count;
    struct store_secret *texts;
    size_t text_count;
};

static void variables_free(struct variables *variables)
{
    for (size_t i = 0; i < variables->text_count; i++)
        store_secret_wipe(&variables->texts[i]);
    free(variables->texts);
    free(variables->all);
}

#define AUTO_VARIABLES __attribute__((cleanup(variables_free))) struct variables

/* Makes a file in memory that nobody can change, and its path. The program inherits it. */
static enum outcome make_file(const struct binding *binding, char *path, size_t size)
{
    int error = platform_memory_file(binding->value.data, binding->value.len, path, size);

    if (error == 0)
        return OUTCOME_OK;
    if (error == ENOTSUP) {
        outcome_print("%s cannot be a file: this system has none that never touches a disk; "
                      "use --env %s=%s",
                      binding->key, binding->variable, binding->key);
        return OUTCOME_USAGE;
    }
    outcome_print("cannot make a file in memory for %s: %s", binding->key, strerror(error));
    return OUTCOME_FAILED;
}

static enum outcome add_variable(struct variables *variables, const struct binding *binding)
{
    struct store_secret *text = &variables->texts[variables->text_count++];
    const void *value = binding->value.data;
    size_t len = binding->value.len;
    unsigned char *bytes = NULL;
    char path[32];

    if (binding->as_file) {
        STEP(make_file(binding, path, sizeof path));
        value = path;
        len = strlen(path);
    } else if (len > 0 && memchr(value, '\0', len) != NULL) {
        outcome_print("%s has a zero byte, which no variable can hold; use --file %s=%s",
                      binding->key, binding->variable, binding->key);
        return OUTCOME_USAGE;
    }
    if (store_secret_append(text, binding->variable, strlen(binding->variable)) != STORE_OK ||
        store_secret_append(text, "=", 1) != STORE_OK ||
        store_secret_append(text, value, len) != STORE_OK ||
        store_secret_append(text, "", 1) != STORE_OK ||
        store_secret_resize(text, text->len, &bytes) != STORE_OK)
        return outcome_no_memory();
    variables->all[variables->count++] = (char *)bytes;
    return OUTCOME_OK;
}

static bool is_replaced(const struct bindings *bindings, const char *entry)
{
    for (size_t i = 0; i < bindings->count; i++) {
        size_t len = strlen(bindings->all[i].variable);
        if (strncmp(entry, bindings->all[i].variable, len) == 0 && entry[len] == '=')
            return true;
    }
    return false;
}

/* The variables of this process, without those that are replaced, and the secrets. */
static enum outcome build(struct variables *variables, const struct bindings *bindings, bool clean)
{
    char **inherited = platform_environ();
    size_t old = 0;

    while (inherited != NULL && inherited[old] != NULL)
        old++;
    variables->all = calloc(old + bindings->count + 1, sizeof *variables->all);
    variables->texts = calloc(bindings->count + 1, sizeof *variables->texts);
    if (variables->all == NULL || variables->texts == NULL)
        return outcome_no_memory();
    for (size_t i = 0; !clean && i < old; i++)
        if (!is_replaced(bindings, inherited[i]))
            variables->all[variables->count++] = inherited[i];
    for (size_t i = 0; i < bindings->count; i++)
        STEP(add_variable(variables, &bindings->all[i]));
    return OUTCOME_OK;
}

static enum outcome read_all(struct bindings *bindings, const struct request *request)
{
    AUTO_CLIENT client = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(binding_add_options(bindings, &client, request));
    return binding_read(bindings, &client, request);
}

struct held {
    struct bindings *bindings;
    struct variables *variables;
};

/* Where the program has them and this process stays beside it. */
static void forget(void *arg)
{
    struct held *held = arg;

    binding_free(held->bindings);
    variables_free(held->variables);
    *held->variables = (struct variables){0};
}

enum outcome command_run(const struct request *request)
{
    AUTO_BINDINGS bindings = {0};
    AUTO_VARIABLES variables = {0};

    /* the module has ended once this returns */
    STEP(read_all(&bindings, request));
    STEP(build(&variables, &bindings, option_given(request, OPTION_CLEAN)));
    outcome_end(OUTCOME_OK);
    return process_become(request->program, variables.all, forget,
                          &(struct held){&bindings, &variables});
}
