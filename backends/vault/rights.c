/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <stdio.h>
#include <string.h>

#include "backends/vault/fault.h"
#include "backends/vault/token.h"

/*
 * The rights of the token, for the health check. sys/internal/ui/resultant-acl lists the paths of
 * its policies and what each allows; the policy `default` lets every token ask. A path that ends in
 * a star is among the "glob_paths", without the star, and '+' stands for any one segment.
 */

enum rights {
    RIGHTS_UNKNOWN, /* the token may not ask for its policies */
    RIGHTS_NONE,    /* no policy lets it read a secret of this prefix */
    RIGHTS_READ,    /* a policy does */
};

/* True if the path of a policy covers something below `base`, which ends in '/'. */
static bool policy_covers(const char *policy, bool is_prefix, const char *base)
{
    while (*policy != '\0' && *base != '\0') {
        if (*policy == '+' && (policy[1] == '/' || policy[1] == '\0')) {
            policy++;
            base += strcspn(base, "/");
        } else if (*policy++ != *base++) {
            return false;
        }
    }
    return *base == '\0' || is_prefix;
}

/* True if one of the paths allows a read below `base`. */
static bool paths_allow(struct json_value paths, bool are_prefixes, const char *base)
{
    for (struct json_value path = json_first(paths); path.document != NULL;
         path = json_next(path)) {
        char text[VAULT_PATH_SIZE];
        struct json_value rights = json_member(path, "capabilities");

        if (json_key_text(path, text, sizeof text) != STORE_OK ||
            !policy_covers(text, are_prefixes, base))
            continue;
        for (struct json_value v = json_first(rights); v.document != NULL; v = json_next(v))
            if (json_is(v, "read"))
                return true;
    }
    return false;
}

/* Reads the answer. Within a namespace the paths may begin with its name. */
static enum rights rights_judge(const struct store_ctx *ctx, struct json_value data)
{
    struct json_value exact = json_member(data, "exact_paths");
    struct json_value glob = json_member(data, "glob_paths");
    char path[VAULT_PATH_SIZE];
    char base[2 * VAULT_PATH_SIZE];
    bool root = false;

    if (json_flag(json_member(data, "root"), &root) == STORE_OK && root)
        return RIGHTS_READ;
    if (json_type(exact) != JSON_OBJECT && json_type(glob) != JSON_OBJECT)
        return RIGHTS_UNKNOWN;
    vault_policy_path(ctx, "data", "", path);
    (void)snprintf(base, sizeof base, "%s/", path);
    if (paths_allow(exact, false, base) || paths_allow(glob, true, base))
        return RIGHTS_READ;
    if (ctx->namespace == NULL)
        return RIGHTS_NONE;
    (void)snprintf(base, sizeof base, "%.*s/%s/", (int)strcspn(ctx->namespace, " "), ctx->namespace,
                   path);
    return paths_allow(exact, false, base) || paths_allow(glob, true, base) ? RIGHTS_READ
                                                                            : RIGHTS_NONE;
}

static enum rights rights_ask(struct store_ctx *ctx, int64_t deadline_ns)
{
    AUTO_CALL call = {.what = "asking for the rights of the token",
                      .method = "GET",
                      .deadline_ns = deadline_ns,
                      .silent = true};

    if (vault_path_add(&call.path, "/sys/internal/ui/resultant-acl") != STORE_OK ||
        vault_call_run(ctx, &call) != STORE_OK)
        return RIGHTS_UNKNOWN;
    return rights_judge(ctx, json_member(json_root(call.reply), "data"));
}

static void tell_denied(const struct store_ctx *ctx, struct store_health *out)
{
    char path[VAULT_PATH_SIZE];

    vault_policy_path(ctx, "data", "", path);
    out->err = STORE_DENIED;
    (void)snprintf(out->text, sizeof out->text,
                   "%.80s can be reached, but the token may not read below %.120s", ctx->address,
                   path);
    (void)snprintf(out->remedy, sizeof out->remedy,
                   "change its policies (docs/vault.md has one), or use another token");
}

/* Reads a secret that does not exist. Only an existing mount, and a token that may read, get "no
 * such secret". */
static void probe(struct store_ctx *ctx, int64_t deadline_ns, struct store_health *out)
{
    AUTO_CALL call = {.what = "looking for the mount",
                      .method = "GET",
                      .deadline_ns = deadline_ns,
                      .silent = true};
    char message[VAULT_MESSAGE_SIZE];
    enum store_err err = vault_kv_path(ctx, "data", "global/health", &call.path);

    if (err == STORE_OK)
        err = vault_call_run(ctx, &call);
    if (err == STORE_OK || err == STORE_NOT_FOUND || (err == STORE_DENIED && ctx->mount_known))
        return;
    if (err == STORE_DENIED) {
        tell_denied(ctx, out);
        return;
    }
    vault_fault_message(call.reply, message);
    out->err = err;
    (void)snprintf(out->text, sizeof out->text, "%.60s, mount %.60s: HTTP %d%s%.100s", ctx->address,
                   ctx->mount, call.status, message[0] == '\0' ? "" : ": ", message);
    (void)snprintf(out->remedy, sizeof out->remedy, "%.255s",
                   call.status == 0 || call.foreign
                       ? "check vault.address and the network"
                       : vault_fault_find(call.status, message)->remedy);
}

void vault_rights_check(struct store_ctx *ctx, int64_t deadline_ns, struct store_health *out)
{
    enum rights rights;

    if (vault_token_limited(ctx))
        return;
    rights = rights_ask(ctx, deadline_ns);
    if (rights == RIGHTS_NONE)
        tell_denied(ctx, out);
    else if (rights == RIGHTS_UNKNOWN || !ctx->mount_known)
        probe(ctx, deadline_ns, out);
}
