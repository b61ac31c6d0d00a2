/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <stdio.h>
#include <string.h>

#include "backends/vault/call.h"
#include "backends/http/http.h"
#include "backends/vault/token.h"
#include "store/time.h"

/*
 * For doctor: the server's version, the token, and its rights below the prefix as the server itself
 * sees them. https://developer.hashicorp.com/vault/api-docs/system/capabilities-self
 */

/* The operations, the path and the capability that each needs. The key stands for any. */
static const struct need {
    const char *operation;
    const char *part;
    const char *key;
    const char *capability;
} needs[] = {
    {"read", "data", "global/any", "read"},
    {"list", "metadata", "global", "list"},
    {"write", "data", "global/any", "update"},
    {"make", "data", "global/any", "create"},
    {"history", "metadata", "global/any", "read"},
    {"delete", "delete", "global/any", "update"},
    {"undelete", "undelete", "global/any", "update"},
    {"destroy", "metadata", "global/any", "delete"},
};
#define NEEDS (sizeof needs / sizeof needs[0])

static void tell_server(struct store_ctx *ctx, int64_t deadline_ns, store_finding_fn *each,
                        void *arg)
{
    AUTO_CALL call = {.what = "asking for the version of the server",
                      .method = "GET",
                      .deadline_ns = deadline_ns,
                      .silent = true};
    char version[64];

    if (vault_path_add(&call.path, "/sys/health?standbyok=true&perfstandbyok=true") == STORE_OK &&
        vault_request_run(ctx, &call, NULL) == STORE_OK &&
        json_text(json_member(json_root(call.reply), "version"), version, sizeof version) ==
            STORE_OK)
        store_finding_tell(each, arg, "server", STORE_OK, "", "version %s at %.150s", version,
                           ctx->address);
    store_finding_tell(each, arg, "libraries", STORE_OK, "", "%.250s", http_libraries());
}

/* The names of the policies, with commas between. */
static void join_policies(struct json_value policies, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (struct json_value one = json_first(policies); one.document != NULL; one = json_next(one)) {
        char name[80];
        if (json_text(one, name, sizeof name) == STORE_OK && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ", ", name);
    }
}

/* The token's policies and its end. */
static void tell_token(struct store_ctx *ctx, int64_t deadline_ns, store_finding_fn *each,
                       void *arg)
{
    AUTO_CALL call = {.what = "looking the token up",
                      .method = "GET",
                      .deadline_ns = deadline_ns,
                      .silent = true};
    struct json_value data;
    char policies[120];
    bool renewable = false;
    int64_t ttl_s = 0;

    if (vault_path_add(&call.path, "/auth/token/lookup-self") != STORE_OK ||
        vault_call_run(ctx, &call) != STORE_OK) {
        store_finding_tell(each, arg, "token", STORE_OK,
                           "give it the policy \"default\", so that it is renewed in time",
                           "it may not look itself up");
        return;
    }
    data = json_member(json_root(call.reply), "data");
    join_policies(json_member(data, "policies"), policies, sizeof policies);
    (void)!json_whole(json_member(data, "ttl"), &ttl_s);
    (void)!json_flag(json_member(data, "renewable"), &renewable);
    if (ttl_s == 0)
        store_finding_tell(each, arg, "token", STORE_OK, "", "policies %s; it does not expire",
                           policies);
    else
        store_finding_tell(each, arg, "token", STORE_OK,
                           renewable ? "" : "use a renewable token, or a login by vault.auth",
                           "policies %s; it expires in %lld s and is %srenewable", policies,
                           (long long)ttl_s, renewable ? "" : "not ");
}

/* Builds {"paths": […]}, each path once for each need, in their order. */
static enum store_err ask_body(const struct store_ctx *ctx, struct store_secret *out)
{
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "paths");
    json_write_array(w);
    for (size_t i = 0; i < NEEDS; i++) {
        char path[VAULT_PATH_SIZE];
        vault_policy_path(ctx, needs[i].part, needs[i].key, path);
        json_write_text(w, path);
    }
    json_write_array_end(w);
    json_write_object_end(w);
    return json_write_end(w, out);
}

static bool is_allowed(const struct store_ctx *ctx, struct json_value answer,
                       const struct need *need)
{
    char path[VAULT_PATH_SIZE];
    struct json_value rights;

    vault_policy_path(ctx, need->part, need->key, path);
    rights = json_member(answer, path);
    for (struct json_value one = json_first(rights); one.document != NULL; one = json_next(one))
        if (json_is(one, need->capability) || json_is(one, "root"))
            return true;
    return false;
}

static void tell_rights(const struct store_ctx *ctx, struct json_value answer,
                        store_finding_fn *each, void *arg)
{
    char allowed[80] = "";
    char denied[80] = "";
    char remedy[200] = "";

    for (size_t i = 0; i < NEEDS; i++) {
        char *to = is_allowed(ctx, answer, &needs[i]) ? allowed : denied;
        size_t len = strlen(to);
        (void)snprintf(to + len, sizeof allowed - len, "%s%s", len == 0 ? "" : ", ",
                       needs[i].operation);
    }
    if (denied[0] != '\0')
        (void)snprintf(remedy, sizeof remedy,
                       "if that is not meant, add it to a policy of the token (docs/vault.md has "
                       "one)");
    store_finding_tell(each, arg, "capabilities", STORE_OK, remedy, "%s%s%s below %.60s/…/%.60s",
                       allowed[0] == '\0' ? "none" : allowed, denied[0] == '\0' ? "" : "; not ",
                       denied, ctx->mount, ctx->prefix);
}

static void tell_capabilities(struct store_ctx *ctx, int64_t deadline_ns, store_finding_fn *each,
                              void *arg)
{
    AUTO_CALL call = {.what = "asking for the capabilities of the token",
                      .method = "POST",
                      .deadline_ns = deadline_ns,
                      .silent = true};
    struct json_value data;

    if (ask_body(ctx, &call.body) != STORE_OK ||
        vault_path_add(&call.path, "/sys/capabilities-self") != STORE_OK ||
        vault_call_run(ctx, &call) != STORE_OK) {
        store_finding_tell(each, arg, "capabilities", STORE_OK,
                           "give the token the policy \"default\", which allows this question",
                           "not known: the token may not ask for them");
        return;
    }
    data = json_member(json_root(call.reply), "data");
    tell_rights(ctx, json_type(data) == JSON_OBJECT ? data : json_root(call.reply), each, arg);
}

void vault_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    int64_t deadline_ns = vault_deadline(ctx);

    tell_server(ctx, deadline_ns, each, arg);
    if (vault_token_check(ctx, deadline_ns) != STORE_OK)
        return; /* health tells */
    if (vault_token_limited(ctx)) {
        store_finding_tell(each, arg, "token", STORE_OK, "use a token without a number of uses",
                           "each question would cost one of its uses, so none is asked");
        return;
    }
    tell_token(ctx, deadline_ns, each, arg);
    tell_capabilities(ctx, deadline_ns, each, arg);
}
