/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/reply.h"

#include <string.h>

/* True if the object has only members that Vault puts into a reply. */
static bool members_known(struct json_value root)
{
    static const char *const known[] = {"errors",    "data",      "warnings",       "request_id",
                                        "lease_id",  "auth",      "lease_duration", "renewable",
                                        "wrap_info", "mount_type"};

    for (struct json_value v = json_first(root); v.document != NULL; v = json_next(v)) {
        size_t i = 0;

        while (i < sizeof known / sizeof known[0] && !json_key_is(v, known[i]))
            i++;
        if (i == sizeof known / sizeof known[0])
            return false;
    }
    return true;
}

static bool errors_own(struct json_value root)
{
    struct json_value errors = json_member(root, "errors");

    if (json_type(errors) != JSON_ARRAY || !members_known(root))
        return false;
    for (struct json_value v = json_first(errors); v.document != NULL; v = json_next(v))
        if (json_type(v) != JSON_STRING)
            return false;
    return true;
}

/* A deleted secret: 404, with its metadata. */
static bool deleted_own(struct json_value root)
{
    struct json_value data = json_member(root, "data");
    int64_t version;

    return json_type(json_member(data, "data")) == JSON_NULL &&
           json_whole(json_path(data, "metadata", "version", NULL), &version) == STORE_OK;
}

/* An empty listing comes with its warnings, if any, and then without errors. */
static bool warnings_own(struct json_value root)
{
    return json_type(json_member(root, "request_id")) == JSON_STRING &&
           json_type(json_member(root, "warnings")) == JSON_ARRAY && members_known(root);
}

bool vault_reply_own(const struct vault_call *call, bool empty)
{
    struct json_value root = json_root(call->reply);

    if (call->status == 204)
        return empty && strcmp(call->method, "GET") != 0;
    /* go-cleanhttp refuses non-ASCII paths without a body */
    if (call->status == 400 && empty)
        return strchr(call->path.text, '%') != NULL;
    if (json_type(root) != JSON_OBJECT || (call->status >= 300 && call->status < 400))
        return false;
    if (json_type(json_member(root, "initialized")) == JSON_BOOL)
        return true;
    if (call->status == 200)
        return json_type(json_member(root, "data")) == JSON_OBJECT ||
               json_type(json_member(root, "auth")) == JSON_OBJECT;
    if (call->status == 404 && (deleted_own(root) || warnings_own(root)))
        return true;
    return call->status >= 400 && errors_own(root);
}
