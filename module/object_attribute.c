/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "module/key.h"
#include "module/object_view.h"
#include "module/schema.h"
#include "module/token.h"
#include "store/time.h"

/* GnuTLS has a buffer of 128 bytes for a label and drops the object if a longer one comes without
 * a CKA_ID beside it. */
#define LABEL_FITS_ALL 127

static CK_RV give_bool(struct object_bytes *out, bool value)
{
    CK_BBOOL flag = value ? CK_TRUE : CK_FALSE;

    memcpy(out->scratch, &flag, sizeof flag);
    out->data = out->scratch;
    out->len = sizeof flag;
    return CKR_OK;
}

static CK_RV give_ulong(struct object_bytes *out, CK_ULONG value)
{
    memcpy(out->scratch, &value, sizeof value);
    out->data = out->scratch;
    out->len = sizeof value;
    return CKR_OK;
}

static CK_RV give_bytes(struct object_bytes *out, const void *data, size_t len)
{
    out->data = data;
    out->len = len;
    return CKR_OK;
}

static CK_RV give_text(struct object_bytes *out, const char *text)
{
    return give_bytes(out, text, strlen(text));
}

static CK_RV give_secret(struct object_bytes *out, const struct store_secret *secret)
{
    return give_bytes(out, secret->data, secret->len);
}

static CK_RV give_time(struct object_bytes *out, int64_t ns)
{
    char text[STORE_TIME_TEXT_SIZE];

    store_time_format(ns, text);
    memcpy(out->scratch, text, sizeof text);
    return give_text(out, (const char *)out->scratch);
}

static bool is_key(const struct object_view *view)
{
    return view->kind == OBJECT_KEY || view->kind == OBJECT_SESSION_KEY;
}

static bool is_sensitive(const struct object_view *view)
{
    if (view->own != NULL)
        return is_key(view) && (view->own->sensitive || !view->own->extractable);
    return view->kind == OBJECT_KEY ||
           (view->kind == OBJECT_SECRET && store_conf_sensitive(view->token->conf, view->key));
}

/* Whether the value could never be read anywhere: for a key of the token, its data object is the
 * other way. */
static bool never_readable(const struct object_view *view)
{
    return store_conf_sensitive(view->token->conf, view->key);
}

static CK_RV give_id(const struct object_view *view, struct object_bytes *out)
{
    if (view->own != NULL)
        return is_key(view) ? give_secret(out, &view->own->id) : CKR_ATTRIBUTE_TYPE_INVALID;
    if (view->kind == OBJECT_SECRET && strlen(view->key) <= LABEL_FITS_ALL)
        return CKR_ATTRIBUTE_TYPE_INVALID;
    key_id(view->key, out->scratch);
    return give_bytes(out, out->scratch, KEY_ID_LEN);
}

static CK_RV give_unique_id(const struct object_view *view, struct object_bytes *out)
{
    char *text = (char *)out->scratch;

    if (view->kind == OBJECT_STATUS)
        return give_text(out, "status");
    if (view->key[0] != '\0')
        snprintf(text, sizeof out->scratch, "%s:%s", is_key(view) ? "key" : "data", view->key);
    else
        snprintf(text, sizeof out->scratch, "session:%lx", view->handle);
    return give_text(out, text);
}

static CK_RV give_label(const struct object_view *view, struct object_bytes *out)
{
    if (view->kind == OBJECT_STATUS)
        return give_text(out, "status");
    if (view->own != NULL)
        return give_secret(out, &view->own->label);
    return give_text(out, view->key);
}

/* What every object has (PKCS#11 3.0, 4.4). */
static CK_RV common_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                              struct object_bytes *out)
{
    const struct object_own *own = view->own;
    bool secret = view->kind == OBJECT_SECRET;
    bool writable = secret && !token_read_only(view->token);

    switch (type) {
    case CKA_CLASS:
        return give_ulong(out, view->kind == OBJECT_STATUS ? CKO_SIDESEAT_STATUS
                               : is_key(view)              ? CKO_SECRET_KEY
                                                           : CKO_DATA);
    case CKA_TOKEN:
        return give_bool(out, own == NULL);
    case CKA_PRIVATE:
        return give_bool(out, own == NULL ? view->kind != OBJECT_STATUS : own->private);
    case CKA_MODIFIABLE:
        return give_bool(out, own == NULL ? writable : own->modifiable);
    case CKA_COPYABLE:
        return give_bool(out, own == NULL ? secret && !is_sensitive(view) : own->copyable);
    case CKA_DESTROYABLE:
        return give_bool(out, own == NULL ? writable : own->destroyable);
    case CKA_LABEL:
        return give_label(view, out);
    case CKA_UNIQUE_ID:
        return give_unique_id(view, out);
    default:
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
}

static CK_RV give_mechanisms(struct object_bytes *out)
{
    /* CKM_SHA256_HMAC and so on, then their general forms */
    static const CK_MECHANISM_TYPE mechanisms[] = {
        CKM_SHA256_HMAC,         CKM_SHA384_HMAC,         CKM_SHA512_HMAC,
        CKM_SHA256_HMAC_GENERAL, CKM_SHA384_HMAC_GENERAL, CKM_SHA512_HMAC_GENERAL,
    };

    return give_bytes(out, mechanisms, sizeof mechanisms);
}

/* What secret keys have (4.7, 4.8, 6.20). */
static CK_RV key_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                           struct object_bytes *out)
{
    const struct object_own *own = view->own;

    switch (type) {
    case CKA_KEY_TYPE:
        return give_ulong(out, own == NULL ? CKK_GENERIC_SECRET : own->key_type);
    case CKA_VALUE_LEN:
        return give_ulong(out, own == NULL ? key_length(view->encoding, &view->record.value)
                                           : view->record.value.len);
    case CKA_START_DATE:
    case CKA_END_DATE:
        return give_bytes(out, NULL, 0);
    case CKA_KEY_GEN_MECHANISM:
        return give_ulong(out, own == NULL ? CK_UNAVAILABLE_INFORMATION : own->key_gen_mechanism);
    case CKA_ALLOWED_MECHANISMS:
        return give_mechanisms(out);
    case CKA_SENSITIVE:
        return give_bool(out, own == NULL || own->sensitive);
    case CKA_EXTRACTABLE:
        return give_bool(out, own != NULL && own->extractable);
    case CKA_ALWAYS_SENSITIVE:
        return give_bool(out, own == NULL ? never_readable(view) : own->always_sensitive);
    case CKA_NEVER_EXTRACTABLE:
        return give_bool(out, own == NULL ? never_readable(view) : own->never_extractable);
    case CKA_LOCAL:
        return give_bool(out, own != NULL && own->local);
    case CKA_SIGN:
        return give_bool(out, own == NULL || own->sign);
    case CKA_VERIFY:
        return give_bool(out, own == NULL || own->verify);
    default: /* what a key of ours never does, or never has */
        return give_bool(out, false);
    }
}

/* The parts of a scope key. */
static CK_RV scope_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                             struct object_bytes *out)
{
    struct store_scope_key parts;

    if (store_scope_parse(view->key, strlen(view->key), &parts) != STORE_OK)
        return CKR_GENERAL_ERROR; /* no other key is taken into an index */
    switch (type) {
    case CKA_SIDESEAT_SCOPE:
        return give_text(out, parts.scope);
    case CKA_SIDESEAT_SCOPE_ID:
        return give_bytes(out, parts.id, parts.id_len);
    default:
        return give_bytes(out, parts.name, parts.name_len);
    }
}

/* Ours. */
static CK_RV vendor_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                              struct object_bytes *out)
{
    switch (type) {
    case CKA_SIDESEAT_SCOPE:
    case CKA_SIDESEAT_SCOPE_ID:
    case CKA_SIDESEAT_NAME:
        return scope_attribute(view, type, out);
    case CKA_SIDESEAT_CREATED_AT:
        return give_time(out, view->record.created_ns);
    case CKA_SIDESEAT_UPDATED_AT:
        return give_time(out, view->record.updated_ns);
    case CKA_SIDESEAT_VERSION:
        return give_text(out, view->record.version);
    case CKA_SIDESEAT_BACKEND:
        return give_text(out, view->token->registration->name);
    case CKA_SIDESEAT_STALE:
        return give_text(out, view->record.stale ? "1" : "0");
    case CKA_SIDESEAT_STATUS:
        return give_secret(out, &view->record.value);
    default:
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
}

CK_RV object_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                       struct object_bytes *out)
{
    if (!schema_allows(schema_find(type), view->kind, SCHEMA_READ))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    switch (type) {
    case CKA_VALUE:
        return is_sensitive(view) ? CKR_ATTRIBUTE_SENSITIVE : give_secret(out, &view->record.value);
    case CKA_ID:
        return give_id(view, out);
    case CKA_APPLICATION:
        return view->own == NULL ? give_text(out, "sideseat")
                                 : give_secret(out, &view->own->application);
    case CKA_OBJECT_ID:
        return view->own == NULL ? give_bytes(out, NULL, 0)
                                 : give_secret(out, &view->own->object_id);
    default:
        if (type >= CKA_SIDESEAT_BASE)
            return vendor_attribute(view, type, out);
        if (common_attribute(view, type, out) == CKR_OK)
            return CKR_OK;
        return key_attribute(view, type, out);
    }
}

enum object_need object_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type)
{
    switch (type) {
    case CKA_VALUE:
        return is_sensitive(view) || view->kind == OBJECT_STATUS ? OBJECT_NEED_NOTHING
                                                                 : OBJECT_NEED_VALUE;
    case CKA_VALUE_LEN:
        return is_key(view) ? OBJECT_NEED_VALUE : OBJECT_NEED_NOTHING;
    case CKA_SIDESEAT_CREATED_AT:
    case CKA_SIDESEAT_UPDATED_AT:
    case CKA_SIDESEAT_VERSION:
    case CKA_SIDESEAT_STALE:
        return view->key[0] != '\0' ? OBJECT_NEED_RECORD : OBJECT_NEED_NOTHING;
    case CKA_SIDESEAT_STATUS:
        return view->kind == OBJECT_STATUS ? OBJECT_NEED_VALUE : OBJECT_NEED_NOTHING;
    default:
        return OBJECT_NEED_NOTHING;
    }
}
