/* SPDX-License-Identifier: Apache-2.0 */
#include "module/audit.h"

#include <unistd.h>

#include "module/ckr.h"
#include "module/mechanism.h"
#include "module/token.h"

enum store_err audit_open(struct store_audits *audits, const struct store_conf *conf,
                          struct store_audit **out)
{
    const char *target = store_conf_text(conf, "audit.target");
    struct store_audit_process self = {0};

    if (target != NULL)
        store_audit_process_find(getpid(), getuid(), &self);
    return store_audits_get(audits, target, store_conf_flag(conf, "audit.required"),
                            STORE_AUDIT_MODULE, &self, out);
}

static void note(const struct token *token, const char *key, struct store_audit_use use)
{
    use.token = store_conf_label(token->conf);
    use.key = key;
    store_audit_note(token->audit, NULL, &use);
}

void audit_store(const struct token *token, const char *call, const char *key, enum store_err err)
{
    bool elsewhere = token->registration->side == STORE_IN_STORE_PROCESS;

    /* a store process that was not reached has noted nothing */
    if (token->audit == NULL ||
        (elsewhere && err != STORE_UNAVAILABLE && err != STORE_TIMEOUT && err != STORE_READ_ONLY))
        return;
    note(token, key, (struct store_audit_use){.call = call, .outcome = store_err_name(err)});
}

void audit_value(const struct token *token, const char *key, const struct store_record *record,
                 CK_RV rv)
{
    if (token->audit == NULL || (rv == CKR_OK && record->audited))
        return;
    note(token, key,
         (struct store_audit_use){.call = "read",
                                  .outcome = rv == CKR_OK ? store_err_name(STORE_OK) : ckr_name(rv),
                                  .stale = record->stale});
}

void audit_key(const struct token *token, const char *call, const char *key,
               CK_MECHANISM_TYPE mechanism, bool stale, CK_RV rv)
{
    if (token->audit == NULL || key[0] == '\0')
        return; /* a session key is in no store */
    note(token, key,
         (struct store_audit_use){.call = call,
                                  .mechanism = mechanism_name(mechanism),
                                  .outcome = rv == CKR_OK ? store_err_name(STORE_OK) : ckr_name(rv),
                                  .stale = stale});
}
