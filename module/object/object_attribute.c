/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "module/key.h"
#include "module/mechanism.h"
#include "module/object/object_bytes.h"
#include "module/object/object_face.h"
#include "module/object/object_version.h"
#include "module/object/object_view.h"
#include "module/object/schema.h"
#include "module/token_key.h"
#include "store/time.h"

/* GnuTLS reads a label into 128 bytes and drops an object with a longer one, unless it also has
 * a CKA_ID. */
#define LABEL_FITS_ALL 127

static bool is_key(const struct object_view *view)
{
    return view->kind == OBJECT_KEY || view->kind == OBJECT_SESSION_KEY;
}

static bool is_sensitive(const struct object_view *view)
{
    if (view->kind == OBJECT_VERSION)
        return store_conf_sensitive(view->token->conf, view->key);
    if (view->own != NULL)
        return is_key(view) && (session_attributes_has(view->own, OBJECT_SENSITIVE) ||
                                !session_attributes_has(view->own, OBJECT_EXTRACTABLE));
    return view->kind == OBJECT_KEY ||
           (view->kind == OBJECT_SECRET && store_conf_sensitive(view->token->conf, view->key));
}

/* True if no object shows the value. A key of the token has a data object that may. */
static bool never_readable(const struct object_view *view)
{
    return store_conf_sensitive(view->token->conf, view->key);
}

static CK_RV set_id(const struct object_view *view, struct object_bytes *out)
{
    if (view->kind == OBJECT_SECRET && strlen(view->key) <= LABEL_FITS_ALL)
        return CKR_ATTRIBUTE_TYPE_INVALID;
    key_id(view->key, out->scratch);
    return set_bytes(out, out->scratch, KEY_ID_LEN);
}

/* A certificate is told from others by its hash, whatever its number. */
static void set_certificate_text(const struct object_view *view, char *text, size_t size)
{
    int used = snprintf(text, size, "cert-");

    for (size_t i = 0; i < sizeof view->hash; i++)
        used += snprintf(text + used, size - (size_t)used, "%02x", view->hash[i]);
}

/* The kind of an object of a secret, and the scope key. A secret that is deleted and made again
 * gets another id, if the store gives the time at which it was made for nothing; see object_need.
 */
static void set_unique_text(const struct object_view *view, char *text, size_t size)
{
    char kind[48];
    char made[24] = "";

    if (view->kind == OBJECT_CERTIFICATE)
        set_certificate_text(view, kind, sizeof kind);
    else if (view->kind == OBJECT_VERSION)
        snprintf(kind, sizeof kind, "version%u", view->own->version.number);
    else if (view->kind == OBJECT_PRIVATE_KEY || view->kind == OBJECT_PUBLIC_KEY)
        snprintf(kind, sizeof kind, "%s", view->kind == OBJECT_PRIVATE_KEY ? "private" : "public");
    else
        snprintf(kind, sizeof kind, "%s", is_key(view) ? "key" : "data");
    if (object_need(view, CKA_UNIQUE_ID) != OBJECT_NEED_NOTHING && view->record.created_ns != 0)
        snprintf(made, sizeof made, "@%" PRIx64, (uint64_t)view->record.created_ns);
    snprintf(text, size, "%s%s:%s", kind, made, view->key);
}

static CK_RV set_unique_id(const struct object_view *view, struct object_bytes *out)
{
    char *text = (char *)out->scratch;

    if (view->kind == OBJECT_STATUS)
        return set_text(out, "status");
    if (view->kind == OBJECT_PROFILE)
        return set_text(out, "profile:baseline-provider");
    if (view->key[0] != '\0')
        set_unique_text(view, text, sizeof out->scratch);
    else
        snprintf(text, sizeof out->scratch, "session:%" PRIx64 ":%lx", view->token->objects.born_ns,
                 view->handle);
    return set_text(out, text);
}

/* Sets the mechanisms of the key type; the caller has checked for a limit in the key's template. */
static CK_RV set_mechanisms(CK_KEY_TYPE type, struct object_bytes *out)
{
    CK_MECHANISM_TYPE types[MECHANISM_OF_KEY_MAX];
    size_t count = mechanism_of_key(type, types);

    return set_copy(out, types, count * sizeof types[0]);
}

/* The type of a secret key of the token. */
static CK_KEY_TYPE token_key_type(const struct object_view *view)
{
    return store_conf_aes_find(view->token->conf, view->key) == NULL ? CKK_GENERIC_SECRET : CKK_AES;
}

/* True if an object of the token has the flag. A generated key has the flags of its template. */
static bool token_flag(const struct object_view *view, enum object_flag flag)
{
    bool secret = view->kind == OBJECT_SECRET;
    bool writable = secret && !token_key_read_only(view->token, view->key);
    uint32_t flags =
        view->kind == OBJECT_KEY ? token_key_flags(view->token, view->key, &view->record) : 0;

    switch (flag) {
    case OBJECT_PRIVATE:
        return view->key[0] != '\0';
    case OBJECT_MODIFIABLE:
    case OBJECT_DESTROYABLE:
        return writable;
    case OBJECT_COPYABLE:
        return secret && !is_sensitive(view);
    case OBJECT_ALWAYS_SENSITIVE:
        return never_readable(view) && (flags & OBJECT_BIT(OBJECT_SENSITIVE)) != 0;
    case OBJECT_NEVER_EXTRACTABLE:
        return never_readable(view);
    default:
        return (flags & OBJECT_BIT(flag)) != 0;
    }
}

static CK_RV flag_attribute(const struct object_view *view, const struct schema_row *row,
                            struct object_bytes *out)
{
    enum object_flag flag = (enum object_flag)row->place;

    if (row->type == CKA_TOKEN)
        return set_bool(out, view->own == NULL);
    return set_bool(out, view->own == NULL ? token_flag(view, flag)
                                           : session_attributes_has(view->own, flag));
}

/* The texts of an object of the token. */
static CK_RV token_text(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                        struct object_bytes *out)
{
    switch (type) {
    case CKA_LABEL:
        return set_text(out, view->kind == OBJECT_STATUS    ? "status"
                             : view->kind == OBJECT_PROFILE ? "Baseline Provider"
                                                            : view->key);
    case CKA_APPLICATION:
        return set_text(out, OBJECT_APPLICATION_TEXT);
    case CKA_ID:
        return set_id(view, out);
    case CKA_ALLOWED_MECHANISMS:
        return set_mechanisms(token_key_type(view), out);
    default: /* CKA_OBJECT_ID and dates */
        return set_bytes(out, NULL, 0);
    }
}

static CK_RV text_attribute(const struct object_view *view, const struct schema_row *row,
                            struct object_bytes *out)
{
    const struct session_attributes *own = view->own;

    if (own == NULL)
        return token_text(view, row->type, out);
    if (row->place == OBJECT_ALLOWED && !own->limited)
        return set_mechanisms(own->key_type, out);
    return set_secret(out, &own->texts[row->place]);
}

/* The length of a secret key of the token. It fails, as a use does, if the value is not a key. */
static CK_RV token_key_length(const struct object_view *view, struct object_bytes *out)
{
    AUTO_SECRET bytes = {0};
    CK_RV rv = token_key_type(view) == CKK_AES
                   ? key_decode_aes(view->key, view->encoding, &view->record.value, &bytes)
                   : key_decode(view->key, view->encoding, &view->record.value, &bytes);

    return rv == CKR_OK ? set_ulong(out, (CK_ULONG)bytes.len) : rv;
}

static CK_RV number_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                              struct object_bytes *out)
{
    const struct session_attributes *own = view->own;

    switch (type) {
    case CKA_CLASS:
        return set_ulong(out, view->kind == OBJECT_STATUS    ? CKO_SIDESEAT_STATUS
                              : view->kind == OBJECT_PROFILE ? CKO_PROFILE
                              : is_key(view)                 ? CKO_SECRET_KEY
                                                             : CKO_DATA);
    case CKA_PROFILE_ID:
        return set_ulong(out, CKP_BASELINE_PROVIDER);
    case CKA_KEY_TYPE:
        return set_ulong(out, own == NULL ? token_key_type(view) : own->key_type);
    case CKA_VALUE_LEN:
        return own == NULL ? token_key_length(view, out)
                           : set_ulong(out, (CK_ULONG)view->record.value.len);
    default:
        return set_ulong(out, own == NULL ? CK_UNAVAILABLE_INFORMATION : own->key_gen_mechanism);
    }
}

/* The parts of a scope key. */
static CK_RV scope_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                             struct object_bytes *out)
{
    struct store_scope_key parts;

    if (store_scope_parse(view->key, strlen(view->key), &parts) != STORE_OK)
        return CKR_GENERAL_ERROR; /* unreachable: the index holds only scope keys */
    switch (type) {
    case CKA_SIDESEAT_SCOPE:
        return set_text(out, parts.scope);
    case CKA_SIDESEAT_SCOPE_ID:
        return set_bytes(out, parts.id, parts.id_len);
    default:
        return set_bytes(out, parts.name, parts.name_len);
    }
}

/* The vendor attributes. */
static CK_RV vendor_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                              struct object_bytes *out)
{
    switch (type) {
    case CKA_SIDESEAT_SCOPE:
    case CKA_SIDESEAT_SCOPE_ID:
    case CKA_SIDESEAT_NAME:
        return scope_attribute(view, type, out);
    case CKA_SIDESEAT_CREATED_AT:
        return set_time(out, view->record.created_ns);
    case CKA_SIDESEAT_UPDATED_AT:
        return set_time(out, view->record.updated_ns);
    case CKA_SIDESEAT_VERSION:
        return set_text(out, view->record.version);
    case CKA_SIDESEAT_BACKEND:
        return set_text(out, view->token->registration->name);
    case CKA_SIDESEAT_STALE:
        return set_text(out, view->record.stale ? "1" : "0");
    case CKA_SIDESEAT_STATUS:
    case CKA_SIDESEAT_DIAGNOSIS:
        return set_secret(out, &view->record.value);
    default: /* of a version, as schema.c has it */
        return object_version_attribute(view, type, out);
    }
}

/* True if a session's public or private key itself gives the attribute, rather than its template.
 */
static bool is_of_pair(const struct object_view *view, const struct schema_row *row)
{
    if (view->kind != OBJECT_SESSION_PUBLIC && view->kind != OBJECT_SESSION_PRIVATE)
        return false;
    if (row->type == CKA_ALLOWED_MECHANISMS)
        return !view->own->limited;
    return row->place == SCHEMA_NOWHERE && row->type != CKA_TOKEN &&
           row->type != CKA_KEY_GEN_MECHANISM;
}

CK_RV object_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                       struct object_bytes *out)
{
    const struct schema_row *row = schema_find(type);

    if (!schema_allows(row, view->kind, SCHEMA_READ))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    if (type >= CKA_SIDESEAT_BASE)
        return vendor_attribute(view, type, out);
    if (type != CKA_UNIQUE_ID && (object_shows_face(view->kind) || is_of_pair(view, row)))
        return object_face_attribute(view, row, out);
    if (type == CKA_VALUE)
        return is_sensitive(view) ? CKR_ATTRIBUTE_SENSITIVE : set_secret(out, &view->record.value);
    if (type == CKA_UNIQUE_ID)
        return set_unique_id(view, out);
    switch (row->form) {
    case SCHEMA_FLAG:
        return flag_attribute(view, row, out);
    case SCHEMA_ULONG:
        return number_attribute(view, type, out);
    default:
        return text_attribute(view, row, out);
    }
}

bool object_is(const struct object_view *view, CK_ATTRIBUTE_TYPE type)
{
    struct object_bytes bytes;
    CK_BBOOL flag = CK_FALSE;

    if (object_attribute(view, type, &bytes) == CKR_OK && bytes.len == sizeof flag)
        memcpy(&flag, bytes.data, sizeof flag);
    return flag != CK_FALSE;
}

/* The state of a key that this process made tells whether the flags of its template are those of
 * the key that the secret holds now. */
static enum object_need flag_need(const struct object_view *view)
{
    return view->kind == OBJECT_KEY && store_conf_aes_find(view->token->conf, view->key) == NULL &&
                   token_key_is_made(view->token, view->key)
               ? OBJECT_NEED_RECORD
               : OBJECT_NEED_NOTHING;
}

enum object_need object_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type)
{
    if (object_shows_face(view->kind) && type < CKA_SIDESEAT_BASE && type != CKA_UNIQUE_ID)
        return object_face_need(view, type);
    switch (type) {
    case CKA_VALUE:
        return is_sensitive(view) || !schema_allows(schema_find(type), view->kind, SCHEMA_READ)
                   ? OBJECT_NEED_NOTHING
                   : OBJECT_NEED_VALUE;
    case CKA_VALUE_LEN:
        return is_key(view) ? OBJECT_NEED_VALUE : OBJECT_NEED_NOTHING;
    case CKA_SIDESEAT_CREATED_AT:
    case CKA_SIDESEAT_UPDATED_AT:
    case CKA_SIDESEAT_VERSION:
    case CKA_SIDESEAT_STALE:
        return view->key[0] != '\0' ? OBJECT_NEED_RECORD : OBJECT_NEED_NOTHING;
    case CKA_UNIQUE_ID: /* a cached store would be asked once for each secret of a listing */
        return view->key[0] != '\0' && !view->token->registration->cached ? OBJECT_NEED_RECORD
                                                                          : OBJECT_NEED_NOTHING;
    case CKA_SIDESEAT_STATUS:
        return view->kind == OBJECT_STATUS ? OBJECT_NEED_VALUE : OBJECT_NEED_NOTHING;
    case CKA_SIDESEAT_DIAGNOSIS:
        return view->kind == OBJECT_STATUS ? OBJECT_NEED_VALUE | OBJECT_NEED_RECORD
                                           : OBJECT_NEED_NOTHING;
    case CKA_SENSITIVE: /* the flags of OBJECT_KEPT, and what follows from the first */
    case CKA_ALWAYS_SENSITIVE:
    case CKA_DERIVE:
    case CKA_ENCRYPT:
    case CKA_DECRYPT:
    case CKA_WRAP:
    case CKA_UNWRAP:
    case CKA_WRAP_WITH_TRUSTED:
        return flag_need(view);
    default:
        return OBJECT_NEED_NOTHING;
    }
}
