/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/fault.h"

#include <stdio.h>
#include <string.h>

/* The first row that fits counts. */
static const struct vault_fault faults[] = {
    /* go-cleanhttp checks paths and answers without a body */
    {400, "", STORE_BAD_KEY, false, false,
     "the server takes printable characters only; choose another key"},
    {400, "check-and-set parameter did not match", STORE_CONFLICT, false, false, ""},
    {400, "missing client token", STORE_AUTH, false, false, "configure a token or a login method"},
    {400, "invalid role", STORE_AUTH, false, false, "check vault.auth.role_id"},
    {400, "invalid secret", STORE_AUTH, false, false, "check vault.auth.secret_id"},
    /* "Upgrading …", and of a secondary "Waiting for the primary to upgrade …" */
    {400, "from non-versioned to versioned", STORE_UNAVAILABLE, true, true,
     "the mount is being upgraded to KV version 2; try again"},
    {400, "relative paths", STORE_BAD_KEY, false, false, "choose another key"},
    {400, "non-printable", STORE_BAD_KEY, false, false, "choose another key"},
    {400, "max_json", STORE_TOO_BIG, false, false, "store less, or raise the server's JSON limits"},
    {400, NULL, STORE_UNSUPPORTED, false, false, "check vault.mount and vault.namespace"},
    {401, NULL, STORE_AUTH, false, false, "check the proxy before the server, and the token"},
    {403, "invalid token", STORE_AUTH, false, false, "log in again with: vault login"},
    {403, "bad token", STORE_AUTH, false, false, "log in again with: vault login"},
    {403, NULL, STORE_DENIED, false, false,
     "the token's policies must allow it (vault.md in the documentation has one)"},
    {404, "no handler for route", STORE_BAD_CONF, false, false,
     "set vault.mount to a KV version 2 engine (vault secrets list), or make one: vault secrets "
     "enable -path=secret kv-v2"},
    {404, "unsupported path", STORE_BAD_CONF, false, false,
     "set vault.mount to a KV version 2 engine (vault secrets list)"},
    {404, "", STORE_NOT_FOUND, false, false, ""},
    {404, NULL, STORE_UNAVAILABLE, false, false,
     "check vault.address, vault.mount and vault.namespace"},
    {405, NULL, STORE_BAD_CONF, false, false, "set vault.mount to a KV version 2 engine"},
    {412, NULL, STORE_UNAVAILABLE, true, false, "the node has not caught up; try again"},
    {413, NULL, STORE_TOO_BIG, false, false, "store less"},
    {429, NULL, STORE_UNAVAILABLE, true, false,
     "the server's rate limit is reached; ask less often"},
    {472, NULL, STORE_UNAVAILABLE, false, false,
     "the node is a disaster-recovery secondary; use the primary"},
    {473, NULL, STORE_UNAVAILABLE, false, false,
     "the node is a performance standby; use the active node"},
    {500, "too large", STORE_TOO_BIG, false, false, "store less"},
    {500, "namespace", STORE_BAD_CONF, false, false, "check vault.namespace"},
    {501, NULL, STORE_UNAVAILABLE, false, false,
     "the server is not initialized: vault operator init"},
    {503, "sealed", STORE_UNAVAILABLE, true, false,
     "the server is sealed; unseal it: vault operator unseal"},
    {503, NULL, STORE_UNAVAILABLE, true, false, "the server has no active node; see its log"},
    {0, NULL, STORE_UNAVAILABLE, false, false,
     "see the logs of the server and of the proxy before it"},
};

/* Makes one line of the text: one blank for each run of blanks and control characters between
 * words, and none at the end of a sentence. */
static void squeeze(char *text)
{
    char *end = text;

    for (const char *c = text; *c != '\0'; c++) {
        bool blank = (unsigned char)*c <= ' ' || *c == 0x7f;
        bool after_blank = end == text || end[-1] == ' ';

        if (blank && after_blank)
            continue;
        if (*c == ';' && end > text && end[-1] == ' ')
            end--;
        *end++ = blank ? ' ' : *c;
    }
    if (end > text && end[-1] == ' ')
        end--;
    *end = '\0';
}

void vault_fault_message(const struct json_document *reply, char out[VAULT_MESSAGE_SIZE])
{
    struct json_value errors = json_member(json_root(reply), "errors");
    size_t len = 0;

    out[0] = '\0';
    for (struct json_value v = json_first(errors); v.document != NULL; v = json_next(v)) {
        char text[VAULT_MESSAGE_SIZE];

        if (json_text(v, text, sizeof text) != STORE_OK)
            continue;
        if (len + 3 < VAULT_MESSAGE_SIZE)
            len +=
                (size_t)snprintf(out + len, VAULT_MESSAGE_SIZE - len, "%s%.*s",
                                 len == 0 ? "" : "; ", (int)(VAULT_MESSAGE_SIZE - len - 3), text);
    }
    squeeze(out);
}

static bool message_fits(const struct vault_fault *fault, const char *message)
{
    if (fault->message == NULL)
        return true;
    if (fault->message[0] == '\0')
        return message[0] == '\0';
    return strstr(message, fault->message) != NULL;
}

const struct vault_fault *vault_fault_find(int status, const char *message)
{
    const struct vault_fault *fault = faults;

    while (fault->status != 0 && (fault->status != status || !message_fits(fault, message)))
        fault++;
    return fault;
}

const struct vault_fault *vault_fault_foreign(int status)
{
    static const struct vault_fault rows[] = {
        /* a proxy before the server may have limits of its own */
        {413, NULL, STORE_TOO_BIG, false, false,
         "store less, or raise the limit of the proxy before the server"},
        {0, NULL, STORE_UNAVAILABLE, false, false,
         "check vault.address and the proxy or ingress before the server"},
    };

    return status == rows[0].status ? &rows[0] : &rows[1];
}
