/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pair.h"

#include <stdio.h>
#include <string.h>

#include "module/ckr.h"
#include "module/pki/private_write.h"
#include "module/token.h"
#include "store/log.h"

bool pair_fault_matters(const struct token *token, const char *key, enum pki_fault fault)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);

    /* a face from pkcs11.public_cache may be that of a key which only earlier rules matched */
    return rule != NULL && (fault != PKI_NO_KEY || strchr(rule->pattern, '*') == NULL);
}

/* What a call answers without a passphrase: the rule is wrong if its secret is not there. */
static CK_RV without_passphrase(enum ckr_call call, enum store_err err)
{
    bool absent = err == STORE_NOT_FOUND || err == STORE_NO_VALUE;

    return ckr_from_store(call, absent ? STORE_BAD_CONF : err);
}

/* What a use of the key answers. `other` is as in struct pki. */
static CK_RV answer(const struct store_conf_rule *rule, enum pki_fault fault, enum store_err other)
{
    switch (fault) {
    case PKI_OK:
    case PKI_NO_CERTIFICATES:
        return CKR_OK;
    case PKI_NO_MEMORY:
        return CKR_HOST_MEMORY;
    case PKI_NO_PASSPHRASE:
        return without_passphrase(CKR_CALL_USE, other);
    case PKI_WRONG_PASSPHRASE:
        return rule->passphrase[0] != '\0' ? CKR_SIDESEAT_MISCONFIGURED : CKR_FUNCTION_FAILED;
    case PKI_ENCRYPTED:
    case PKI_NO_LIBRARY:
        return CKR_FUNCTION_FAILED;
    default:
        return CKR_SIDESEAT_DAMAGED;
    }
}

CK_RV pair_fault_answer(const struct token *token, const char *key, const struct pki *pki)
{
    if (pki_is_chain(pki) || !pair_fault_matters(token, key, pki->fault))
        return CKR_OK;
    return answer(store_conf_rule_find(token->conf, key), pki->fault, pki->other);
}

/* What is wrong with the other secret, and the remedy. */
static void other_text(enum store_err err, char *out, size_t size)
{
    if (err == STORE_NOT_FOUND)
        snprintf(out, size, "does not exist; store it, or correct pkcs11.keys");
    else if (err == STORE_NO_VALUE)
        snprintf(out, size, "has no value; store one, or correct pkcs11.keys");
    else if (err == STORE_DENIED)
        snprintf(out, size,
                 "may not be read; have the store's owner allow it, or correct pkcs11.keys");
    else
        snprintf(out, size, "cannot be read (%s); see: sideseat-secrets doctor",
                 store_err_name(err));
}

void pair_fault_text(const struct token *token, const char *key, enum pki_fault fault,
                     enum store_err other, char out[PAIR_FAULT_SIZE])
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    char why[128];

    if (fault != PKI_NO_PASSPHRASE && fault != PKI_NO_CERTIFICATES) {
        snprintf(out, PAIR_FAULT_SIZE, "%s", pki_fault_text(fault));
        return;
    }
    other_text(other, why, sizeof why);
    snprintf(out, PAIR_FAULT_SIZE, "%s: %s %s", pki_fault_text(fault),
             fault == PKI_NO_PASSPHRASE ? rule->passphrase : rule->certificate, why);
}

static void tell(const struct token *token, const char *key, enum pki_fault fault,
                 enum store_err other)
{
    char text[PAIR_FAULT_SIZE];

    pair_fault_text(token, key, fault, other, text);
    store_log(pair_fault_matters(token, key, fault) ? STORE_LOG_WARNING : STORE_LOG_INFO,
              "pkcs11: %s %s", key, text);
}

/* Names what is in a new face's secret and not in the face. */
static void tell_unread(const char *key, const struct pki *pki)
{
    if (pki->unread != NULL)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: the certificates of %s have a block %s, whose form is not read; convert "
                  "it to CERTIFICATE with: openssl x509, or openssl pkcs7 -print_certs",
                  key, pki->unread);
    if (pki->left_out > 0)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: the certificates of %s are more than %d, and %zu are not read; take out "
                  "those that no client needs",
                  key, PKI_CERTIFICATES_MAX, pki->left_out);
}

const char *pair_certificate_key(const struct store_conf_rule *rule, const char *key)
{
    return strcmp(rule->certificate, key) == 0 ? "" : rule->certificate;
}

const char *pair_certificate_holder(const struct store_conf_rule *rule, const char *key)
{
    const char *other = pair_certificate_key(rule, key);

    return other[0] == '\0' ? key : other;
}

/* Reads another secret that a rule names. NO_VALUE for an empty one. */
static enum store_err read_other(struct token *token, const char *key, struct store_record *out)
{
    TRY(token_read(token, key, out));
    return out->value.len == 0 ? STORE_NO_VALUE : STORE_OK;
}

/* The passphrase of a key: another secret, or else the PIN of the login. */
static enum store_err read_passphrase(struct token *token, const struct store_conf_rule *rule,
                                      struct store_secret *out)
{
    AUTO_RECORD record = {0};

    if (rule->passphrase[0] == '\0') {
        token_pin(token, out);
        return STORE_OK;
    }
    TRY(read_other(token, rule->passphrase, &record));
    store_secret_move(out, &record.value);
    return STORE_OK;
}

/* As without_passphrase, and tells why. */
static CK_RV no_passphrase(struct token *token, const char *key, enum ckr_call call,
                           enum store_err err)
{
    tell(token, key, PKI_NO_PASSPHRASE, err);
    return without_passphrase(call, err);
}

/* The text of a face: the secret's value, and that of the one with its certificates, or NULL. And
 * the records of both, if the face may be known by them. */
struct face_source {
    const struct store_secret *value;
    const struct store_secret *more;
    const struct store_record *record;
    const struct store_record *certificates;
};

/* Reads a face. One that needs the PIN of a login is not for everybody who can read the store, so
 * it does not last. */
static struct pki *read_face(struct token *token, const char *key, const struct face_source *source,
                             bool *lasting)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    struct pki *pki = pki_read(source->value, NULL, source->more);
    struct pki *known = NULL;
    AUTO_SECRET passphrase = {0};

    if (pki == NULL || pki->fault != PKI_ENCRYPTED)
        return pki;
    *lasting = rule->passphrase[0] != '\0';
    pki->other = read_passphrase(token, rule, &passphrase);
    if (pki->other != STORE_OK) {
        pki->fault = PKI_NO_PASSPHRASE;
        return pki;
    }
    pki_drop(pki);
    if (source->record != NULL)
        known = faces_find(token->faces, key, source->record, source->certificates, &passphrase);
    return known != NULL ? known : pki_read(source->value, &passphrase, source->more);
}

struct pki *pair_face(struct token *token, const char *key, const struct store_secret *value,
                      const struct store_secret *more)
{
    const struct face_source source = {.value = value, .more = more};
    bool lasting;

    return read_face(token, key, &source, &lasting);
}

struct pki *pair_known(struct token *token, const char *key, const struct store_record *record)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    static const struct store_record none;

    /* whether the certificates are the same is not known without a read */
    if (rule == NULL || pair_certificate_key(rule, key)[0] != '\0')
        return NULL;
    return faces_find(token->faces, key, record, &none, NULL);
}

struct pki *pair_recent(struct token *token, const char *key)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);

    return rule == NULL ? NULL
                        : faces_find_recent(token->faces, key, pair_certificate_key(rule, key));
}

/* True if the face may be shown to others as it is: a key whose fault a person should hear of is
 * read again, so that the log and `status` name it. */
static bool face_lasts(const struct token *token, const char *key, const struct pki *pki)
{
    return pki->fault == PKI_OK || pki_is_chain(pki) || !pair_fault_matters(token, key, pki->fault);
}

/* Adds to a new face that its certificates cannot be read. It shows all that it has. */
static void note_certificates(struct pki *pki, enum store_err err)
{
    if (err == STORE_OK || !(pki->fault == PKI_OK || pki_is_chain(pki)))
        return;
    pki->fault = PKI_NO_CERTIFICATES;
    pki->other = err;
}

CK_RV pair_read(struct token *token, const char *key, const struct store_record *record,
                int64_t asked_ns, struct pki **out)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    AUTO_RECORD certificates = {0};
    struct face_origin origin = {
        .certificate_key = pair_certificate_key(rule, key), .asked_ns = asked_ns, .lasting = true};
    bool apart = origin.certificate_key[0] != '\0';
    enum store_err err =
        apart ? read_other(token, origin.certificate_key, &certificates) : STORE_OK;
    const struct face_source source = {.value = &record->value,
                                       .more =
                                           apart && err == STORE_OK ? &certificates.value : NULL,
                                       .record = record,
                                       .certificates = &certificates};

    *out = faces_find(token->faces, key, record, &certificates, NULL);
    if (*out == NULL) {
        *out = read_face(token, key, &source, &origin.lasting);
        if (*out == NULL)
            return CKR_HOST_MEMORY;
        note_certificates(*out, err);
    }
    origin.lasting = origin.lasting && face_lasts(token, key, *out);
    origin.current = !record->stale && !certificates.stale && err == STORE_OK;
    if (!faces_keep(token->faces, key, record, &certificates, &origin, *out))
        return CKR_OK;
    if ((*out)->fault != PKI_OK && !pki_is_chain(*out))
        tell(token, key, (*out)->fault, (*out)->other);
    tell_unread(key, *out);
    return CKR_OK;
}

CK_RV pair_check_pin(struct token *token, const struct store_secret *value,
                     const struct store_secret *pin)
{
    AUTO_PRIVATE numbers = {0};
    enum pki_fault fault = pki_private_read(value, NULL, &numbers);

    if (fault != PKI_ENCRYPTED)
        return token_check_pin(token, pin);
    fault = pki_private_read(value, pin, &numbers);
    return fault == PKI_OK ? CKR_OK : fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY : CKR_PIN_INCORRECT;
}

CK_RV pair_open(struct token *token, const char *key, const struct store_secret *value,
                struct keypair **out)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    AUTO_PRIVATE numbers = {0};
    enum pki_fault fault = pki_private_read(value, NULL, &numbers);

    if (fault == PKI_ENCRYPTED) {
        AUTO_SECRET passphrase = {0};
        enum store_err err = read_passphrase(token, rule, &passphrase);
        if (err != STORE_OK)
            return no_passphrase(token, key, CKR_CALL_USE, err);
        fault = pki_private_read(value, &passphrase, &numbers);
    }
    if (fault == PKI_OK)
        fault = keypair_new_private(&numbers, out);
    if (fault != PKI_OK)
        tell(token, key, fault, STORE_OK);
    return answer(rule, fault, STORE_OK);
}

CK_RV pair_protect(struct token *token, const char *key, const struct store_secret *text,
                   struct store_secret *out)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    AUTO_SECRET passphrase = {0};
    enum pki_fault fault;
    enum store_err err;

    if (rule->passphrase[0] == '\0') {
        store_secret_share(out, text);
        return CKR_OK;
    }
    err = read_passphrase(token, rule, &passphrase);
    if (err != STORE_OK)
        return no_passphrase(token, key, CKR_CALL_CREATE, err);
    fault = pki_private_encrypt(text, &passphrase, out);
    if (fault == PKI_WRONG_PASSPHRASE) /* it has line breaks alone */
        return no_passphrase(token, key, CKR_CALL_CREATE, STORE_NO_VALUE);
    return fault == PKI_OK          ? CKR_OK
           : fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY
                                    : CKR_FUNCTION_FAILED;
}
