/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdlib.h>

#include "module/session/encryption.h"
#include "tests/unit/module/session/encryption.h"

#define LONG 20000

static unsigned char message[LONG];

/* The forms, with and without a remainder of the block. */
static const struct example {
    struct cipher_form form;
    unsigned char *key;
    unsigned char *plain;
    CK_ULONG plain_len;
    unsigned char *encrypted;
    CK_ULONG encrypted_len;
} examples[] = {
    {{.mode = CIPHER_CBC, .iv = cbc_iv, .iv_len = 16}, cbc_key, cbc_plain, 64, cbc_encrypted, 64},
    {{.mode = CIPHER_CBC, .padded = true, .iv = cbc_iv, .iv_len = 16},
     cbc_key,
     cbc_plain,
     64,
     cbc_encrypted,
     80},
    {{.mode = CIPHER_GCM,
      .tag_len = 16,
      .iv = gcm_iv,
      .iv_len = 12,
      .aad = gcm_aad,
      .aad_len = sizeof gcm_aad},
     gcm_key,
     gcm_plain,
     60,
     gcm_encrypted,
     76},
};

static struct encryption *start(const struct example *example, bool encrypts)
{
    AUTO_SECRET key = {0};
    struct encryption *encryption = NULL;

    assert_int_equal(store_secret_set(&key, example->key, 16), STORE_OK);
    assert_int_equal(encryption_new(&example->form, &key, encrypts, &encryption), CKR_OK);
    return encryption;
}

/* Runs over `in` in parts, then to the end, and gives the length of the result. Every call is first
 * asked for its length, and made with a buffer that is too short. */
static CK_ULONG run(const struct example *example, bool encrypts, const CK_BYTE *in, CK_ULONG len,
                    CK_ULONG part, CK_BYTE *out)
{
    struct encryption *encryption = start(example, encrypts);
    CK_ULONG total = 0;

    for (CK_ULONG at = 0;; at += part) {
        bool last = at >= len;
        CK_ULONG count = last ? 0 : len - at < part ? len - at : part;
        const CK_BYTE *from = last ? NULL : in + at;
        CK_ULONG most = 0;
        CK_ULONG need = 0;
        CK_ULONG n = 0;

        assert_int_equal(encryption_run(encryption, from, count, last, NULL, &most), CKR_OK);
        if (encryption_run(encryption, from, count, last, out + total, &n) ==
            CKR_BUFFER_TOO_SMALL) {
            need = n;
            n--;
            assert_int_equal(encryption_run(encryption, from, count, last, out + total, &n),
                             CKR_BUFFER_TOO_SMALL);
            assert_int_equal(n, need);
            assert_int_equal(encryption_run(encryption, from, count, last, out + total, &n),
                             CKR_OK);
        }
        assert_int_equal(n, need);
        assert_true(n <= most && most - n <= CIPHER_BLOCK);
        total += n;
        if (last)
            break;
    }
    encryption_free(encryption);
    return total;
}

static void the_examples_come_out_in_any_cut(void **state)
{
    unsigned char out[100];

    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        for (CK_ULONG part = 1; part <= 81; part++) {
            memset(out, 0, sizeof out);
            assert_int_equal(run(one, true, one->plain, one->plain_len, part, out),
                             one->encrypted_len);
            assert_memory_equal(out, one->encrypted, one->encrypted_len);
            memset(out, 0, sizeof out);
            assert_int_equal(run(one, false, one->encrypted, one->encrypted_len, part, out),
                             one->plain_len);
            assert_memory_equal(out, one->plain, one->plain_len);
        }
    }
}

static CK_ULONG run_whole(const struct example *example, bool encrypts, const CK_BYTE *in,
                          CK_ULONG len, CK_BYTE *out, CK_ULONG room)
{
    struct encryption *encryption = start(example, encrypts);

    assert_int_equal(encryption_run(encryption, in, len, true, out, &room), CKR_OK);
    encryption_free(encryption);
    return room;
}

/* Runs over `in` in parts, each of which gives way to its result. */
static CK_ULONG run_in_place(const struct example *example, bool encrypts, const CK_BYTE *in,
                             CK_ULONG len, CK_BYTE *out, CK_ULONG room)
{
    enum { PART = 6007 };
    struct encryption *encryption = start(example, encrypts);
    CK_ULONG done = 0;
    CK_ULONG n;

    for (CK_ULONG at = 0; at < len; at += PART) {
        CK_ULONG part = len - at < PART ? len - at : PART;
        unsigned char both[PART + CIPHER_BLOCK];

        memcpy(both, in + at, part);
        n = sizeof both;
        assert_int_equal(encryption_run(encryption, both, part, false, both, &n), CKR_OK);
        memcpy(out + done, both, n);
        done += n;
    }
    n = room - done;
    assert_int_equal(encryption_run(encryption, NULL, 0, true, out + done, &n), CKR_OK);
    encryption_free(encryption);
    return done + n;
}

static void the_result_may_take_the_place_of_the_data(void **state)
{
    static unsigned char expected[LONG + 32];
    static unsigned char room[LONG + 32];

    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        CK_ULONG len = one->form.padded || one->form.mode == CIPHER_GCM ? LONG - 3 : LONG;
        CK_ULONG whole = run_whole(one, true, message, len, expected, sizeof expected);

        memcpy(room, message, len);
        assert_int_equal(run_whole(one, true, room, len, room, sizeof room), whole);
        assert_memory_equal(room, expected, whole);
        assert_int_equal(run_whole(one, false, room, whole, room, sizeof room), len);
        assert_memory_equal(room, message, len);
        assert_int_equal(run_in_place(one, true, message, len, room, sizeof room), whole);
        assert_memory_equal(room, expected, whole);
        assert_int_equal(run_in_place(one, false, expected, whole, room, sizeof room), len);
        assert_memory_equal(room, message, len);
    }
}

static void the_result_may_overlap_the_data(void **state)
{
    static unsigned char expected[LONG + 32];
    static unsigned char room[LONG + 80];
    static const size_t shifts[] = {1, 5, 16, 31};

    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        CK_ULONG whole = run_whole(one, true, message, LONG, expected, sizeof expected);
        for (size_t j = 0; j < COUNT(shifts); j++) {
            memcpy(room, message, LONG);
            assert_int_equal(run_whole(one, true, room, LONG, room + shifts[j],
                                       (CK_ULONG)(sizeof room - shifts[j])),
                             whole);
            assert_memory_equal(room + shifts[j], expected, whole);
            assert_int_equal(run_whole(one, false, room + shifts[j], whole, room, sizeof room),
                             LONG);
            assert_memory_equal(room, message, LONG);
        }
    }
}

static void assert_refused(const struct example *example, const CK_BYTE *in, CK_ULONG len,
                           CK_RV expected)
{
    struct encryption *encryption = start(example, false);
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    memset(out, 0x5a, sizeof out);
    assert_int_equal(encryption_run(encryption, in, len, true, out, &n), expected);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 0x5a); /* no part of the plain data */
    encryption_free(encryption);
    encryption = start(example, false);
    for (CK_ULONG at = 0; at < len; at++) {
        n = sizeof out;
        assert_int_equal(encryption_run(encryption, in + at, 1, false, out, &n), CKR_OK);
        if (example->form.mode == CIPHER_GCM)
            assert_int_equal(n, 0);
    }
    n = sizeof out;
    assert_int_equal(encryption_run(encryption, NULL, 0, true, out, &n), expected);
    encryption_free(encryption);
}

/* Every bit of a message counts in GCM. */
static void a_wrong_tag_gives_nothing_out(void **state)
{
    unsigned char damaged[sizeof gcm_encrypted];

    (void)state;
    memcpy(damaged, gcm_encrypted, sizeof damaged);
    for (size_t i = 0; i < sizeof damaged; i++) {
        damaged[i] ^= (unsigned char)(1u << i % 8);
        assert_refused(&examples[2], damaged, sizeof damaged, CKR_ENCRYPTED_DATA_INVALID);
        damaged[i] = gcm_encrypted[i];
    }
    for (CK_ULONG len = 16; len < sizeof damaged; len++)
        assert_refused(&examples[2], damaged, len, CKR_ENCRYPTED_DATA_INVALID);
    for (CK_ULONG len = 0; len < 16; len++)
        assert_refused(&examples[2], damaged, len, CKR_ENCRYPTED_DATA_LEN_RANGE);
}

/* Each last block of 256 that end alike: one padding is right, or more. */
static void a_wrong_padding_is_refused(void **state)
{
    static const struct example bare = {
        {.mode = CIPHER_CBC, .iv = cbc_iv, .iv_len = 16}, cbc_key, NULL, 0, NULL, 0};
    unsigned char encrypted[32];

    (void)state;
    for (unsigned end = 0; end < 256; end++) {
        unsigned char plain[32] = {0};
        memset(plain + 16, (int)end, 16);
        assert_int_equal(run_whole(&bare, true, plain, 32, encrypted, 32), 32);
        if (end >= 1 && end <= 16)
            assert_int_equal(run(&examples[1], false, encrypted, 32, 7, plain), 32 - end);
        else
            assert_refused(&examples[1], encrypted, 32, CKR_ENCRYPTED_DATA_INVALID);
        for (unsigned i = 32 - end; end >= 2 && end <= 16 && i < 31; i++) {
            memset(plain + 16, (int)end, 16);
            plain[i] ^= 0x80;
            run_whole(&bare, true, plain, 32, encrypted, 32);
            assert_refused(&examples[1], encrypted, 32, CKR_ENCRYPTED_DATA_INVALID);
        }
    }
    for (CK_ULONG len = 0; len < 80; len++)
        if (len % 16 != 0 || len == 0)
            assert_refused(&examples[1], cbc_encrypted, len, CKR_ENCRYPTED_DATA_LEN_RANGE);
}

/* Else a caller without room could ask for the padding of any message with one operation. */
static void one_operation_tells_the_padding_of_one_message(void **state)
{
    struct encryption *encryption = start(&examples[1], false);
    unsigned char other[80];
    unsigned char out[80];
    CK_ULONG n = 0;

    (void)state;
    memcpy(other, cbc_encrypted, sizeof other);
    other[0] ^= 1;
    other[63] ^= 1;
    assert_int_equal(encryption_run(encryption, cbc_encrypted, 80, true, out, &n),
                     CKR_BUFFER_TOO_SMALL);
    n = 0;
    assert_int_equal(encryption_run(encryption, other, 80, true, out, &n), CKR_OPERATION_ACTIVE);
    n = 0;
    assert_int_equal(encryption_run(encryption, cbc_encrypted, 64, true, out, &n),
                     CKR_OPERATION_ACTIVE);
    n = 64;
    assert_int_equal(encryption_run(encryption, cbc_encrypted, 80, true, out, &n), CKR_OK);
    assert_memory_equal(out, cbc_plain, 64);
    encryption_free(encryption);
}

static void cbc_needs_whole_blocks(void **state)
{
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    (void)state;
    for (CK_ULONG len = 1; len < 16; len++) {
        struct encryption *encryption = start(&examples[0], true);
        assert_int_equal(encryption_run(encryption, cbc_plain, len, true, out, &n),
                         CKR_DATA_LEN_RANGE);
        encryption_free(encryption);
        assert_refused(&examples[0], cbc_encrypted, len, CKR_ENCRYPTED_DATA_LEN_RANGE);
    }
}

/* A decryption of GCM keeps what has come, and not without end. */
static void the_data_that_waits_for_a_tag_has_a_limit(void **state)
{
    const CK_ULONG part = 1024 * 1024;
    unsigned char *zeros = calloc(1, part);
    struct encryption *encryption = start(&examples[2], false);
    unsigned char out[1];
    CK_ULONG n = 0;

    (void)state;
    for (size_t i = 0; i < CIPHER_HELD_MAX / part; i++)
        assert_int_equal(encryption_run(encryption, zeros, part, false, out, &n), CKR_OK);
    assert_int_equal(encryption_run(encryption, zeros, 1, false, out, &n),
                     CKR_ENCRYPTED_DATA_LEN_RANGE);
    encryption_free(encryption);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_come_out_in_any_cut),
        cmocka_unit_test(the_result_may_take_the_place_of_the_data),
        cmocka_unit_test(the_result_may_overlap_the_data),
        cmocka_unit_test(a_wrong_tag_gives_nothing_out),
        cmocka_unit_test(a_wrong_padding_is_refused),
        cmocka_unit_test(one_operation_tells_the_padding_of_one_message),
        cmocka_unit_test(cbc_needs_whole_blocks),
        cmocka_unit_test(the_data_that_waits_for_a_tag_has_a_limit),
    };

    for (size_t i = 0; i < LONG; i++)
        message[i] = (unsigned char)(i * 7 + i / 251);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
