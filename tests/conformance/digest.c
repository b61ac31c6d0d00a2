/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

/* 5.12 Message digesting, with the SHA-2 of FIPS 180-4 and the SHA-3 of FIPS 202 (their examples
 * "abc" and the empty text). */

static const struct {
    CK_MECHANISM_TYPE type;
    CK_ULONG len;
    const char *abc;
    const char *empty;
} digests[] = {
    {CKM_SHA256, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {CKM_SHA384, 48,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
     "274edebfe76f65fbd51ad2f14898b95b"},
    {CKM_SHA512, 64,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
#if !defined(_WIN32) /* where the system does not have them */
    {CKM_SHA224, 28, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
     "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
    {CKM_SHA3_224, 28, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
     "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7"},
    {CKM_SHA3_256, 32, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
     "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
    {CKM_SHA3_384, 48,
     "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
     "98d88cea927ac7f539f1edf228376d25",
     "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2a"
     "c3713831264adb47fb6bd1e058d5f004"},
    {CKM_SHA3_512, 64,
     "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
     "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
     "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
     "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"},
#endif
};

static unsigned char abc[] = "abc";

static void start(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type)
{
    CK_MECHANISM mechanism = {type, NULL, 0};

    assert_rv(p11->C_DigestInit(session, &mechanism), CKR_OK);
}

static void assert_hex(const unsigned char *digest, CK_ULONG len, const char *expected)
{
    char text[129];

    for (CK_ULONG i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, expected);
}

static void in_one_call(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char digest[64];

    (void)state;
    for (size_t i = 0; i < COUNT(digests); i++) {
        CK_ULONG n = sizeof digest;
        start(session, digests[i].type);
        assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OK);
        assert_int_equal(n, digests[i].len);
        assert_hex(digest, n, digests[i].abc);
        n = sizeof digest;
        start(session, digests[i].type);
        assert_rv(p11->C_Digest(session, NULL, 0, digest, &n), CKR_OK);
        assert_hex(digest, n, digests[i].empty);
    }
}

static void in_parts(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char digest[64];
    CK_ULONG n;

    (void)state;
    for (size_t i = 0; i < COUNT(digests); i++) {
        start(session, digests[i].type);
        for (int j = 0; j < 3; j++)
            assert_rv(p11->C_DigestUpdate(session, abc + j, 1), CKR_OK);
        assert_rv(p11->C_DigestUpdate(session, NULL, 0), CKR_OK);
        n = sizeof digest;
        assert_rv(p11->C_DigestFinal(session, digest, &n), CKR_OK);
        assert_hex(digest, n, digests[i].abc);
        start(session, digests[i].type);
        n = sizeof digest;
        assert_rv(p11->C_DigestFinal(session, digest, &n), CKR_OK);
        assert_hex(digest, n, digests[i].empty);
    }
}

/* 5.2: with a NULL buffer the length, with too small a one CKR_BUFFER_TOO_SMALL, and the operation
 * stays active after both. */
static void asking_for_the_length_ends_nothing(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char digest[64];
    CK_ULONG n = 0;

    (void)state;
    start(session, CKM_SHA256);
    assert_rv(p11->C_Digest(session, abc, 3, NULL, &n), CKR_OK);
    assert_int_equal(n, 32);
    n = 31;
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(n, 32);
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OK);
    assert_hex(digest, 32, digests[0].abc);
    start(session, CKM_SHA256);
    assert_rv(p11->C_DigestUpdate(session, abc, 3), CKR_OK);
    assert_rv(p11->C_DigestFinal(session, NULL, &n), CKR_OK);
    n = 0;
    assert_rv(p11->C_DigestFinal(session, digest, &n), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(n, 32);
    assert_rv(p11->C_DigestFinal(session, digest, &n), CKR_OK);
    assert_hex(digest, 32, digests[0].abc);
}

static void the_calls_come_in_their_order(void **state)
{
    CK_MECHANISM sha512 = {CKM_SHA512, NULL, 0};
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();
    unsigned char digest[64];
    CK_ULONG n = sizeof digest;

    (void)state;
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_DigestUpdate(session, abc, 3), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_DigestFinal(session, digest, &n), CKR_OPERATION_NOT_INITIALIZED);
    start(session, CKM_SHA256);
    assert_rv(p11->C_DigestInit(session, &sha512), CKR_OPERATION_ACTIVE);
    start(other, CKM_SHA512);
    n = sizeof digest;
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OK);
    assert_int_equal(n, 32);
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OPERATION_NOT_INITIALIZED);
    start(session, CKM_SHA256);
    assert_rv(p11->C_DigestUpdate(session, abc, 3), CKR_OK);
    n = sizeof digest; /* 5.12.2: C_Digest cannot end an operation after C_DigestUpdate */
    assert_true(p11->C_Digest(session, abc, 3, digest, &n) != CKR_OK);
}

static void arguments_are_checked(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_MECHANISM unknown = {CKM_RSA_PKCS, NULL, 0};
    CK_MECHANISM parameter = {CKM_SHA256, abc, 3};
    unsigned char digest[64];
    CK_ULONG n = sizeof digest;

    (void)state;
    assert_rv(p11->C_DigestInit(session, &unknown), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_DigestInit(session, &parameter), CKR_MECHANISM_PARAM_INVALID);
    start(session, CKM_SHA256);
    assert_rv(p11->C_Digest(session, NULL, 3, digest, &n), CKR_ARGUMENTS_BAD);
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    (void)p11->C_DigestInit(session, &sha256); /* the error may have ended it, or not (5.1.1) */
    assert_rv(p11->C_DigestUpdate(session, NULL, 3), CKR_ARGUMENTS_BAD);
}

/* A search and a digest do not know of each other. */
static void a_search_goes_on_beside_it(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char digest[64];
    CK_ULONG n = sizeof digest;

    (void)state;
    start(session, CKM_SHA256);
    assert_int_equal(find(session, NULL, 0, NULL, 0), 0);
    assert_rv(p11->C_Digest(session, abc, 3, digest, &n), CKR_OK);
    assert_hex(digest, n, digests[0].abc);
}

static const struct CMUnitTest tests[] = {
    open_library(in_one_call),
    open_library(in_parts),
    open_library(asking_for_the_length_ends_nothing),
    open_library(the_calls_come_in_their_order),
    open_library(arguments_are_checked),
    open_library(a_search_goes_on_beside_it),
};

const struct chapter digest_chapter = CHAPTER("digest", tests);
