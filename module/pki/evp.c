/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/evp.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/pin.h"
#include "module/libcrypto.h"
#include "store/log.h"

static struct evp *_Atomic current;

#define EVP_NAME(name) #name,

/* Random numbers by Hash_DRBG (SP 800-90A) of SHA-512, which ECDSA needs anyway: libcrypto's
 * default, CTR_DRBG, would have it set up every cipher for the first signature. */
static bool use_hash_drbg(const struct evp *evp)
{
    return evp->f.RAND_set_DRBG_type(evp->ctx, "HASH-DRBG", NULL, NULL, "SHA512") == 1;
}

static struct evp *evp_new(pid_t pid)
{
    static const char *const names[] = {EVP_FUNCTIONS(EVP_NAME)};
    struct evp *evp = calloc(1, sizeof *evp);

    _Static_assert(sizeof evp->f == sizeof names, "a pointer for each name");
    if (evp == NULL || !libcrypto_find(names, (void **)&evp->f, sizeof names / sizeof names[0])) {
        free(evp);
        return NULL;
    }
    evp->pid = pid;
    evp->ctx = evp->f.OSSL_LIB_CTX_new();
    if (evp->ctx != NULL && use_hash_drbg(evp))
        return evp;
    evp->f.OSSL_LIB_CTX_free(evp->ctx);
    store_log(STORE_LOG_ERROR, "pkcs11: libcrypto gives no library context; give the process more "
                               "memory");
    free(evp);
    return NULL;
}

const struct evp *evp_get(void)
{
    struct evp *evp = atomic_load_explicit(&current, memory_order_acquire);
    pid_t pid = getpid();
    struct evp *fresh;

    if (evp != NULL && evp->pid == pid)
        return evp;
    /* without a lock: in a forked child it could be held for ever */
    fresh = evp_new(pid);
    if (fresh == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&current, &evp, fresh)) {
        store_pin(); /* `current` is there for the next load */
        return fresh;
    }
    fresh->f.OSSL_LIB_CTX_free(fresh->ctx); /* unused yet, so no thread has a part of it */
    free(fresh);
    return evp;
}

void evp_quiet_begin(const struct evp *evp)
{
    evp->f.ERR_set_mark();
}

void evp_quiet_end(const struct evp *evp)
{
    evp->f.ERR_pop_to_mark();
}
