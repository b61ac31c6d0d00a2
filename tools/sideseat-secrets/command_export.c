/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/remedy.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/binding.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/dotenv.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"
#include "tools/sideseat-secrets/transfer.h"

/* Values go only where no other user, and no one who looks at the screen, can read them. */
static enum outcome check_target(const struct request *request)
{
    struct stat target;

    if (option_given(request, OPTION_FORCE))
        return OUTCOME_OK;
    if (fstat(STDOUT_FILENO, &target) == 0 &&
        (S_ISFIFO(target.st_mode) || S_ISSOCK(target.st_mode) ||
         (S_ISREG(target.st_mode) && (target.st_mode & 077) == 0)))
        return OUTCOME_OK;
    outcome_print(
        "values go only to a pipe, or to a file that nobody else can read, such as %s; to "
        "write them here all the same, add --force",
        platform_remedy_new);
    return OUTCOME_USAGE;
}

static int compare(const void *a, const void *b)
{
    const struct binding *one = a;
    const struct binding *other = b;

    return strcmp(one->variable, other->variable);
}

/* export NAME='value', in which a quote is '\'' */
static enum store_err add_shell(struct store_secret *out, const char *name,
                                const struct store_secret *value)
{
    TRY(store_secret_append(out, "export ", 7));
    TRY(store_secret_append(out, name, strlen(name)));
    TRY(store_secret_append(out, "='", 2));
    for (size_t i = 0; i < value->len; i++) {
        if (value->data[i] == '\'')
            TRY(store_secret_append(out, "'\\''", 4));
        else
            TRY(store_secret_append(out, value->data + i, 1));
    }
    return store_secret_append(out, "'\n", 2);
}

static enum outcome add_line(struct store_secret *out, const struct binding *binding, bool shell)
{
    enum store_err err = STORE_OK;
    bool fits = true;

    if (!shell)
        fits = dotenv_add(out, binding->variable, &binding->value, &err);
    else if (binding->value.len > 0 && memchr(binding->value.data, 0, binding->value.len) != NULL)
        fits = false;
    else
        err = add_shell(out, binding->variable, &binding->value);
    if (!fits) {
        outcome_print("%s has a value that this format cannot hold; use --format json",
                      binding->key);
        return OUTCOME_USAGE;
    }
    return err == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

/* The variables of the scopes, by fallback. */
static enum outcome export_variables(struct client *client, const struct request *request,
                                     bool shell)
{
    static const char *const global[] = {"global"};
    const char *const *scopes = request->scope_count > 0 ? request->scopes : global;
    size_t count = request->scope_count > 0 ? request->scope_count : 1;
    AUTO_BINDINGS bindings = {0};
    AUTO_SECRET text = {0};

    for (size_t i = 0; i < count; i++)
        STEP(binding_add_scope(&bindings, client, scopes[i]));
    STEP(status_whole(client));
    if (bindings.count > 0)
        qsort(bindings.all, bindings.count, sizeof *bindings.all, compare);
    for (size_t i = 0; i < bindings.count; i++)
        STEP(add_line(&text, &bindings.all[i], shell));
    return print_bytes(text.data, text.len);
}

static enum outcome take(void *arg, struct client *client, CK_OBJECT_HANDLE object, const char *key)
{
    AUTO_SECRET value = {0};
    CK_RV rv = object_read(client, object, CKA_VALUE, &value);

    if (rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK; /* deleted, although the store still lists it */
    return rv == CKR_OK ? transfer_add(arg, key, &value) : outcome_of_rv("read", key, rv);
}

/* Copies a time of a secret, "" if the token does not tell it. */
static void read_time(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                      char out[STORE_TIME_TEXT_SIZE])
{
    AUTO_SECRET text = {0};

    object_read_optional(client, object, type, &text);
    (void)snprintf(out, STORE_TIME_TEXT_SIZE, "%.*s", (int)text.len,
                   text.len == 0 ? "" : (const char *)text.data);
}

static enum outcome take_with_times(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                                    const char *key)
{
    struct transfer *found = arg;
    struct transfer_item *item;
    size_t before = found->count;

    STEP(take(arg, client, object, key));
    if (found->count == before)
        return OUTCOME_OK;
    item = &found->items[found->count - 1];
    read_time(client, object, CKA_SIDESEAT_CREATED_AT, item->created);
    read_time(client, object, CKA_SIDESEAT_UPDATED_AT, item->updated);
    return OUTCOME_OK;
}

/* A secret as sideseat's own document has it. */
static void print_record(struct print_json *json, const struct transfer_item *item)
{
    print_json_name(json, item->key);
    (void)yajl_gen_map_open(json->gen);
    print_json_value(json, &item->value);
    if (item->created[0] != '\0' && item->updated[0] != '\0') {
        print_json_name(json, "metadata");
        (void)yajl_gen_map_open(json->gen);
        print_json_text(json, "created_at", item->created);
        print_json_text(json, "updated_at", item->updated);
        (void)yajl_gen_map_close(json->gen);
    }
    (void)yajl_gen_map_close(json->gen);
}

/* The secrets of the scopes, sorted; all without a scope. */
static enum outcome collect(struct client *client, const struct request *request, search_fn *each,
                            struct transfer *found)
{
    if (request->scope_count == 0)
        STEP(search_scope(client, NULL, each, found));
    for (size_t i = 0; i < request->scope_count; i++)
        STEP(search_scope(client, request->scopes[i], each, found));
    STEP(status_whole(client));
    return transfer_sort(found);
}

/* The document that the backend file keeps, and that import reads. */
static enum outcome export_document(struct client *client, const struct request *request)
{
    AUTO_TRANSFER found = {0};
    AUTO_PRINT_JSON json = {0};

    STEP(collect(client, request, take_with_times, &found));
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_number(&json, "version", 2);
    print_json_name(&json, "secrets");
    (void)yajl_gen_map_open(json.gen);
    for (size_t i = 0; i < found.count; i++)
        print_record(&json, &found.items[i]);
    (void)yajl_gen_map_close(json.gen);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

/* A flat object of whole keys; a value that is not UTF-8 text is {"value", "encoding"}. */
static enum outcome export_json(struct client *client, const struct request *request)
{
    AUTO_TRANSFER found = {0};
    AUTO_PRINT_JSON json = {0};

    STEP(collect(client, request, take, &found));
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    for (size_t i = 0; i < found.count; i++)
        print_json_flat(&json, found.items[i].key, &found.items[i].value);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

enum outcome command_export(const struct request *request)
{
    const char *format = option_text(request, OPTION_FORMAT);
    AUTO_CLIENT client = {0};
    bool document;
    bool shell;

    if (format == NULL)
        format = request->json ? "json" : "env";
    shell = strcmp(format, "shell") == 0;
    document = strcmp(format, "sideseat") == 0;
    if (!shell && !document && strcmp(format, "env") != 0 && strcmp(format, "json") != 0) {
        outcome_print("no format '%s' to export; there are env, json, sideseat and shell", format);
        return OUTCOME_USAGE;
    }
    STEP(check_target(request));
    STEP(client_open(&client, request, CLIENT_READ));
    if (document)
        return export_document(&client, request);
    if (strcmp(format, "json") == 0)
        return export_json(&client, request);
    return export_variables(&client, request, shell);
}
