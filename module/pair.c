/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pair.h"

#include <string.h>

#include "module/ckr.h"
#include "module/pki/private_write.h"
#include "module/token.h"
#include "store/log.h"

bool pair_fault_matters(const struct token *token, const char *key, enum pki_fault fault)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);

    return fault != PKI_NO_KEY || strchr(rule->pattern, '*') == NULL;
}

static void tell(const struct token *token, const char *key, enum pki_fault fault)
{
    store_log(pair_fault_matters(token, key, fault) ? STORE_LOG_WARNING : STORE_LOG_INFO,
              "pkcs11: %s %s", key, pki_fault_text(fault));
}

/* Reads the secret with the certificates. One that cannot be read hides the certificates alone; the
 * store has logged why. */
static void read_certificates(struct token *token, const struct store_conf_rule *rule,
                              struct store_record *out)
{
    if (rule->certificate[0] == '\0')
        return;
    if (token_read(token, rule->certificate, out) == STORE_NOT_FOUND)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: %s, the secret with the certificates of %s, does not exist; store it, "
                  "or correct pkcs11.keys",
                  rule->certificate, rule->pattern);
}

/* The passphrase of a key: another secret, or else the PIN of the login. The store's error, logged.
 */
static enum store_err read_passphrase(struct token *token, const struct store_conf_rule *rule,
                                      struct store_secret *out)
{
    AUTO_RECORD record = {0};
    enum store_err err;

    if (rule->passphrase[0] == '\0') {
        token_pin(token, out);
        return STORE_OK;
    }
    err = token_read(token, rule->passphrase, &record);
    if (err == STORE_NOT_FOUND)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: %s, the secret with the passphrase of %s, does not exist; store it, or "
                  "correct pkcs11.keys",
                  rule->passphrase, rule->pattern);
    store_secret_move(out, &record.value);
    return err;
}

/* Reads the face in a value. One that needs the PIN of a login is not for everybody who can read
 * the store, so it does not last. */
static struct pki *read_face(struct token *token, const struct store_conf_rule *rule,
                             const struct store_secret *value, const struct store_secret *more,
                             bool *lasting)
{
    struct pki *pki = pki_read(value, NULL, more);

    if (pki != NULL && pki->fault == PKI_ENCRYPTED) {
        AUTO_SECRET passphrase = {0};
        pki_drop(pki);
        (void)read_passphrase(token, rule, &passphrase);
        pki = pki_read(value, &passphrase, more);
        *lasting = rule->passphrase[0] != '\0';
    }
    return pki;
}

struct pki *pair_face(struct token *token, const char *key, const struct store_secret *value,
                      const struct store_secret *more)
{
    bool lasting;

    return read_face(token, store_conf_rule_find(token->conf, key), value, more, &lasting);
}

struct pki *pair_known(struct token *token, const char *key, const struct store_record *record)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    static const struct store_record none;

    /* whether the certificates are the same is not known without a read */
    if (rule == NULL || rule->certificate[0] != '\0')
        return NULL;
    return faces_find(token->faces, key, record, &none);
}

struct pki *pair_recent(struct token *token, const char *key)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);

    return rule == NULL ? NULL : faces_find_recent(token->faces, key, rule->certificate);
}

/* True if the face may be shown to others as it is: a key whose fault a person should hear of is
 * read again, so that the log and `status` name it. */
static bool face_lasts(const struct token *token, const char *key, const struct pki *pki)
{
    return pki->fault == PKI_OK ||
           (pki->fault == PKI_NO_KEY &&
            (pki->count > 0 || !pair_fault_matters(token, key, pki->fault)));
}

CK_RV pair_read(struct token *token, const char *key, const struct store_record *record,
                int64_t asked_ns, struct pki **out)
{
    const struct store_conf_rule *rule = store_conf_rule_find(token->conf, key);
    AUTO_RECORD certificates = {0};
    const struct store_secret *more = NULL;
    struct face_origin origin = {
        .certificate_key = rule->certificate, .asked_ns = asked_ns, .lasting = true};

    read_certificates(token, rule, &certificates);
    if (certificates.value.len > 0)
        more = &certificates.value;
    *out = faces_find(token->faces, key, record, &certificates);
    if (*out == NULL)
        *out = read_face(token, rule, &record->value, more, &origin.lasting);
    if (*out == NULL)
        return CKR_HOST_MEMORY;
    origin.lasting = origin.lasting && face_lasts(token, key, *out);
    origin.current =
        !record->stale && !certificates.stale && (more != NULL || rule->certificate[0] == '\0');
    if (faces_keep(token->faces, key, record, &certificates, &origin, *out) &&
        (*out)->fault != PKI_OK && !((*out)->fault == PKI_NO_KEY && (*out)->count > 0))
        tell(token, key, (*out)->fault);
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
        (void)read_passphrase(token, rule, &passphrase);
        fault = pki_private_read(value, &passphrase, &numbers);
    }
    if (fault == PKI_OK)
        fault = keypair_new_private(&numbers, out);
    if (fault == PKI_OK)
        return CKR_OK;
    tell(token, key, fault);
    return fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY : CKR_FUNCTION_FAILED;
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
        return err == STORE_NOT_FOUND ? CKR_FUNCTION_FAILED : ckr_from_store(CKR_CALL_CREATE, err);
    fault = pki_private_encrypt(text, &passphrase, out);
    if (fault == PKI_WRONG_PASSPHRASE)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: %s, the secret with the passphrase of %s, is empty; store another",
                  rule->passphrase, rule->pattern);
    return fault == PKI_OK          ? CKR_OK
           : fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY
                                    : CKR_FUNCTION_FAILED;
}
