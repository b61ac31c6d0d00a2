/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/label.h"

static enum outcome ask_twice(struct store_secret *value)
{
    AUTO_SECRET again = {0};

    STEP(input_prompt("Value: ", value));
    STEP(input_prompt("The same again: ", &again));
    if (store_secret_equal(value, again.data, again.len))
        return OUTCOME_OK;
    outcome_print("the two values differ; nothing has changed");
    return OUTCOME_USAGE;
}

/* What echo(1) adds is left out if that was asked for; else it is kept, and a note says so. */
static enum outcome take_newline(const struct request *request, struct store_secret *value)
{
    const unsigned char *first = value->len > 0 ? memchr(value->data, '\n', value->len) : NULL;
    unsigned char *bytes = NULL;

    if (first == NULL || value->data[value->len - 1] != '\n')
        return OUTCOME_OK;
    if (request->strip_newline) {
        enum store_err err = store_secret_resize(value, value->len - 1, &bytes);
        return err == STORE_OK ? OUTCOME_OK : outcome_no_memory();
    }
    /* A text of several lines is meant to end in one. */
    if (first == value->data + value->len - 1)
        outcome_print("note: the value ends in a newline, which is kept; to leave it out: "
                      "--strip-newline");
    return OUTCOME_OK;
}

static enum outcome take_value(const struct request *request, struct store_secret *value)
{
    const char *file = option_text(request, OPTION_FILE);

    if (file == NULL && isatty(STDIN_FILENO)) {
        STEP(ask_twice(value));
    } else {
        STEP(file == NULL ? input_read(value) : input_read_file(file, value));
        STEP(take_newline(request, value));
    }
    if (value->len > 0)
        return OUTCOME_OK;
    outcome_print("a value is at least one byte long; to remove a secret: "
                  "sideseat-secrets delete KEY");
    return OUTCOME_USAGE;
}

static enum outcome refuse_version(const char *key, const char *version)
{
    char reason[LABEL_SIZE];

    if (strcmp(version, "0") == 0)
        return outcome_of_conflict("create", key,
                                   "it exists already, and nothing has changed; to replace it, "
                                   "leave out --create");
    (void)snprintf(reason, sizeof reason,
                   "it is not at version %s, and nothing has changed; read it again with --json, "
                   "and decide",
                   version);
    return outcome_of_conflict("store", key, reason);
}

enum outcome command_set(const struct request *request)
{
    const char *key = request->keys[0];
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(field_refuse(&client, request, 0));
    STEP(take_value(request, &value));
    rv = make_secret(&client, key, &value, request->if_version, &object);
    if (rv == CKR_SIDESEAT_CONFLICT && request->if_version != NULL)
        return refuse_version(key, request->if_version);
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    return request->json ? object_print(&client, object) : OUTCOME_OK;
}
