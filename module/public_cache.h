/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PUBLIC_CACHE_H
#define MODULE_PUBLIC_CACHE_H

#include "module/pki/faces.h"
#include "store/conf.h"

/* Keeps a token's public faces in the file that pkcs11.public_cache names, if it names one and the
 * store is one over the network. Opens nothing. False if memory is short. */
bool public_cache_attach(struct faces *faces, const struct store_conf *conf);

/* Forgets what a secret, or those whose certificates it has, looked like: it was changed, or is
 * gone. Quick for a secret without a rule of pkcs11.keys. No lock may be held. */
void public_cache_forget(struct faces *faces, const struct store_conf *conf, const char *key,
                         bool changed);

#endif
