/* SPDX-License-Identifier: Apache-2.0 */
#include "core/legacy_document.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/json_record.h"
#include "store/scope.h"

enum store_err legacy_document_version(struct json_value root, int64_t *out,
                                       char why[LEGACY_WHY_SIZE])
{
    struct json_value version = json_member(root, "version");

    *out = 1;
    if (json_type(root) != JSON_OBJECT) {
        snprintf(why, LEGACY_WHY_SIZE, "it is JSON, but not an object");
        return STORE_CORRUPT;
    }
    if (json_type(version) == JSON_DUPLICATE) {
        snprintf(why, LEGACY_WHY_SIZE, "it has \"version\" twice");
        return STORE_CORRUPT;
    }
    if (json_type(version) != JSON_ABSENT && json_whole(version, out) != STORE_OK) {
        snprintf(why, LEGACY_WHY_SIZE, "its \"version\" is not a number");
        return STORE_CORRUPT;
    }
    if (*out <= LEGACY_VERSION_MAX)
        return STORE_OK;
    snprintf(why, LEGACY_WHY_SIZE, "its version is %" PRId64 ", newer than %d", *out,
             LEGACY_VERSION_MAX);
    return STORE_UNAVAILABLE;
}

/* True if a member of a bare map is a secret, be its record whole or damaged. */
static bool is_secret(struct json_value member)
{
    return json_type(member) == JSON_STRING ||
           json_type(json_member(member, "value")) != JSON_ABSENT;
}

enum store_err legacy_document_secrets(struct json_value root, int64_t version,
                                       struct json_value *out, char why[LEGACY_WHY_SIZE])
{
    struct json_value secrets = json_member(root, "secrets");
    bool map = json_type(secrets) == JSON_OBJECT;

    *out = secrets;
    if (json_type(secrets) == JSON_DUPLICATE) {
        snprintf(why, LEGACY_WHY_SIZE, "it has \"secrets\" twice");
        return STORE_CORRUPT;
    }
    if (version == LEGACY_VERSION_MAX && !map) {
        snprintf(why, LEGACY_WHY_SIZE, "it has no object \"secrets\"");
        return STORE_CORRUPT;
    }
    if (version == LEGACY_VERSION_MAX)
        return STORE_OK;
    /* in a bare map, a secret may have that name */
    if (map && json_type(json_member(secrets, "value")) != JSON_STRING)
        return STORE_OK;
    *out = root;
    for (struct json_value v = json_first(root); v.document != NULL; v = json_next(v))
        if (!is_secret(v)) {
            snprintf(why, LEGACY_WHY_SIZE,
                     "it has no version, and is not a list of secrets either");
            return STORE_CORRUPT;
        }
    return STORE_OK;
}

static enum store_err parse_value(struct json_value member, struct store_secret *out)
{
    AUTO_RECORD record = {0};
    enum store_err err;

    if (json_type(member) == JSON_STRING) {
        err = json_bytes(member, out);
        return err == STORE_OK && out->len == 0 ? STORE_CORRUPT : err;
    }
    TRY(record_parse(member, &record));
    store_secret_move(out, &record.value);
    return STORE_OK;
}

static enum store_err each_secret(struct json_value secrets, legacy_each_fn *each, void *arg,
                                  size_t *left)
{
    for (struct json_value v = json_first(secrets); v.document != NULL; v = json_next(v)) {
        char name[STORE_KEY_MAX + 1];
        char key[STORE_KEY_MAX + 1];
        AUTO_SECRET value = {0};
        enum store_err err;

        if (json_key_text(v, name, sizeof name) != STORE_OK ||
            store_scope_complete(name, strlen(name), key) != STORE_OK) {
            (*left)++;
            continue;
        }
        err = parse_value(v, &value);
        if (err == STORE_NO_MEMORY)
            return err;
        TRY(each(arg, key, err, &value));
    }
    return STORE_OK;
}

enum store_err legacy_document_each(const struct store_secret *text, legacy_each_fn *each,
                                    void *arg, size_t *left, char why[LEGACY_WHY_SIZE])
{
    AUTO_JSON tree = NULL;
    struct json_value secrets;
    int64_t version;
    size_t where = 0;
    enum store_err err = json_read(&tree, text, &where);

    *left = 0;
    if (err == STORE_CORRUPT || err == STORE_TOO_BIG) {
        snprintf(why, LEGACY_WHY_SIZE, "it is not JSON (at byte %zu of %zu)", where, text->len);
        return STORE_CORRUPT;
    }
    TRY(err);
    TRY(legacy_document_version(json_root(tree), &version, why));
    TRY(legacy_document_secrets(json_root(tree), version, &secrets, why));
    return each_secret(secrets, each, arg, left);
}
