/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/wrap.h"

#include <string.h>

#include "module/audit.h"
#include "module/ckr.h"
#include "module/object/object_derived.h"
#include "module/object/object_face.h"
#include "module/pki/aes.h"
#include "module/pki/pki.h"
#include "module/pki/scheme.h"
#include "module/session/encryption.h"
#include "module/session/ready_key.h"
#include "module/token.h"

/* More than the longest session key, wrapped. */
#define WRAPPED_MAX ((CK_ULONG)64 * 1024)

/* A parsed mechanism. */
struct form {
    CK_MECHANISM_TYPE type;
    bool rsa;
    bool is_cipher;
    enum aes_form aes; /* if it is neither of them */
    struct keypair_form oaep;
    struct cipher_form cipher;
    CK_ULONG len; /* the CKA_VALUE_LEN of the key to unwrap; 0 without one */
};

static CK_RV read_mechanism(const struct token *token, const CK_MECHANISM *mechanism,
                            struct form *out)
{
    size_t data_len;

    if ((token->usage & STORE_USAGE_ENCRYPT) == 0)
        return CKR_MECHANISM_INVALID;
    out->type = mechanism->mechanism;
    if (mechanism->mechanism == CKM_RSA_PKCS_OAEP && (token->usage & STORE_USAGE_DECRYPT) != 0) {
        out->rsa = true;
        return scheme_form(scheme_find(CKM_RSA_PKCS_OAEP, SCHEME_DECRYPT), mechanism, &out->oaep,
                           &data_len);
    }
    out->is_cipher = cipher_has(mechanism->mechanism);
    if (out->is_cipher)
        return cipher_form_read(mechanism, &out->cipher);
    if (mechanism->mechanism != CKM_AES_KEY_WRAP && mechanism->mechanism != CKM_AES_KEY_WRAP_KWP)
        return CKR_MECHANISM_INVALID;
    out->aes = mechanism->mechanism == CKM_AES_KEY_WRAP ? AES_KW : AES_KWP;
    /* another initial value than the standard's is never needed */
    return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

/* Checks that the key may wrap or unwrap; `wrong_type` is the error for one that the mechanism
 * cannot use. */
static CK_RV check_key(const struct object_view *view, const struct form *form, bool wraps,
                       CK_RV wrong_type)
{
    enum object_flag flag = wraps ? OBJECT_WRAP : OBJECT_UNWRAP;
    enum object_kind own = wraps ? OBJECT_SESSION_PUBLIC : OBJECT_SESSION_PRIVATE;
    CK_RV rv;

    if (!form->rsa) {
        rv = ready_key_check_aes(view, flag, form->type, wrong_type);
        return rv == CKR_OK && ready_key_asks_for_login(view) ? CKR_USER_NOT_LOGGED_IN : rv;
    }
    if (view->kind == own)
        return session_attributes_permit(view->own, flag, form->type);
    if (view->kind != (wraps ? OBJECT_PUBLIC_KEY : OBJECT_PRIVATE_KEY))
        return wrong_type;
    if ((object_face_usage(view) & STORE_USAGE_DECRYPT) == 0)
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return ready_key_asks_for_login(view) ? CKR_USER_NOT_LOGGED_IN : CKR_OK;
}

/* Loads the key that wraps or unwraps. */
static CK_RV load_key(const struct caller *caller, CK_OBJECT_HANDLE handle, const struct form *form,
                      bool wraps, struct object_view *view)
{
    CK_RV wrong_type =
        wraps ? CKR_WRAPPING_KEY_TYPE_INCONSISTENT : CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT;
    CK_RV rv = object_view(caller->token, handle, view);

    if (rv == CKR_OK)
        rv = check_key(view, form, wraps, wrong_type);
    if (rv == CKR_OK)
        rv = object_view_load(view, ready_key_need(view), CKR_CALL_USE);
    if (rv == CKR_OK && form->rsa && view->pki->key.type != PKI_RSA)
        rv = wrong_type;
    if (rv == CKR_OK)
        rv = ckr_from_store(CKR_CALL_USE, token_permit(caller->token));
    if (rv == CKR_OBJECT_HANDLE_INVALID)
        rv = wraps ? CKR_WRAPPING_KEY_HANDLE_INVALID : CKR_UNWRAPPING_KEY_HANDLE_INVALID;
    return rv;
}

/* Views the key to wrap. Only a session's secret key can ever leave the module. */
static CK_RV view_wrapped(const struct caller *caller, CK_OBJECT_HANDLE handle,
                          struct object_view *view)
{
    CK_RV rv = object_view(caller->token, handle, view);

    if (rv != CKR_OK)
        return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_KEY_HANDLE_INVALID : rv;
    if (view->kind == OBJECT_KEY || view->kind == OBJECT_PRIVATE_KEY ||
        view->kind == OBJECT_SESSION_PRIVATE)
        return CKR_KEY_UNEXTRACTABLE;
    if (view->kind != OBJECT_SESSION_KEY)
        return CKR_KEY_HANDLE_INVALID;
    if (!session_attributes_has(view->own, OBJECT_EXTRACTABLE))
        return CKR_KEY_UNEXTRACTABLE;
    return session_attributes_has(view->own, OBJECT_WRAP_WITH_TRUSTED) ? CKR_KEY_NOT_WRAPPABLE
                                                                       : CKR_OK;
}

/* Gives the length of the wrapped key if there is no room for it. */
static CK_RV check_room(size_t len, const CK_BYTE *out, CK_ULONG *out_len)
{
    CK_ULONG room = *out_len;

    if (len == 0)
        return CKR_KEY_SIZE_RANGE;
    *out_len = (CK_ULONG)len;
    return out != NULL && room < len ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static CK_RV wrap_aes(const struct form *form, const struct store_secret *with,
                      const struct store_secret *key, CK_BYTE *out, CK_ULONG *out_len)
{
    AUTO_SECRET wrapped = {0};
    CK_RV rv = check_room(aes_wrapped_len(form->aes, key->len), out, out_len);

    if (rv != CKR_OK || out == NULL)
        return rv;
    if (!aes_wrap(form->aes, with, key, &wrapped) || wrapped.len != *out_len)
        return CKR_FUNCTION_FAILED;
    memcpy(out, wrapped.data, wrapped.len);
    return CKR_OK;
}

/* CBC needs whole blocks: 2.11.5, "padded on the trailing end with up to block size minus one null
 * bytes". */
static CK_RV wrap_cipher(const struct form *form, const struct store_secret *with,
                         const struct store_secret *key, CK_BYTE *out, CK_ULONG *out_len)
{
    AUTO_SECRET bytes = {0};
    struct encryption *encryption = NULL;
    unsigned char *unused;
    size_t len = key->len;
    CK_RV rv;

    if (form->cipher.mode == CIPHER_CBC && !form->cipher.padded)
        len = (len + CIPHER_BLOCK - 1) / CIPHER_BLOCK * CIPHER_BLOCK;
    store_secret_share(&bytes, key);
    if (len != key->len && store_secret_resize(&bytes, len, &unused) != STORE_OK)
        return CKR_HOST_MEMORY;
    rv = encryption_new(&form->cipher, with, true, &encryption);
    if (rv == CKR_OK)
        rv = encryption_run(encryption, bytes.data, (CK_ULONG)len, true, out, out_len);
    encryption_free(encryption);
    return rv;
}

static CK_RV wrap_rsa(const struct form *form, const struct object_view *with,
                      const struct store_secret *key, CK_BYTE *out, CK_ULONG *out_len)
{
    unsigned char wrapped[KEYPAIR_SIGNATURE_MAX];
    struct keypair *keypair = NULL;
    CK_RV rv = ready_key_new(with, &keypair);

    if (rv == CKR_OK && key->len > keypair_encrypt_max(keypair, &form->oaep))
        rv = CKR_KEY_SIZE_RANGE;
    if (rv == CKR_OK)
        rv = check_room(keypair_signature_len(keypair), out, out_len);
    if (rv == CKR_OK && out != NULL) {
        if (keypair_encrypt(keypair, &form->oaep, key->data, key->len, wrapped))
            memcpy(out, wrapped, *out_len);
        else
            rv = CKR_FUNCTION_FAILED;
    }
    keypair_free(keypair);
    return rv;
}

CK_RV wrap_key(const struct caller *caller, const CK_MECHANISM *mechanism,
               CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len)
{
    AUTO_VIEW with = {0};
    AUTO_VIEW view = {0};
    AUTO_SECRET bytes = {0};
    struct form form = {0};
    CK_RV rv;

    if (mechanism == NULL || out_len == NULL)
        return CKR_ARGUMENTS_BAD;
    rv = read_mechanism(caller->token, mechanism, &form);
    if (rv == CKR_OK)
        rv = load_key(caller, wrapping, &form, true, &with);
    if (rv == CKR_OK)
        rv = form.rsa ? CKR_OK : ready_key_aes(&with, &bytes);
    if (rv == CKR_OK)
        rv = view_wrapped(caller, key, &view);
    if (rv == CKR_OK)
        rv = form.rsa         ? wrap_rsa(&form, &with, &view.record.value, out, out_len)
             : form.is_cipher ? wrap_cipher(&form, &bytes, &view.record.value, out, out_len)
                              : wrap_aes(&form, &bytes, &view.record.value, out, out_len);
    if (rv != CKR_BUFFER_TOO_SMALL && (rv != CKR_OK || out != NULL))
        audit_key(caller->token, "wrap", with.key, form.type, with.record.stale, rv);
    return rv;
}

static CK_RV unwrap_aes(const struct form *form, const struct store_secret *with,
                        const CK_BYTE *wrapped, CK_ULONG len, struct store_secret *out)
{
    /* two half blocks or more, and KW has one more */
    if (len % 8 != 0 || len < (form->aes == AES_KW ? 24 : 16) || len > WRAPPED_MAX)
        return CKR_WRAPPED_KEY_LEN_RANGE;
    return aes_unwrap(form->aes, with, wrapped, len, out) ? CKR_OK : CKR_WRAPPED_KEY_INVALID;
}

/* Takes the null bytes off that wrapping with CBC has added, if the template says how long the key
 * is. A key that lost other bytes would be a part of the one that was wrapped. */
static CK_RV cut_zeros(struct store_secret *bytes, CK_ULONG len)
{
    unsigned char wrong = 0;

    if (len == 0 || len >= bytes->len || bytes->len - len >= CIPHER_BLOCK)
        return CKR_OK;
    for (size_t i = len; i < bytes->len; i++)
        wrong |= bytes->data[i];
    store_secret_slice(bytes, bytes, 0, len);
    return wrong == 0 ? CKR_OK : CKR_WRAPPED_KEY_INVALID;
}

static CK_RV unwrap_cipher(const struct form *form, const struct store_secret *with,
                           const CK_BYTE *wrapped, CK_ULONG len, struct store_secret *out)
{
    AUTO_SECRET bytes = {0};
    struct encryption *encryption = NULL;
    unsigned char *plain = NULL;
    CK_ULONG plain_len = len;
    CK_RV rv;

    if (len == 0 || len > WRAPPED_MAX)
        return CKR_WRAPPED_KEY_LEN_RANGE;
    if (store_secret_resize(&bytes, len, &plain) != STORE_OK)
        return CKR_HOST_MEMORY;
    rv = encryption_new(&form->cipher, with, false, &encryption);
    if (rv == CKR_OK)
        rv = encryption_run(encryption, wrapped, len, true, plain, &plain_len);
    encryption_free(encryption);
    if (rv == CKR_ENCRYPTED_DATA_LEN_RANGE)
        return CKR_WRAPPED_KEY_LEN_RANGE;
    if (rv == CKR_ENCRYPTED_DATA_INVALID || (rv == CKR_OK && plain_len == 0))
        return CKR_WRAPPED_KEY_INVALID;
    if (rv != CKR_OK)
        return rv;
    store_secret_slice(out, &bytes, 0, plain_len);
    return form->cipher.mode == CIPHER_CBC && !form->cipher.padded ? cut_zeros(out, form->len)
                                                                   : CKR_OK;
}

static CK_RV unwrap_rsa(const struct form *form, const struct object_view *with,
                        const CK_BYTE *wrapped, CK_ULONG len, struct store_secret *out)
{
    unsigned char plain[KEYPAIR_SIGNATURE_MAX];
    struct keypair *keypair = NULL;
    size_t plain_len = 0;
    CK_RV rv = ready_key_new(with, &keypair);

    if (rv == CKR_OK && len != keypair_signature_len(keypair))
        rv = CKR_WRAPPED_KEY_LEN_RANGE;
    if (rv == CKR_OK &&
        (!keypair_decrypt(keypair, &form->oaep, wrapped, plain, &plain_len) || plain_len == 0))
        rv = CKR_WRAPPED_KEY_INVALID;
    if (rv == CKR_OK && store_secret_set(out, plain, plain_len) != STORE_OK)
        rv = CKR_HOST_MEMORY;
    store_wipe(plain, sizeof plain);
    keypair_free(keypair);
    return rv;
}

CK_RV wrap_undo(const struct caller *caller, const CK_MECHANISM *mechanism,
                CK_OBJECT_HANDLE unwrapping, const CK_BYTE *wrapped, CK_ULONG len,
                const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    AUTO_VIEW with = {0};
    AUTO_SECRET bytes = {0};
    AUTO_SECRET value = {0};
    struct form form = {0};
    CK_RV rv;

    if (mechanism == NULL || wrapped == NULL || out == NULL)
        return CKR_ARGUMENTS_BAD;
    rv = read_mechanism(caller->token, mechanism, &form);
    if (rv == CKR_OK)
        rv = object_derived_check(template, count, &form.len);
    if (rv == CKR_OK)
        rv = load_key(caller, unwrapping, &form, false, &with);
    if (rv == CKR_OK && !form.rsa)
        rv = ready_key_aes(&with, &bytes);
    if (rv == CKR_OK)
        rv = form.rsa         ? unwrap_rsa(&form, &with, wrapped, len, &value)
             : form.is_cipher ? unwrap_cipher(&form, &bytes, wrapped, len, &value)
                              : unwrap_aes(&form, &bytes, wrapped, len, &value);
    if (rv == CKR_OK) /* which refuses another CKA_VALUE_LEN than the key has */
        rv = object_derived_publish(caller, NULL, template, count, &value, out);
    audit_key(caller->token, "unwrap", with.key, form.type, with.record.stale, rv);
    return rv;
}
