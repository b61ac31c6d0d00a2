/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_certificate.h"

#include <string.h>

#include "module/object/attribute.h"
#include "module/object/object_pair.h"
#include "module/object/object_publish.h"
#include "module/pair.h"
#include "module/pki/bundle.h"
#include "module/pki/pem.h"
#include "module/token.h"
#include "store/log.h"

static CK_RV refuse(CK_RV rv, const char *key, const char *reason)
{
    store_log(STORE_LOG_WARNING, "pkcs11: cannot add the certificate to %s: %s", key, reason);
    return rv;
}

/* The secrets of a certificate: the one that shows it, and the one that holds it, which may be the
 * same. */
struct place {
    struct token *token;
    char key[STORE_KEY_MAX + 1];
    const char *holder;
    struct store_record shown;
    struct store_record held; /* of another holder */
};

static void place_drop(struct place *place)
{
    store_record_clear(&place->shown);
    store_record_clear(&place->held);
}

#define AUTO_PLACE __attribute__((cleanup(place_drop))) struct place

static bool is_apart(const struct place *place)
{
    return place->holder != place->key;
}

static struct store_record *holding(struct place *place)
{
    return is_apart(place) ? &place->held : &place->shown;
}

/* Reads a secret, which may not exist yet. */
static enum store_err read_if_there(struct token *token, const char *key, struct store_record *out)
{
    enum store_err err = token_read(token, key, out);

    return err == STORE_NOT_FOUND || err == STORE_NO_VALUE ? STORE_OK : err;
}

static CK_RV place_read(struct place *place)
{
    const struct store_conf_rule *rule = store_conf_rule_find(place->token->conf, place->key);
    enum store_err err = read_if_there(place->token, place->key, &place->shown);

    place->holder = pair_certificate_holder(rule, place->key);
    if (err == STORE_OK && is_apart(place))
        err = read_if_there(place->token, place->holder, &place->held);
    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_CREATE, err);
    if (is_apart(place) && place->shown.value.len == 0)
        return refuse(CKR_TEMPLATE_INCONSISTENT, place->holder, "store the private key first");
    return CKR_OK;
}

/* The face of the secret, with `text` in the holder; NULL if memory is short. */
static struct pki *face_with(const struct place *place, const struct store_secret *text)
{
    return is_apart(place) ? pair_face(place->token, place->key, &place->shown.value, text)
                           : pair_face(place->token, place->key, text, NULL);
}

/* Checks that the new text shows one certificate more than the old one, and all that this showed.
 */
static CK_RV check_added(const struct place *place, const struct pki *before,
                         const struct pki *after, struct der certificate)
{
    if (pki_number_of(before, certificate) < before->count)
        return refuse(CKR_SIDESEAT_CONFLICT, place->holder, "it is there already");
    if (after->count != before->count + 1 || after->fault != before->fault)
        return refuse(CKR_TEMPLATE_INCONSISTENT, place->holder,
                      "the secret has no room for it or is not in PEM; store the whole chain with "
                      "sideseat-secrets set");
    return CKR_OK;
}

/* Writes the holder, and gives the object of the certificate. */
static CK_RV write_holder(struct place *place, const struct store_secret *text,
                          struct der certificate, CK_OBJECT_HANDLE *out)
{
    struct store_record *old = holding(place);
    const char *expected = old->value.len == 0 ? "0" : object_expected(old);
    AUTO_RECORD record = {0};
    int64_t began_ns = store_time_monotonic();
    struct object_table *objects = &place->token->objects;
    struct object_found found = {
        .kind = OBJECT_CERTIFICATE, .key = place->key, .has_metadata = true, .began_ns = began_ns};
    enum store_err err = token_write(place->token, place->holder, text, expected, &record);
    CK_RV rv;

    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_CREATE, err);
    (void)object_written(place->token, place->holder, text, &record, began_ns);
    object_remove_certificates(objects, place->key); /* their numbers have changed */
    found.record = is_apart(place) ? &place->shown : &record;
    rv = pair_read(place->token, place->key, found.record, store_time_monotonic(), &found.pki);
    if (rv != CKR_OK)
        return rv;
    found.number = (unsigned char)pki_number_of(found.pki, certificate);
    found.asked_ns = store_time_monotonic();
    store_secret_wipe(is_apart(place) ? &place->shown.value : &record.value);
    *out = object_upsert(objects, &found);
    pki_drop(found.pki);
    return *out == 0 ? CKR_HOST_MEMORY : CKR_OK;
}

/* Makes the holder's new text: the certificate first if it is of the secret's own key, so that a
 * renewed one counts. */
static CK_RV make_text(const struct store_secret *old, struct der certificate,
                       const struct pki *before, struct store_secret *out)
{
    struct certificate x509;
    AUTO_SECRET block = {0};
    bool own = certificate_read(certificate, &x509) && before->has_key &&
               der_equal(x509.key_bits, before->key.key_bits);
    const struct store_secret *first = own ? &block : old;
    const struct store_secret *second = own ? old : &block;

    if (pem_write("CERTIFICATE", certificate, &block) != STORE_OK ||
        store_secret_append(out, first->data, first->len) != STORE_OK ||
        (out->len > 0 && out->data[out->len - 1] != '\n' &&
         store_secret_append(out, "\n", 1) != STORE_OK) ||
        store_secret_append(out, second->data, second->len) != STORE_OK)
        return CKR_HOST_MEMORY;
    return CKR_OK;
}

static CK_RV add(struct place *place, const CK_ATTRIBUTE *template, CK_ULONG count,
                 struct der certificate, CK_OBJECT_HANDLE *out)
{
    const struct store_secret *old = &holding(place)->value;
    struct pki *before = face_with(place, old);
    struct pki *after = NULL;
    AUTO_SECRET text = {0};
    CK_RV rv = before == NULL ? CKR_HOST_MEMORY : CKR_OK;

    if (rv == CKR_OK && old->len > 0 && !bundle_is_pki(old))
        rv = refuse(CKR_TEMPLATE_INCONSISTENT, place->holder,
                    "the secret holds something else than keys and certificates, and keeps it; use "
                    "another CKA_LABEL, or delete the secret before");
    if (rv == CKR_OK)
        rv = make_text(old, certificate, before, &text);
    if (rv == CKR_OK) {
        after = face_with(place, &text);
        rv = after == NULL ? CKR_HOST_MEMORY : check_added(place, before, after, certificate);
    }
    if (rv == CKR_OK)
        rv = object_pair_check(place->token, place->key, OBJECT_CERTIFICATE, after,
                               (unsigned char)pki_number_of(after, certificate), template, count);
    if (rv == CKR_OK)
        rv = write_holder(place, &text, certificate, out);
    pki_drop(before);
    pki_drop(after);
    return rv;
}

CK_RV object_certificate_create(const struct caller *caller, const CK_ATTRIBUTE *template,
                                CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    const CK_ATTRIBUTE *value = template_find(template, count, CKA_VALUE);
    struct der bytes = {value->pValue, value->ulValueLen};
    AUTO_PLACE place = {.token = caller->token};
    struct certificate x509;
    CK_RV rv = object_pair_secret(caller->token, template, count, place.key);

    if (rv == CKR_OK && !certificate_read(bytes, &x509))
        rv = refuse(CKR_ATTRIBUTE_VALUE_INVALID, place.key, "CKA_VALUE is not X.509 in DER");
    if (rv == CKR_OK)
        rv = place_read(&place);
    return rv == CKR_OK ? add(&place, template, count, bytes, out) : rv;
}

static bool is_blank(const struct store_secret *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (memchr(" \t\r\n", text->data[i], 4) == NULL)
            return false;
    return true;
}

/* Takes the certificate out of one secret, and deletes a secret that has nothing else. NOT_FOUND if
 * that does not hold it, CONFLICT if another writer has changed it since the read. */
static enum store_err take_out(struct token *token, const char *key, struct der certificate)
{
    AUTO_RECORD old = {0};
    AUTO_RECORD record = {0};
    AUTO_SECRET rest = {0};
    int64_t began_ns = store_time_monotonic();

    TRY(read_if_there(token, key, &old));
    TRY(bundle_without(&old.value, certificate, &rest));
    if (is_blank(&rest)) {
        TRY(token_remove(token, key, object_expected(&old)));
        object_remove_key(&token->objects, key, began_ns);
        return STORE_OK;
    }
    TRY(token_write(token, key, &rest, object_expected(&old), &record));
    (void)object_written(token, key, &rest, &record, began_ns);
    return STORE_OK;
}

CK_RV object_certificate_destroy(struct object_view *view)
{
    const char *other =
        pair_certificate_key(store_conf_rule_find(view->token->conf, view->key), view->key);
    CK_RV rv = object_view_load(view, OBJECT_NEED_FACE, CKR_CALL_DESTROY);
    enum store_err apart = STORE_NOT_FOUND;
    enum store_err err;
    struct der certificate;

    if (rv != CKR_OK)
        return rv;
    certificate = view->pki->certificates[view->number].x509.whole;
    if (other[0] != '\0')
        apart = take_out(view->token, other, certificate);
    if (apart != STORE_OK && apart != STORE_NOT_FOUND)
        return ckr_from_store(CKR_CALL_DESTROY, apart);
    err = take_out(view->token, view->key, certificate); /* which may hold it, too */
    if (err == STORE_NOT_FOUND)
        err = apart;
    if (apart == STORE_OK || err == STORE_OK || err == STORE_NOT_FOUND)
        object_remove_certificates(&view->token->objects, view->key);
    return ckr_from_store(CKR_CALL_DESTROY, err);
}
