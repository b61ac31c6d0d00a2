/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/pki/pem.h"
#include "module/pki/keypair.h"
#include "tests/unit/module/pki/keys.h"

static void set(struct store_secret *secret, const char *text)
{
    assert_int_equal(store_secret_set(secret, text, strlen(text)), STORE_OK);
}

static enum pki_fault read_text(const char *text, struct pki_private *key)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET passphrase = {0};

    set(&value, text);
    set(&passphrase, PASSPHRASE "\n");
    return pki_private_read(&value, &passphrase, key);
}

/* Every format that this module reads, and the public key as openssl(1) gives it. */
static const struct {
    const char *text;
    const char *public;
    enum pki_type type;
    size_t bits;
} keys[] = {
    {RSA_PKCS8, RSA_PUBLIC, PKI_RSA, 2048},
    {RSA_PKCS1, RSA_PUBLIC, PKI_RSA, 2048},
    {RSA_OPENSSH, RSA_PUBLIC, PKI_RSA, 2048},
    {RSA_ENCRYPTED, RSA_PUBLIC, PKI_RSA, 2048},
    {P256_PKCS8, P256_PUBLIC, PKI_P256, 256},
    {P256_SEC1, P256_PUBLIC, PKI_P256, 256},
    {P256_COMPRESSED, P256_PUBLIC, PKI_P256, 256},
    {P256_BARE, P256_PUBLIC, PKI_P256, 256},
    {P256_OPENSSH, P256_PUBLIC, PKI_P256, 256},
    {P384_SEC1, P384_PUBLIC, PKI_P384, 384},
    {P521_PKCS8, P521_PUBLIC, PKI_P521, 521},
    {P521_OPENSSH, P521_PUBLIC, PKI_P521, 521},
    {ED25519_PKCS8, ED25519_PUBLIC, PKI_ED25519, 255},
    {ED25519_OPENSSH, ED25519_OPENSSH_PUBLIC, PKI_ED25519, 255},
    {ED448_PKCS8, ED448_PUBLIC, PKI_ED448, 448},
};

static void every_format_gives_the_public_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_PRIVATE key = {0};
        AUTO_SECRET text = {0};
        AUTO_PEM expected = {0};
        struct pki_public public = {0};
        size_t at = 0;

        assert_int_equal(read_text(keys[i].text, &key), PKI_OK);
        assert_int_equal(key.type, keys[i].type);
        assert_int_equal(keypair_derive_public(&key, &public), PKI_OK);
        assert_int_equal(public.bits, keys[i].bits);
        set(&text, keys[i].public);
        assert_int_equal(pem_next(&text, &at, &expected), STORE_OK);
        assert_true(store_secret_equal(&expected.der, public.info.data, public.info.len));
        pki_public_free(&public);
    }
}

static void the_der_of_a_block_is_as_good_as_the_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_SECRET text = {0};
        AUTO_SECRET passphrase = {0};
        AUTO_PEM block = {0};
        AUTO_PRIVATE key = {0};
        size_t at = 0;

        set(&text, keys[i].text);
        set(&passphrase, PASSPHRASE);
        assert_int_equal(pem_next(&text, &at, &block), STORE_OK);
        if (strcmp(block.label, "OPENSSH PRIVATE KEY") == 0)
            continue; /* it is not DER */
        assert_int_equal(pki_private_read(&block.der, &passphrase, &key), PKI_OK);
        assert_int_equal(key.type, keys[i].type);
    }
}

/* The form in which a key of this type signs a SHA-256 hash. */
static struct keypair_form form_of(enum pki_type type)
{
    struct keypair_form form = {0};

    if (type == PKI_RSA)
        form = (struct keypair_form){.padding = KEYPAIR_PKCS1, .digest = digest_find(CKM_SHA256)};
    return form;
}

static void a_signature_verifies_and_a_changed_one_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_PRIVATE key = {0};
        struct pki_public public = {0};
        struct keypair *signer = NULL;
        struct keypair *verifier = NULL;
        unsigned char hash[32] = "0123456789abcdef0123456789abcde";
        unsigned char signature[KEYPAIR_SIGNATURE_MAX];
        struct keypair_form form = form_of(keys[i].type);

        assert_int_equal(read_text(keys[i].text, &key), PKI_OK);
        assert_int_equal(keypair_derive_public(&key, &public), PKI_OK);
        assert_int_equal(keypair_new_private(&key, &signer), PKI_OK);
        assert_int_equal(keypair_new_public(&public, &verifier), PKI_OK);
        assert_int_equal(keypair_signature_len(signer), keypair_signature_len(verifier));
        for (int again = 0; again < 3; again++) {
            assert_true(keypair_sign(signer, &form, hash, sizeof hash, signature));
            assert_true(keypair_verify(verifier, &form, hash, sizeof hash, signature));
            assert_true(keypair_verify(signer, &form, hash, sizeof hash, signature));
        }
        signature[keypair_signature_len(signer) / 2] ^= 1;
        assert_false(keypair_verify(verifier, &form, hash, sizeof hash, signature));
        memset(signature, 0, sizeof signature);
        assert_false(keypair_verify(verifier, &form, hash, sizeof hash, signature));
        keypair_free(signer);
        keypair_free(verifier);
        pki_public_free(&public);
    }
}

static void each_fault_has_its_own_answer(void **state)
{
    static const struct {
        const char *text;
        enum pki_fault fault;
    } bad[] = {
        {"", PKI_NO_KEY},
        {"sk-live-123", PKI_NO_KEY},
        {RSA_PUBLIC, PKI_NO_KEY},
        {RSA_OLD, PKI_OLD_ENCRYPTION},
        {ED25519_OPENSSH_ENCRYPTED, PKI_OLD_ENCRYPTION},
        {P256_DES, PKI_OLD_ENCRYPTION},
        {P256_EXPLICIT, PKI_ALGORITHM},
        {SECP256K1, PKI_ALGORITHM},
        {X448, PKI_ALGORITHM},
        {RSA_SMALL, PKI_KEY_SIZE},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", PKI_MALFORMED},
        {"-----BEGIN PRIVATE KEY-----\nA*AA\n-----END PRIVATE KEY-----\n", PKI_MALFORMED},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", PKI_MALFORMED},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n", PKI_MALFORMED},
        {"-----BEGIN  PRIVATE KEY-----\nAAAA\n-----END  PRIVATE KEY-----\n", PKI_MALFORMED},
        {"-----BEGIN PRIVATE  KEY-----\nAAAA\n-----END PRIVATE  KEY-----\n", PKI_MALFORMED},
        {"-----BEGIN PRIVATE KEY -----\nAAAA\n-----END PRIVATE KEY -----\n", PKI_MALFORMED},
        {"----BEGIN PRIVATE KEY----\nAAAA\n----END PRIVATE KEY----\n", PKI_MALFORMED},
        {"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n", PKI_ALGORITHM},
        {"{\"note\": \"the PRIVATE KEY is elsewhere\"}", PKI_NO_KEY},
        {"-----BEGIN CERTIFICATE-----\nA: b\n\nAAAA\n-----END CERTIFICATE-----\n", PKI_NO_KEY},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
         PKI_MALFORMED},
    };
    AUTO_SECRET value = {0};
    AUTO_SECRET wrong = {0};
    AUTO_PRIVATE key = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(read_text(bad[i].text, &key), bad[i].fault);
    set(&value, RSA_ENCRYPTED);
    set(&wrong, "wrong");
    assert_int_equal(pki_private_read(&value, NULL, &key), PKI_ENCRYPTED);
    assert_int_equal(pki_private_read(&value, &wrong, &key), PKI_WRONG_PASSPHRASE);
    for (enum pki_fault fault = PKI_OK; fault <= PKI_NO_LIBRARY; fault++)
        assert_non_null(pki_fault_text(fault));
}

/* What a key in DER, or a key at all, has become on its way is told, and other bytes are none. */
static void what_was_a_key_is_damaged_and_other_bytes_are_not(void **state)
{
    static const unsigned char other[] = {0x30, 0x03, 0x02, 0x01, 0x05};
    AUTO_SECRET number = {0};
    AUTO_PRIVATE none = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_SECRET text = {0};
        AUTO_SECRET wide = {0};
        AUTO_PEM block = {0};
        AUTO_PRIVATE key = {0};
        size_t at = 0;

        set(&text, keys[i].text);
        for (size_t j = 0; j < text.len; j++)
            assert_int_equal(
                store_secret_append(&wide, (const unsigned char[]){text.data[j], 0}, 2), STORE_OK);
        assert_int_equal(pki_private_read(&wide, NULL, &key), PKI_MALFORMED);
        assert_int_equal(pem_next(&text, &at, &block), STORE_OK);
        if (strcmp(block.label, "OPENSSH PRIVATE KEY") == 0)
            continue; /* it is not DER */
        for (size_t len = 24; len < block.der.len; len += 7) {
            AUTO_SECRET cut = {0};
            assert_int_equal(store_secret_set(&cut, block.der.data, len), STORE_OK);
            assert_int_equal(pki_private_read(&cut, NULL, &key), PKI_MALFORMED);
        }
        assert_int_equal(store_secret_append(&block.der, "x", 1), STORE_OK);
        assert_int_equal(pki_private_read(&block.der, NULL, &key), PKI_MALFORMED);
    }
    assert_int_equal(store_secret_set(&number, other, sizeof other), STORE_OK);
    assert_int_equal(pki_private_read(&number, NULL, &none), PKI_NO_KEY);
}

/* An editor, or `echo`, leaves a line break behind DER, too. */
static void one_line_break_after_der_is_ignored(void **state)
{
    static const struct {
        const char *end;
        enum pki_fault fault;
    } ends[] = {{"\n", PKI_OK}, {"\r\n", PKI_OK}, {"\n\n", PKI_MALFORMED}, {" ", PKI_MALFORMED}};

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        AUTO_SECRET text = {0};
        AUTO_PEM block = {0};
        AUTO_PRIVATE key = {0};
        size_t at = 0;

        set(&text, RSA_PKCS8);
        assert_int_equal(pem_next(&text, &at, &block), STORE_OK);
        assert_int_equal(store_secret_append(&block.der, ends[i].end, strlen(ends[i].end)),
                         STORE_OK);
        assert_int_equal(pki_private_read(&block.der, NULL, &key), ends[i].fault);
    }
}

/* Gives the block of a key under another label. */
static void relabel(const char *text, const char *label, struct store_secret *out)
{
    AUTO_SECRET value = {0};
    AUTO_PEM block = {0};
    size_t at = 0;

    set(&value, text);
    assert_int_equal(pem_next(&value, &at, &block), STORE_OK);
    assert_int_equal(pem_write(label, (struct der){block.der.data, block.der.len}, out), STORE_OK);
}

/* OpenSSL reads these. */
static void pkcs8_is_read_under_the_label_of_an_older_format(void **state)
{
    static const struct {
        const char *text;
        const char *label;
        enum pki_fault fault;
    } blocks[] = {
        {RSA_PKCS8, "RSA PRIVATE KEY", PKI_OK},
        {P256_PKCS8, "EC PRIVATE KEY", PKI_OK},
        {P256_SEC1, "RSA PRIVATE KEY", PKI_MALFORMED},
        {RSA_PKCS1, "PRIVATE KEY", PKI_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(blocks); i++) {
        AUTO_SECRET value = {0};
        AUTO_PRIVATE key = {0};
        relabel(blocks[i].text, blocks[i].label, &value);
        assert_int_equal(pki_private_read(&value, NULL, &key), blocks[i].fault);
    }
}

/* A line break at the end comes from an editor; a blank is part of the passphrase. */
static void only_line_breaks_after_a_passphrase_are_ignored(void **state)
{
    static const struct {
        const char *text;
        enum pki_fault fault;
    } passphrases[] = {
        {PASSPHRASE "\r\n", PKI_OK},
        {PASSPHRASE " ", PKI_WRONG_PASSPHRASE},
        {PASSPHRASE "\t\n", PKI_WRONG_PASSPHRASE},
    };
    AUTO_SECRET value = {0};

    (void)state;
    set(&value, RSA_ENCRYPTED);
    for (size_t i = 0; i < COUNT(passphrases); i++) {
        AUTO_SECRET passphrase = {0};
        AUTO_PRIVATE key = {0};
        set(&passphrase, passphrases[i].text);
        assert_int_equal(pki_private_read(&value, &passphrase, &key), passphrases[i].fault);
    }
}

/* Appends an element of DER. */
static void append(struct store_secret *out, unsigned tag, const void *content, size_t len)
{
    unsigned char header[DER_HEADER_MAX];

    assert_int_equal(store_secret_append(out, header, der_header(header, tag, len)), STORE_OK);
    assert_int_equal(store_secret_append(out, content, len), STORE_OK);
}

/* Appends a number of DER. */
static void append_number(struct store_secret *out, struct der number)
{
    AUTO_SECRET bytes = {0};

    if ((number.data[0] & 0x80) != 0)
        assert_int_equal(store_secret_set(&bytes, "", 1), STORE_OK);
    assert_int_equal(store_secret_append(&bytes, number.data, number.len), STORE_OK);
    append(out, DER_INTEGER, bytes.data, bytes.len);
}

/* RFC 8017, A.1.2: version 1, and the further primes behind the coefficient. */
static void an_rsa_key_with_more_primes_is_not_supported(void **state)
{
    static const unsigned char one = 1;
    AUTO_PRIVATE good = {0};

    (void)state;
    assert_int_equal(read_text(RSA_PKCS1, &good), PKI_OK);
    for (int more = 0; more < 2; more++) {
        AUTO_SECRET body = {0};
        AUTO_SECRET whole = {0};
        AUTO_PRIVATE key = {0};
        append_number(&body, (struct der){&one, 1});
        for (int each = 0; each < RSA_NUMBERS; each++)
            append_number(&body, good.rsa[each]);
        if (more)
            append(&body, DER_SEQUENCE, "\2\1\1", 3);
        append(&whole, DER_SEQUENCE, body.data, body.len);
        assert_int_equal(pki_private_read(&whole, NULL, &key),
                         more ? PKI_ALGORITHM : PKI_MALFORMED);
    }
}

/* Each number of an RSA key is at most as long as the modulus: the time of a signature grows with
 * its numbers, and a value has room for long ones. */
static void a_number_longer_than_the_modulus_is_refused(void **state)
{
    AUTO_PRIVATE good = {0};
    unsigned char longer[2048];

    (void)state;
    memset(longer, 0x55, sizeof longer);
    assert_int_equal(read_text(RSA_PKCS1, &good), PKI_OK);
    for (int i = RSA_D; i < RSA_NUMBERS; i++) {
        AUTO_SECRET body = {0};
        AUTO_SECRET whole = {0};
        AUTO_PRIVATE key = {0};
        append(&body, DER_INTEGER, "", 1);
        for (int each = 0; each < RSA_NUMBERS; each++) {
            append_number(&body, each == i ? (struct der){longer, sizeof longer} : good.rsa[each]);
        }
        append(&whole, DER_SEQUENCE, body.data, body.len);
        assert_int_equal(pki_private_read(&whole, NULL, &key), PKI_MALFORMED);
    }
}

/* Every cut of a key is refused without a read past its end. */
static void a_cut_key_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        AUTO_SECRET text = {0};
        AUTO_SECRET passphrase = {0};
        AUTO_PEM block = {0};
        size_t at = 0;

        set(&text, keys[i].text);
        set(&passphrase, PASSPHRASE);
        assert_int_equal(pem_next(&text, &at, &block), STORE_OK);
        for (size_t len = 0; len < block.der.len; len++) {
            AUTO_SECRET cut = {0};
            AUTO_PRIVATE key = {0};
            assert_int_equal(store_secret_set(&cut, block.der.data, len), STORE_OK);
            assert_int_not_equal(pki_private_read(&cut, &passphrase, &key), PKI_OK);
        }
    }
}

static void a_public_key_of_another_private_one_is_refused(void **state)
{
    AUTO_PRIVATE key = {0};
    struct pki_public public = {0};
    static const char *const texts[] = {P256_SEC1, P521_OPENSSH, ED25519_OPENSSH};
    unsigned char other[133];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(read_text(texts[i], &key), PKI_OK);
        memcpy(other, key.point.data, key.point.len);
        other[key.point.len - 1] ^= 1;
        key.point.data = other;
        assert_int_equal(keypair_derive_public(&key, &public), PKI_MALFORMED);
        pki_private_drop(&key);
    }
}

static void expect_unfit(const struct pki_private *key)
{
    struct pki_public public = {0};
    struct keypair *keypair = NULL;

    assert_int_equal(keypair_derive_public(key, &public), PKI_MALFORMED);
    assert_int_equal(keypair_new_private(key, &keypair), PKI_MALFORMED);
    assert_null(keypair);
}

/* A signature with such numbers would be wrong, or give the primes away. */
static void numbers_of_rsa_that_do_not_belong_together_are_refused(void **state)
{
    static const char *const texts[] = {RSA_PKCS1, RSA_OPENSSH};
    static const unsigned char zero = 0;
    static const unsigned char one = 1;
    static const unsigned char three = 3;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        for (int which = RSA_N; which < RSA_NUMBERS; which++) {
            AUTO_PRIVATE key = {0};
            unsigned char other[256];
            assert_int_equal(read_text(texts[i], &key), PKI_OK);
            if (key.rsa[which].len == 0)
                continue;
            memcpy(other, key.rsa[which].data, key.rsa[which].len);
            other[key.rsa[which].len - 1] ^= 2;
            key.rsa[which].data = which == RSA_E ? &three : other;
            key.rsa[which].len = which == RSA_E ? 1 : key.rsa[which].len;
            expect_unfit(&key);
            key.rsa[which] = (struct der){&zero, 1};
            expect_unfit(&key);
            key.rsa[which] = (struct der){&one, 1};
            expect_unfit(&key);
        }
    }
}

/* p = 1 and q = n, or the other way round, with all else as these primes want it. */
static void one_is_no_prime_of_rsa(void **state)
{
    static const unsigned char one = 1;

    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        AUTO_PRIVATE key = {0};
        assert_int_equal(read_text(RSA_PKCS1, &key), PKI_OK);
        key.rsa[swapped ? RSA_Q : RSA_P] = (struct der){&one, 1};
        key.rsa[swapped ? RSA_P : RSA_Q] = key.rsa[RSA_N];
        key.rsa[swapped ? RSA_DQ : RSA_DP] = (struct der){&one, 1};
        key.rsa[swapped ? RSA_DP : RSA_DQ] = key.rsa[RSA_D];
        key.rsa[RSA_QI] = (struct der){&one, 1};
        expect_unfit(&key);
    }
}

static void the_key_is_found_among_other_blocks(void **state)
{
    AUTO_PRIVATE key = {0};

    (void)state;
    assert_int_equal(read_text("a note\n" P256_PUBLIC
                               "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                               "-----END EC PARAMETERS-----\n" P256_SEC1 RSA_PKCS8,
                               &key),
                     PKI_OK);
    assert_int_equal(key.type, PKI_P256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_public_key),
        cmocka_unit_test(the_der_of_a_block_is_as_good_as_the_block),
        cmocka_unit_test(a_signature_verifies_and_a_changed_one_does_not),
        cmocka_unit_test(each_fault_has_its_own_answer),
        cmocka_unit_test(what_was_a_key_is_damaged_and_other_bytes_are_not),
        cmocka_unit_test(one_line_break_after_der_is_ignored),
        cmocka_unit_test(pkcs8_is_read_under_the_label_of_an_older_format),
        cmocka_unit_test(an_rsa_key_with_more_primes_is_not_supported),
        cmocka_unit_test(only_line_breaks_after_a_passphrase_are_ignored),
        cmocka_unit_test(a_number_longer_than_the_modulus_is_refused),
        cmocka_unit_test(a_cut_key_is_refused),
        cmocka_unit_test(a_public_key_of_another_private_one_is_refused),
        cmocka_unit_test(numbers_of_rsa_that_do_not_belong_together_are_refused),
        cmocka_unit_test(one_is_no_prime_of_rsa),
        cmocka_unit_test(the_key_is_found_among_other_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
