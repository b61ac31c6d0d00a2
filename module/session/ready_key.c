/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/ready_key.h"

#include "module/pair.h"
#include "module/token.h"

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

bool ready_key_asks_for_login(const struct object_view *view)
{
    return view->kind == OBJECT_PRIVATE_KEY &&
           store_conf_rule_find(view->token->conf, view->key)->always_authenticate;
}
