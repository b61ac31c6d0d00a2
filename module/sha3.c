/* SPDX-License-Identifier: Apache-2.0 */
#include "module/sha3.h"

#include <stdlib.h>

#include "module/pki/digest.h"
#include "module/pki/evp.h"

struct sha3 {
    const struct evp *evp;
    EVP_MD_CTX *ctx;
};

bool sha3_is(CK_MECHANISM_TYPE mechanism)
{
    return mechanism == CKM_SHA3_224 || mechanism == CKM_SHA3_256 || mechanism == CKM_SHA3_384 ||
           mechanism == CKM_SHA3_512;
}

static bool begin(struct sha3 *sha3, const char *name)
{
    const struct evp *evp = sha3->evp;
    EVP_MD *md;
    bool begun;

    evp_quiet_begin(evp);
    md = evp->f.EVP_MD_fetch(evp->ctx, name, NULL);
    sha3->ctx = evp->f.EVP_MD_CTX_new();
    begun = md != NULL && sha3->ctx != NULL &&
            evp->f.EVP_DigestInit_ex2(sha3->ctx, md, NULL) == 1; /* holds a reference to `md` */
    evp->f.EVP_MD_free(md);
    evp_quiet_end(evp);
    return begun;
}

bool sha3_new(CK_MECHANISM_TYPE mechanism, struct sha3 **out)
{
    const struct evp *evp = evp_get();
    struct sha3 *sha3 = evp == NULL ? NULL : calloc(1, sizeof *sha3);

    if (sha3 == NULL)
        return false;
    sha3->evp = evp;
    if (!begin(sha3, digest_find(mechanism)->name)) {
        sha3_free(sha3);
        return false;
    }
    *out = sha3;
    return true;
}

bool sha3_update(struct sha3 *sha3, const void *data, size_t len)
{
    return sha3->evp->f.EVP_DigestUpdate(sha3->ctx, data, len) == 1;
}

bool sha3_final(struct sha3 *sha3, unsigned char *out)
{
    return sha3->evp->f.EVP_DigestFinal_ex(sha3->ctx, out, NULL) == 1;
}

void sha3_free(struct sha3 *sha3)
{
    if (sha3 == NULL)
        return;
    sha3->evp->f.EVP_MD_CTX_free(sha3->ctx);
    free(sha3);
}
