/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <stdlib.h>
#include <string.h>

#include "backends/vault/batch.h"
#include "store/log.h"
#include "store/scope.h"

/*
 * KV lists one folder at a time, so a listing goes down level by level and asks for several folders
 * of a level at a time: 200 organizations are 202 requests. A folder's name is longer than its
 * parent's and no longer than a key, so a listing ends whatever the server says; the number of
 * folders is bounded, too.
 */
#define FOLDER_SIZE (STORE_KEY_MAX + 1)
#define FOLDERS_MAX ((size_t)256 * 1024)

/* The folders of one level, each a prefix that is "" or ends in '/'. */
struct folders {
    char (*items)[FOLDER_SIZE];
    size_t count;
    size_t room;
};

struct listing {
    struct store_ctx *ctx;
    struct folders now;
    struct folders next;
    store_each_fn *each;
    void *arg;
    size_t unnamed; /* names and folders that are not part of a key */
};

/* Counts a name that cannot be a key's. */
static enum store_err pass_over(struct listing *listing)
{
    listing->unnamed++;
    return STORE_OK;
}

static enum store_err folders_add(struct folders *folders, const char *folder)
{
    if (folders->count == FOLDERS_MAX) {
        store_log(STORE_LOG_ERROR,
                  "vault: a listing has more than %zu folders on one level; list one scope at a "
                  "time",
                  FOLDERS_MAX);
        return STORE_TOO_BIG;
    }
    if (folders->count == folders->room) {
        size_t room = folders->room == 0 ? 16 : folders->room * 2;
        char(*items)[FOLDER_SIZE] = reallocarray(folders->items, room, sizeof *items);

        if (items == NULL)
            return STORE_NO_MEMORY;
        folders->items = items;
        folders->room = room;
    }
    memcpy(folders->items[folders->count++], folder, strlen(folder) + 1);
    return STORE_OK;
}

/* True if keys may be below it: "org/", "org/acme/", "org/acme/x/", "global/", not "global/x/". */
static bool folder_of_keys(const char *folder)
{
    size_t len = strlen(folder);
    char text[STORE_KEY_MAX + 1];

    if (store_scope_prefix(folder, len - 1, text) == STORE_OK)
        return true;
    if (len + 1 > STORE_KEY_MAX)
        return false;
    memcpy(text, folder, len);
    text[len] = 'x';
    return store_scope_parse(text, len + 1, NULL) == STORE_OK;
}

/* True if the name is one part of a path, perhaps with a '/' at its end, and leads nowhere else. */
static bool name_plain(const char *name)
{
    size_t len = strcspn(name, "/");

    if (len == 0 || (len == 1 && name[0] == '.') || (len == 2 && strncmp(name, "..", 2) == 0))
        return false;
    return name[len] == '\0' || name[len + 1] == '\0';
}

/* Handles one name of a folder: delivers a key, queues a folder, and counts any other name. */
static enum store_err name_parse(struct listing *listing, const char *folder, struct json_value v)
{
    char name[FOLDER_SIZE];
    char full[2 * FOLDER_SIZE];
    size_t folder_len = strlen(folder);
    size_t len;

    if (json_text(v, name, sizeof name) != STORE_OK || !name_plain(name))
        return pass_over(listing);
    memcpy(full, folder, folder_len);
    memcpy(full + folder_len, name, strlen(name) + 1);
    len = strlen(full);
    if (len == 0 || len > STORE_KEY_MAX)
        return pass_over(listing);
    if (full[len - 1] == '/')
        return folder_of_keys(full) ? folders_add(&listing->next, full) : pass_over(listing);
    if (store_scope_parse(full, len, NULL) != STORE_OK)
        return pass_over(listing);
    return listing->each(listing->arg, full, STORE_OK, NULL);
}

static enum store_err folder_parse(void *arg, size_t index, enum store_err err,
                                   const struct vault_call *call)
{
    struct listing *listing = arg;
    struct json_value keys = json_path(json_root(call->reply), "data", "keys", NULL);

    if (err == STORE_NOT_FOUND)
        return STORE_OK; /* an empty folder */
    TRY(err);
    if (json_type(keys) != JSON_ARRAY) {
        store_log(STORE_LOG_ERROR,
                  "vault: the reply to listing %s at %s is not of a KV version 2 engine; check "
                  "vault.address, vault.mount and the proxy before the server",
                  listing->ctx->mount, listing->ctx->address);
        return STORE_UNAVAILABLE;
    }
    for (struct json_value v = json_first(keys); v.document != NULL; v = json_next(v))
        TRY(name_parse(listing, listing->now.items[index], v));
    return STORE_OK;
}

static enum store_err folder_path(void *arg, size_t index, struct vault_path *out)
{
    const struct listing *listing = arg;
    char folder[FOLDER_SIZE];
    size_t len = strlen(listing->now.items[index]);

    memcpy(folder, listing->now.items[index], len + 1);
    if (len > 0)
        folder[len - 1] = '\0'; /* the slash at the end */
    TRY(vault_kv_path(listing->ctx, "metadata", folder, out));
    return vault_path_add(out, "/?list=true");
}

static enum store_err listing_run(struct listing *listing, const char *prefix)
{
    struct vault_batch batch = {.what = "listing",
                                .deadline_ns = vault_deadline(listing->ctx),
                                .path = folder_path,
                                .reply = folder_parse,
                                .arg = listing};

    TRY(vault_mount_check(listing->ctx, batch.deadline_ns));
    TRY(folders_add(&listing->now, prefix));
    while (listing->now.count > 0) {
        batch.count = listing->now.count;
        TRY(vault_batch_run(listing->ctx, &batch));
        free(listing->now.items);
        listing->now = listing->next;
        listing->next = (struct folders){.count = 0};
    }
    store_scope_warn_unnamed("vault", listing->unnamed);
    if (prefix[0] == '\0')
        atomic_store(&listing->ctx->unnamed, listing->unnamed);
    return STORE_OK;
}

enum store_err vault_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                          store_each_fn *each, void *arg)
{
    struct listing listing = {.ctx = ctx, .each = each, .arg = arg};
    enum store_err err = listing_run(&listing, prefix);

    free(listing.now.items);
    free(listing.next.items);
    if (generation != NULL)
        *generation = 0; /* Vault cannot tell */
    return err;
}
