/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/list.h"

#include <stdlib.h>
#include <string.h>

#include "backends/aws/operations.h"
#include "backends/aws/secret_value.h"
#include "store/log.h"
#include "store/scope.h"

/*
 * Listing. ListSecrets filters names by prefix, but AWS may change the meaning of that and takes
 * some minutes to notice changes. So we check each name again, collect the keys first, and deliver
 * each once.
 */

#define PAGE 100

struct keys {
    char **at;
    size_t count;
    size_t room;
    size_t unnamed; /* secrets whose names are not keys */
};

static void keys_free(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->at[i]);
    free(keys->at);
}

static enum store_err keys_add(struct keys *keys, const char *key)
{
    if (keys->count == keys->room) {
        size_t room = keys->room == 0 ? 2 * PAGE : 2 * keys->room;
        char **at = reallocarray(keys->at, room, sizeof *at);

        if (at == NULL)
            return STORE_NO_MEMORY;
        keys->at = at;
        keys->room = room;
    }
    keys->at[keys->count] = strdup(key);
    if (keys->at[keys->count] == NULL)
        return STORE_NO_MEMORY;
    keys->count++;
    return STORE_OK;
}

static int keys_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Builds the request for one page: `filter` is the prefix of names, `next` the end of the last
 * page. */
static enum store_err page_body(const char *filter, const struct store_secret *next,
                                struct store_secret *out)
{
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "MaxResults");
    json_write_integer(w, PAGE);
    if (filter[0] != '\0') {
        json_write_key(w, "Filters");
        json_write_array(w);
        json_write_object(w);
        json_write_key(w, "Key");
        json_write_text(w, "name");
        json_write_key(w, "Values");
        json_write_array(w);
        json_write_text(w, filter);
        json_write_array_end(w);
        json_write_object_end(w);
        json_write_array_end(w);
    }
    if (next->len > 0) {
        json_write_key(w, "NextToken");
        json_write_string(w, next->data, next->len);
    }
    json_write_object_end(w);
    return json_write_end(w, out);
}

enum store_err aws_page_keys(const char *store_prefix, const char *prefix, struct json_value list,
                             aws_page_fn *each, void *arg, size_t *unnamed)
{
    size_t prefix_len = strlen(prefix);

    for (struct json_value v = json_first(list); v.document != NULL; v = json_next(v)) {
        char name[AWS_NAME_MAX + 1];
        char key[STORE_KEY_MAX + 1];
        enum json_type deleted = json_type(json_member(v, "DeletedDate"));

        if ((deleted != JSON_ABSENT && deleted != JSON_NULL) ||
            json_text(json_member(v, "Name"), name, sizeof name) != STORE_OK)
            continue;
        if (!aws_name_decode(store_prefix, name, strlen(name), key))
            *unnamed += aws_name_below(store_prefix, name);
        else if (strncmp(key, prefix, prefix_len) == 0)
            TRY(each(arg, key));
    }
    return STORE_OK;
}

static enum store_err add_key(void *arg, const char *key)
{
    return keys_add(arg, key);
}

/* Reads one page; `next` is empty after the last page. An empty page need not be the last. */
static enum store_err page_read(struct store_ctx *ctx, const struct aws_net *net,
                                const char *prefix, const char *filter, struct store_secret *next,
                                struct keys *keys)
{
    AUTO_CALL call = {.operation = "ListSecrets", .what = prefix[0] == '\0' ? "all keys" : prefix};
    struct json_value root;
    enum store_err err;

    TRY(page_body(filter, next, &call.body));
    err = aws_call_run(ctx, net, &call);
    if (err == STORE_NOT_FOUND || err == STORE_CONFLICT) /* errors that cannot answer a listing */
        err = STORE_UNAVAILABLE;
    if (err != STORE_OK)
        return aws_call_failed(&call, err);
    root = json_root(call.document);
    store_secret_wipe(next);
    if (json_type(json_member(root, "NextToken")) == JSON_STRING)
        TRY(json_bytes(json_member(root, "NextToken"), next));
    return aws_page_keys(ctx->prefix, prefix, json_member(root, "SecretList"), add_key, keys,
                         &keys->unnamed);
}

static enum store_err keys_gather(struct store_ctx *ctx, const char *prefix, struct keys *keys)
{
    const struct aws_net net = aws_context_net(ctx);
    char filter[AWS_NAME_MAX + 1];
    AUTO_SECRET next = {0};

    /* a prefix too long for a name cannot begin one: */
    if (aws_name_encode(ctx->prefix, prefix, filter, NULL) != STORE_OK)
        return STORE_OK;
    do {
        AUTO_SECRET last = {0};

        store_secret_share(&last, &next);
        TRY(page_read(ctx, &net, prefix, filter, &next, keys));
        if (next.len > 0 && store_secret_equal(&next, last.data, last.len)) {
            store_log(STORE_LOG_ERROR, "aws: ListSecrets returns the same page again and again");
            return STORE_UNAVAILABLE;
        }
    } while (next.len > 0);
    return STORE_OK;
}

static enum store_err keys_deliver(struct keys *keys, store_each_fn *each, void *arg)
{
    if (keys->count > 0)
        qsort(keys->at, keys->count, sizeof keys->at[0], keys_compare);
    for (size_t i = 0; i < keys->count; i++)
        if (i == 0 || strcmp(keys->at[i], keys->at[i - 1]) != 0)
            TRY(each(arg, keys->at[i], STORE_OK, NULL));
    return STORE_OK;
}

enum store_err aws_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                        store_each_fn *each, void *arg)
{
    struct keys keys = {0};
    enum store_err err = keys_gather(ctx, prefix, &keys);

    if (generation != NULL)
        *generation = 0;
    if (err == STORE_OK)
        err = keys_deliver(&keys, each, arg);
    if (err == STORE_OK) {
        store_scope_warn_unnamed("aws", keys.unnamed);
        if (prefix[0] == '\0')
            atomic_store(&ctx->unnamed, keys.unnamed);
    }
    keys_free(&keys);
    return err;
}
