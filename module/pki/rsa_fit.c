/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/rsa_fit.h"

/* The numbers, and room for what comes of them. */
struct fit {
    const struct evp_functions *f;
    BIGNUM *const *numbers;
    BIGNUM *less; /* a prime without one */
    BIGNUM *result;
    BN_CTX *ctx;
};

/* True if a * b is 1 by the modulus. */
static bool is_inverse(const struct fit *fit, const BIGNUM *a, const BIGNUM *b, BIGNUM *modulus)
{
    fit->f->BN_set_flags(modulus, BN_FLG_CONSTTIME);
    return fit->f->BN_mod_mul(fit->result, a, b, modulus, fit->ctx) == 1 &&
           fit->f->BN_is_one(fit->result) == 1;
}

/* True if the prime is odd and more than 1, and both d and the exponent of the prime undo e. */
static bool prime_fits(const struct fit *fit, enum pki_rsa prime, enum pki_rsa exponent)
{
    const BIGNUM *e = fit->numbers[RSA_E];

    return fit->f->BN_is_odd(fit->numbers[prime]) == 1 &&
           fit->f->BN_num_bits(fit->numbers[prime]) > 1 &&
           fit->f->BN_copy(fit->less, fit->numbers[prime]) != NULL &&
           fit->f->BN_sub_word(fit->less, 1) == 1 &&
           is_inverse(fit, e, fit->numbers[exponent], fit->less) &&
           is_inverse(fit, e, fit->numbers[RSA_D], fit->less);
}

bool rsa_fit(const struct evp *evp, BIGNUM *const numbers[RSA_NUMBERS])
{
    const struct evp_functions *f = &evp->f;
    struct fit fit = {f, numbers, f->BN_new(), f->BN_new(), f->BN_CTX_new_ex(evp->ctx)};
    bool fits = fit.less != NULL && fit.result != NULL && fit.ctx != NULL;

    for (size_t i = 0; fits && i < RSA_NUMBERS; i++)
        fits = numbers[i] != NULL;
    fits = fits && f->BN_mul(fit.result, numbers[RSA_P], numbers[RSA_Q], fit.ctx) == 1 &&
           f->BN_cmp(fit.result, numbers[RSA_N]) == 0 && prime_fits(&fit, RSA_P, RSA_DP) &&
           prime_fits(&fit, RSA_Q, RSA_DQ) &&
           is_inverse(&fit, numbers[RSA_Q], numbers[RSA_QI], numbers[RSA_P]);
    f->BN_clear_free(fit.less);
    f->BN_clear_free(fit.result);
    f->BN_CTX_free(fit.ctx); /* which overwrites what it had */
    return fits;
}
