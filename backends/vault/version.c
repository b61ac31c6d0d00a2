/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/log.h"
#include "store/time.h"

/*
 * The versions of a secret: metadata/…, data/…?version=N, delete/…, undelete/… and metadata/…
 * again. https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */

/* Runs a call on a part of the engine. DENIED names the right that the policies must give. */
static enum store_err part_run(struct store_ctx *ctx, struct vault_call *call, const char *part,
                               const char *key, const char *right)
{
    char path[VAULT_PATH_SIZE];
    char remedy[VAULT_PATH_SIZE + 120];
    enum store_err err;

    call->deadline_ns = vault_deadline(ctx);
    TRY(vault_kv_path(ctx, part, key, &call->path));
    TRY(vault_mount_check(ctx, call->deadline_ns));
    vault_policy_path(ctx, part, key, path);
    (void)snprintf(
        remedy, sizeof remedy,
        "the token's policies must allow \"%s\" on %s (vault.md in the documentation has "
        "one)",
        right, path);
    call->denied = remedy;
    err = vault_call_run(ctx, call);
    call->denied = NULL;
    return err;
}

/* The number that an id stands for; 0 if it is none. */
static uint32_t id_number(const char *id)
{
    size_t len = strlen(id);

    if (len == 0 || len > 9 || strspn(id, "0123456789") != len || id[0] == '0')
        return 0;
    return (uint32_t)strtoul(id, NULL, 10);
}

/* A deletion_time that lies ahead is that of delete_version_after. */
static enum store_err version_add(struct json_value from, int64_t current,
                                  struct store_versions *out)
{
    struct store_version version = {.state = STORE_VERSION_OLD};
    int64_t deleted_ns = vault_kv_time(from, "deletion_time");
    bool destroyed = false;

    TRY(json_key_text(from, version.id, sizeof version.id));
    TRY(json_flag(json_member(from, "destroyed"), &destroyed));
    version.number = id_number(version.id);
    version.created_ns = vault_kv_time(from, "created_time");
    if (version.number == 0)
        return STORE_CORRUPT;
    if (destroyed)
        version.state = STORE_VERSION_DESTROYED;
    else if (deleted_ns != 0 && deleted_ns <= store_time_now())
        version.state = STORE_VERSION_DELETED;
    else if (version.number == current)
        version.state = STORE_VERSION_CURRENT;
    return store_versions_add(out, &version);
}

enum store_err vault_versions(struct store_ctx *ctx, const char *key, struct store_versions *out)
{
    AUTO_CALL call = {.what = "reading the versions of", .method = "GET"};
    struct json_value data;
    struct json_value versions;
    int64_t current = 0;
    enum store_err err;

    TRY(part_run(ctx, &call, "metadata", key, "read"));
    data = json_member(json_root(call.reply), "data");
    versions = json_member(data, "versions");
    err = json_whole(json_member(data, "current_version"), &current);
    if (err == STORE_OK && json_type(versions) != JSON_OBJECT)
        err = STORE_CORRUPT;
    for (struct json_value v = json_first(versions); err == STORE_OK && v.document != NULL;
         v = json_next(v))
        err = version_add(v, current, out);
    store_versions_sort(out);
    out->destroyed_by_remove = true;
    if (err == STORE_OK)
        return out->count == 0 ? STORE_NOT_FOUND : STORE_OK;
    store_versions_clear(out);
    if (err == STORE_NO_MEMORY)
        return err;
    store_log(STORE_LOG_ERROR,
              "vault: the reply for the versions of %s is not of a KV version 2 engine; check "
              "vault.address, vault.mount and the proxy before the server",
              key);
    return STORE_UNAVAILABLE;
}

enum store_err vault_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                  struct store_record *out)
{
    AUTO_CALL call = {.what = "reading", .method = "GET", .deadline_ns = vault_deadline(ctx)};
    struct vault_found found;
    char query[24];
    enum store_err err;

    store_record_clear(out);
    if (id_number(id) == 0)
        return STORE_NOT_FOUND;
    (void)snprintf(query, sizeof query, "?version=%" PRIu32, id_number(id));
    TRY(vault_kv_path(ctx, "data", key, &call.path));
    TRY(vault_path_add(&call.path, query));
    TRY(vault_mount_check(ctx, call.deadline_ns));
    err = vault_call_run(ctx, &call);
    TRY(vault_kv_parse(&call, err, key, &found));
    if (found.version == id_number(id))
        return vault_kv_record(ctx, &found, key, out);
    store_log(STORE_LOG_ERROR,
              "vault: the reply for version %s of %s is of another version; check the proxy before "
              "the server",
              id, key);
    return STORE_UNAVAILABLE;
}

/* Sends {"versions": [number]}. */
static enum store_err version_post(struct store_ctx *ctx, const char *what, const char *part,
                                   const char *key, int64_t number)
{
    AUTO_CALL call = {.what = what, .method = "POST"};
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "versions");
    json_write_array(w);
    json_write_integer(w, number);
    json_write_array_end(w);
    json_write_object_end(w);
    TRY(json_write_end(w, &call.body));
    return part_run(ctx, &call, part, key, "update");
}

enum store_err vault_retire(struct store_ctx *ctx, const char *key)
{
    struct change change = change_begin(ctx, key, NULL);
    enum store_err err = vault_mount_check(ctx, change.deadline_ns);

    if (err == STORE_OK)
        err = change_read_settled(&change);
    if (err == STORE_OK && !change_exists(&change))
        err = STORE_NOT_FOUND;
    if (err == STORE_OK)
        err = version_post(ctx, "deleting", "delete", key, change.found.version);
    change_end(&change);
    return err;
}

enum store_err vault_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    AUTO_VERSIONS versions = {0};
    const struct store_version *version;

    TRY(vault_versions(ctx, key, &versions));
    version = store_versions_find(&versions, id);
    if (version == NULL || version->state == STORE_VERSION_DESTROYED)
        return STORE_NOT_FOUND;
    if (version->state != STORE_VERSION_DELETED)
        return STORE_OK;
    return version_post(ctx, "bringing back", "undelete", key, version->number);
}

enum store_err vault_destroy(struct store_ctx *ctx, const char *key)
{
    AUTO_CALL call = {.what = "destroying", .method = "DELETE", .once = true};
    AUTO_VERSIONS versions = {0};

    TRY(vault_versions(ctx, key, &versions));
    return part_run(ctx, &call, "metadata", key, "delete");
}
