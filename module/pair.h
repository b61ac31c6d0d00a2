/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PAIR_H
#define MODULE_PAIR_H

#include "module/cryptoki.h"
#include "module/pki/pki.h"
#include "module/pki/keypair.h"
#include "store/backend.h"

struct store_conf_rule;
struct token;

/* The secrets that hold key pairs and certificates, as the rules of pkcs11.keys name them. These
 * functions may read other secrets of the store: one with a passphrase or with certificates. */

/* Names the secret with the certificates of the secret `key`, which the rule matches; "" if `key`
 * has its own: a pattern may match the secret with the certificates, too. The text lives as long as
 * the rule. */
const char *pair_certificate_key(const struct store_conf_rule *rule, const char *key);

/* Names the secret that holds the certificates of the secret `key`: the one that the rule names,
 * else `key` itself, as the same pointer. The text lives as long as the rule and `key`. */
const char *pair_certificate_holder(const struct store_conf_rule *rule, const char *key);

/* Gives a reference to the public face of the secret `key`, which a rule matches, with the value in
 * `record`, for which the store was asked at `asked_ns` (store_time_monotonic). Its fault, if any,
 * is logged once for each version of the secret. CKR_HOST_MEMORY. */
CK_RV pair_read(struct token *token, const char *key, const struct store_record *record,
                int64_t asked_ns, struct pki **out);

/* Reads the public face that the secret `key`, which a rule matches, would have with this value,
 * and with the certificates in `more` (NULL: none). NULL if memory is short. */
struct pki *pair_face(struct token *token, const char *key, const struct store_secret *value,
                      const struct store_secret *more);

/* True if a person should hear of the fault: a secret that a pattern happens to match may be none
 * of a key, and one that no rule matches is not used. */
bool pair_fault_matters(const struct token *token, const char *key, enum pki_fault fault);

/* Gives the fault of a secret that a rule matches, and its remedy, in words, after the name of the
 * secret: as pki_fault_text, with the name of the other secret and what is wrong with it. `other`
 * is as in struct pki. */
#define PAIR_FAULT_SIZE 512
void pair_fault_text(const struct token *token, const char *key, enum pki_fault fault,
                     enum store_err other, char out[PAIR_FAULT_SIZE]);

/* The answer for the private key of the secret `key`, whose face has none. CKR_OK: the secret is
 * not meant to hold one. CKR_SIDESEAT_DAMAGED if it holds something that cannot be used as a key;
 * CKR_FUNCTION_FAILED without the PIN or libcrypto; CKR_SIDESEAT_MISCONFIGURED if the passphrase
 * that the rule names is missing or wrong, or the store's error for it; CKR_HOST_MEMORY. */
CK_RV pair_fault_answer(const struct token *token, const char *key, const struct pki *pki);

/* As pair_read, but only if the secret has been read before in this state; NULL if not. The value
 * in `record` is not looked at. */
struct pki *pair_known(struct token *token, const char *key, const struct store_record *record);

/* As pair_read, but only if pkcs11.public_cache has the face of a short time ago; NULL if not. */
struct pki *pair_recent(struct token *token, const char *key);

/* Makes the private key in the secret's value ready for use. If that is impossible, a line in the
 * log says why, and the result is that of pair_fault_answer. */
CK_RV pair_open(struct token *token, const char *key, const struct store_secret *value,
                struct keypair **out);

/* Gives the text that the store gets for a new private key: encrypted if the rule names a
 * passphrase, else the same. CKR_SIDESEAT_MISCONFIGURED, with a line in the log, if the passphrase
 * is missing or empty; the store's error; CKR_FUNCTION_FAILED; CKR_HOST_MEMORY. */
CK_RV pair_protect(struct token *token, const char *key, const struct store_secret *text,
                   struct store_secret *out);

/* Checks the PIN of one use of a private key, whose secret has this value: the passphrase of an
 * encrypted key, else the PIN of the store's own login. CKR_PIN_INCORRECT, or the store's error. */
CK_RV pair_check_pin(struct token *token, const struct store_secret *value,
                     const struct store_secret *pin);

#endif
