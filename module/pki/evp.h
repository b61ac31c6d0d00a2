/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_EVP_H
#define MODULE_PKI_EVP_H

#include <sys/types.h>

/* OpenSSL 3.0 deprecates the functions of RSA and EC keys, but keeps them; see docs/decisions.md.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/*
 * The part of libcrypto that works with private and public keys. RSA and ECDSA use the functions of
 * these keys with libcrypto's own methods: an engine of the host's, which may be one that calls
 * this module, would take part in everything that goes through EVP_PKEY_CTX. All else is in a
 * library context of this module's own.
 *
 * The context lives as long as the process. The random generator of each thread that has signed
 * belongs to it, and libcrypto frees that when the thread ends, perhaps long after C_Finalize. So
 * that a host that unloads and loads the module does not collect contexts, the first use pins the
 * module in memory. A forked child makes a context of its own: another thread of the parent may
 * have held a lock of the old one.
 */

#define EVP_FUNCTIONS(F)                                                                           \
    F(OSSL_LIB_CTX_new)                                                                            \
    F(OSSL_LIB_CTX_free)                                                                           \
    F(RAND_set_DRBG_type)                                                                          \
    F(ERR_set_mark)                                                                                \
    F(ERR_pop_to_mark)                                                                             \
    F(ERR_peek_last_error)                                                                         \
    F(EVP_Q_digest)                                                                                \
    F(EVP_Q_mac)                                                                                   \
    F(EVP_MD_fetch)                                                                                \
    F(EVP_MD_free)                                                                                 \
    F(RSA_new)                                                                                     \
    F(RSA_free)                                                                                    \
    F(RSA_set_method)                                                                              \
    F(RSA_PKCS1_OpenSSL)                                                                           \
    F(RSA_set0_key)                                                                                \
    F(RSA_set0_factors)                                                                            \
    F(RSA_set0_crt_params)                                                                         \
    F(RSA_generate_key_ex)                                                                         \
    F(RSA_check_key_ex)                                                                            \
    F(RSA_get0_key)                                                                                \
    F(RSA_get0_factors)                                                                            \
    F(RSA_get0_crt_params)                                                                         \
    F(RSA_sign)                                                                                    \
    F(RSA_verify)                                                                                  \
    F(RSA_private_encrypt)                                                                         \
    F(RSA_private_decrypt)                                                                         \
    F(RSA_padding_check_PKCS1_OAEP_mgf1)                                                           \
    F(RSA_public_decrypt)                                                                          \
    F(RSA_padding_add_PKCS1_PSS_mgf1)                                                              \
    F(RSA_verify_PKCS1_PSS_mgf1)                                                                   \
    F(EC_KEY_new_by_curve_name_ex)                                                                 \
    F(EC_KEY_free)                                                                                 \
    F(EC_KEY_OpenSSL)                                                                              \
    F(EC_KEY_set_method)                                                                           \
    F(EC_KEY_set_private_key)                                                                      \
    F(EC_KEY_generate_key)                                                                         \
    F(EC_KEY_get0_private_key)                                                                     \
    F(EC_KEY_get0_public_key)                                                                      \
    F(ECDH_compute_key)                                                                            \
    F(EC_KEY_oct2key)                                                                              \
    F(EC_KEY_get0_group)                                                                           \
    F(EC_GROUP_get0_order)                                                                         \
    F(BN_cmp)                                                                                      \
    F(ECDSA_do_sign)                                                                               \
    F(ECDSA_do_verify)                                                                             \
    F(ECDSA_SIG_new)                                                                               \
    F(ECDSA_SIG_free)                                                                              \
    F(ECDSA_SIG_get0)                                                                              \
    F(ECDSA_SIG_set0)                                                                              \
    F(EC_POINT_new)                                                                                \
    F(EC_POINT_mul)                                                                                \
    F(EC_POINT_point2oct)                                                                          \
    F(EC_POINT_free)                                                                               \
    F(EVP_PKEY_CTX_new_from_name)                                                                  \
    F(EVP_PKEY_CTX_free)                                                                           \
    F(EVP_PKEY_CTX_new_from_pkey)                                                                  \
    F(EVP_PKEY_derive_init)                                                                        \
    F(EVP_PKEY_derive_set_peer)                                                                    \
    F(EVP_PKEY_derive)                                                                             \
    F(EVP_PKEY_fromdata_init)                                                                      \
    F(EVP_PKEY_fromdata)                                                                           \
    F(EVP_PKEY_free)                                                                               \
    F(EVP_PKEY_get_octet_string_param)                                                             \
    F(EVP_CIPHER_fetch)                                                                            \
    F(EVP_CIPHER_free)                                                                             \
    F(EVP_CIPHER_CTX_new)                                                                          \
    F(EVP_CIPHER_CTX_free)                                                                         \
    F(EVP_CIPHER_CTX_set_flags)                                                                    \
    F(EVP_CIPHER_CTX_set_padding)                                                                  \
    F(EVP_CIPHER_CTX_ctrl)                                                                         \
    F(EVP_CipherInit_ex2)                                                                          \
    F(EVP_CipherUpdate)                                                                            \
    F(EVP_CipherFinal_ex)                                                                          \
    F(RSA_padding_add_PKCS1_OAEP_mgf1)                                                             \
    F(RSA_public_encrypt)                                                                          \
    F(EVP_MD_CTX_new)                                                                              \
    F(EVP_MD_CTX_free)                                                                             \
    F(EVP_DigestInit_ex2)                                                                          \
    F(EVP_DigestUpdate)                                                                            \
    F(EVP_DigestFinal_ex)                                                                          \
    F(EVP_DigestSignInit_ex)                                                                       \
    F(EVP_DigestSign)                                                                              \
    F(EVP_DigestVerifyInit_ex)                                                                     \
    F(EVP_DigestVerify)                                                                            \
    F(BN_bin2bn)                                                                                   \
    F(BN_bn2binpad)                                                                                \
    F(BN_num_bits)                                                                                 \
    F(BN_new)                                                                                      \
    F(BN_copy)                                                                                     \
    F(BN_is_odd)                                                                                   \
    F(BN_is_one)                                                                                   \
    F(BN_mul)                                                                                      \
    F(BN_mod_mul)                                                                                  \
    F(BN_sub_word)                                                                                 \
    F(BN_div)                                                                                      \
    F(BN_set_flags)                                                                                \
    F(BN_free)                                                                                     \
    F(BN_clear_free)                                                                               \
    F(BN_CTX_new_ex)                                                                               \
    F(BN_CTX_free)                                                                                 \
    F(d2i_X509_SIG)                                                                                \
    F(X509_SIG_get0)                                                                               \
    F(X509_SIG_free)                                                                               \
    F(PKCS12_pbe_crypt_ex)                                                                         \
    F(PKCS5_pbe2_set_iv_ex)                                                                        \
    F(EVP_aes_256_cbc)                                                                             \
    F(X509_ALGOR_free)                                                                             \
    F(i2d_X509_ALGOR)                                                                              \
    F(CRYPTO_clear_free)

struct evp_functions {
#define EVP_POINTER(name) __typeof__(name) *name;
    EVP_FUNCTIONS(EVP_POINTER)
#undef EVP_POINTER
};

struct evp {
    struct evp_functions f;
    OSSL_LIB_CTX *ctx;
    pid_t pid;
};

/* The functions and the context of this process; NULL, with a line in the log, if libcrypto is
 * missing or memory is short. Any thread. */
const struct evp *evp_get(void);

/* Around calls that may fail: libcrypto's errors of this thread must not become the host's. */
void evp_quiet_begin(const struct evp *evp);
void evp_quiet_end(const struct evp *evp);

#endif
