/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/derive.h"

#include <string.h>

#include "module/audit.h"
#include "module/ckr.h"
#include "module/object/object_derived.h"
#include "module/object/object_face.h"
#include "module/pki/pki.h"
#include "module/pki/scheme.h"
#include "module/session/ready_key.h"
#include "module/token.h"

/* Gives the other side's public key, which the mechanism carries. */
static CK_RV read_parameter(const struct token *token, const CK_MECHANISM *mechanism,
                            struct der *peer)
{
    CK_ECDH1_DERIVE_PARAMS params;

    if (mechanism->mechanism != CKM_ECDH1_DERIVE || (token->usage & STORE_USAGE_DERIVE) == 0)
        return CKR_MECHANISM_INVALID;
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != sizeof params)
        return CKR_MECHANISM_PARAM_INVALID;
    memcpy(&params, mechanism->pParameter, sizeof params);
    if (params.kdf != CKD_NULL || params.ulSharedDataLen != 0 || params.pPublicData == NULL)
        return CKR_MECHANISM_PARAM_INVALID;
    *peer = (struct der){params.pPublicData, params.ulPublicDataLen};
    return CKR_OK;
}

/* Checks that the key may derive, before the store is asked for it. */
static CK_RV check_key(const struct object_view *view)
{
    if (view->kind == OBJECT_KEY || view->kind == OBJECT_SESSION_KEY)
        return CKR_KEY_TYPE_INCONSISTENT;
    if (view->kind != OBJECT_PRIVATE_KEY && view->kind != OBJECT_SESSION_PRIVATE)
        return CKR_KEY_HANDLE_INVALID;
    if ((object_face_usage(view) & STORE_USAGE_DERIVE) == 0)
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    if (view->own != NULL && !session_attributes_allows(view->own, CKM_ECDH1_DERIVE))
        return CKR_MECHANISM_INVALID;
    return ready_key_asks_for_login(view) ? CKR_USER_NOT_LOGGED_IN : CKR_OK;
}

/* Loads the key with its value. */
static CK_RV load_key(const struct caller *caller, CK_OBJECT_HANDLE handle,
                      struct object_view *view)
{
    CK_RV rv = object_view(caller->token, handle, view);

    if (rv == CKR_OK)
        rv = check_key(view);
    if (rv == CKR_OK)
        rv = object_view_load(view, ready_key_need(view), CKR_CALL_USE);
    if (rv == CKR_OK &&
        !scheme_exists(scheme_key_type(view->pki->key.type), SCHEME_DERIVE, STORE_USAGE_DERIVE))
        rv = CKR_KEY_TYPE_INCONSISTENT;
    return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_KEY_HANDLE_INVALID : rv;
}

/* Reads the other side's public key. libcrypto checks that it is on the curve. */
static CK_RV open_peer(enum pki_type type, struct der given, struct keypair **out)
{
    struct pki_public public = {0};
    struct der point;
    enum pki_fault fault;

    if (!pki_point_read(type, given, &point))
        return CKR_MECHANISM_PARAM_INVALID;
    if (!pki_public_curve(&public, type, point))
        return CKR_HOST_MEMORY;
    fault = keypair_new_public(&public, out);
    pki_public_free(&public);
    return fault == PKI_OK           ? CKR_OK
           : fault == PKI_NO_MEMORY  ? CKR_HOST_MEMORY
           : fault == PKI_NO_LIBRARY ? CKR_FUNCTION_FAILED
                                     : CKR_MECHANISM_PARAM_INVALID;
}

/* Gives the last `len` bytes of the shared secret, or all for 0. */
static CK_RV agree(struct keypair *keypair, struct keypair *peer, enum pki_type type, CK_ULONG len,
                   struct store_secret *out)
{
    AUTO_SECRET shared = {0};
    size_t size = pki_curve_size(type);
    unsigned char *bytes;

    if (len > size)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    if (store_secret_resize(&shared, size, &bytes) != STORE_OK)
        return CKR_HOST_MEMORY;
    if (!keypair_agree(keypair, peer, bytes)) /* any point on a curve of ECDSA is good */
        return type == PKI_X25519 ? CKR_MECHANISM_PARAM_INVALID : CKR_FUNCTION_FAILED;
    if (len == 0)
        len = (CK_ULONG)size;
    return store_secret_set(out, bytes + size - len, len) == STORE_OK ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV derive(const struct object_view *view, struct der peer_point, CK_ULONG len,
                    struct store_secret *out)
{
    enum pki_type type = view->pki->key.type;
    struct keypair *keypair = NULL;
    struct keypair *peer = NULL;
    CK_RV rv = open_peer(type, peer_point, &peer);

    if (rv == CKR_OK)
        rv = ckr_from_store(CKR_CALL_USE, token_permit(view->token));
    if (rv == CKR_OK)
        rv = ready_key_new(view, &keypair);
    if (rv == CKR_OK)
        rv = agree(keypair, peer, type, len, out);
    keypair_free(keypair);
    keypair_free(peer);
    return rv;
}

CK_RV derive_key(const struct caller *caller, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                 const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    AUTO_VIEW view = {0};
    AUTO_SECRET value = {0};
    struct der peer = {0};
    CK_ULONG len = 0;
    CK_RV rv;

    if (mechanism == NULL || out == NULL)
        return CKR_ARGUMENTS_BAD;
    rv = read_parameter(caller->token, mechanism, &peer);
    if (rv == CKR_OK)
        rv = object_derived_check(template, count, &len);
    if (rv != CKR_OK)
        return rv;
    rv = load_key(caller, base, &view);
    if (rv == CKR_OK)
        rv = derive(&view, peer, len, &value);
    if (rv == CKR_OK)
        rv = object_derived_publish(caller, &view, template, count, &value, out);
    audit_key(caller->token, "derive", view.key, mechanism->mechanism, view.record.stale, rv);
    return rv;
}
