/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/ready_key.h"

#include "module/key.h"
#include "module/pair.h"
#include "module/token.h"
#include "module/token_usage.h"
#include "store/log.h"

enum object_need ready_key_need(const struct object_view *view)
{
    return view->kind == OBJECT_PUBLIC_KEY    ? OBJECT_NEED_FACE
           : view->kind == OBJECT_PRIVATE_KEY ? OBJECT_NEED_FACE | OBJECT_NEED_VALUE
                                              : OBJECT_NEED_VALUE;
}

CK_RV ready_key_new(const struct object_view *view, struct keypair **out)
{
    AUTO_PRIVATE numbers = {0};
    enum pki_fault fault;

    if (view->kind == OBJECT_PRIVATE_KEY)
        return pair_open(view->token, view->key, &view->record.value, out);
    if (view->kind == OBJECT_SESSION_PRIVATE) {
        fault = pki_private_read(&view->record.value, NULL, &numbers);
        if (fault == PKI_OK)
            fault = keypair_new_private(&numbers, out);
    } else {
        fault = keypair_new_public(&view->pki->key, out);
    }
    return fault == PKI_OK          ? CKR_OK
           : fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY
                                    : CKR_FUNCTION_FAILED;
}

CK_RV ready_key_aes(const struct object_view *view, struct store_secret *out)
{
    CK_RV rv;

    if (view->own != NULL) {
        store_secret_share(out, &view->record.value);
        return CKR_OK;
    }
    rv = key_decode_aes(view->key, view->encoding, &view->record.value, out);
    if (rv != CKR_HOST_MEMORY)
        token_note_aes(view->token, view->key, rv != CKR_OK);
    return rv;
}

CK_RV ready_key_check_aes(const struct object_view *view, enum object_flag flag,
                          CK_MECHANISM_TYPE mechanism, CK_RV wrong_type)
{
    const struct store_conf_rule *rule = NULL;

    if (view->kind == OBJECT_SESSION_KEY && view->own->key_type == CKK_AES)
        return session_attributes_permit(view->own, flag, mechanism);
    if (view->kind == OBJECT_KEY)
        rule = store_conf_aes_find(view->token->conf, view->key);
    if (rule == NULL)
        return wrong_type;
    return (token_aes_flags(rule) & OBJECT_BIT(flag)) != 0 ? CKR_OK
                                                           : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

bool ready_key_asks_for_login(const struct object_view *view)
{
    const struct store_conf_rule *rule = NULL;

    if (view->kind == OBJECT_PRIVATE_KEY)
        rule = store_conf_rule_find(view->token->conf, view->key);
    else if (view->kind == OBJECT_KEY)
        rule = store_conf_aes_find(view->token->conf, view->key);
    return rule != NULL && rule->always_authenticate;
}
