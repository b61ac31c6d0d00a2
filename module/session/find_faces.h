/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_FIND_FACES_H
#define MODULE_SESSION_FIND_FACES_H

#include "module/session/lookup.h"

/* Finds the key pairs and certificates in the secrets that the rules of pkcs11.keys match. Values
 * of other secrets are never read. A secret that is damaged, forbidden or no key hides no other. */

/* Adds those in one secret, whose record the store has just returned. */
CK_RV find_faces_of(struct lookup *lookup, const char *key, const struct store_record *record,
                    int64_t asked_ns);

/* Adds those in one secret whose face pkcs11.public_cache has of a short time ago. False if it has
 * none, and then `rv` is unchanged. */
bool find_faces_recent(struct lookup *lookup, const char *key, CK_RV *rv);

/* Adds those in the secrets of a listing that was requested at `asked_ns`; of `rule` alone unless
 * that is NULL. */
CK_RV find_faces_listed(struct lookup *lookup, struct listing *listing, int64_t asked_ns,
                        const struct store_conf_rule *rule);

/* Adds all under the query's prefix. */
CK_RV find_faces(struct lookup *lookup);

/* Adds those whose label the configuration gives, if the template has that label. */
CK_RV find_faces_labelled(struct lookup *lookup);

#endif
