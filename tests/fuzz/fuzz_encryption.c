/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "module/session/encryption.h"

/* The parameters of AES mechanisms, and data in any cut. What goes in part by part comes out as in
 * one call, and what was encrypted comes back; any bytes decrypt to an answer of the standard. The
 * input: the mechanism, the place of the parts' results, the size of the parts, a key and a
 * parameter, then the data. */

#define HEAD 4
#define KEY 16
#define IV 16
#define MOST 4096

static const CK_MECHANISM_TYPE types[] = {CKM_AES_CBC, CKM_AES_CBC_PAD, CKM_AES_GCM};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

static struct encryption *start(const struct cipher_form *form, const struct store_secret *key,
                                bool encrypts)
{
    struct encryption *encryption = NULL;

    FUZZ_CHECK(encryption_new(form, key, encrypts, &encryption) == CKR_OK);
    return encryption;
}

/* In one call; the result is in memory of its exact length. */
static CK_RV run_whole(const struct cipher_form *form, const struct store_secret *key,
                       bool encrypts, const CK_BYTE *in, CK_ULONG len, CK_BYTE **out,
                       CK_ULONG *out_len)
{
    struct encryption *encryption = start(form, key, encrypts);
    CK_BYTE none[1];
    CK_RV rv;

    *out_len = 0;
    *out = NULL;
    rv = encryption_run(encryption, in, len, true, none, out_len);
    if (rv == CKR_BUFFER_TOO_SMALL) {
        *out = malloc(*out_len);
        FUZZ_CHECK(*out != NULL);
        rv = encryption_run(encryption, in, len, true, *out, out_len);
        FUZZ_CHECK(rv == CKR_OK || (!encrypts && rv == CKR_ENCRYPTED_DATA_INVALID));
    }
    encryption_free(encryption);
    return rv;
}

/* The same in parts, each at its place in a room that it shares with the result so far. */
static CK_RV run_parts(const struct cipher_form *form, const struct store_secret *key,
                       bool encrypts, const CK_BYTE *in, CK_ULONG len, CK_ULONG part, CK_BYTE *room,
                       CK_ULONG size, CK_ULONG *done)
{
    struct encryption *encryption = start(form, key, encrypts);
    CK_RV rv = CKR_OK;
    CK_ULONG n;

    *done = 0;
    memcpy(room, in, len);
    for (CK_ULONG at = 0; rv == CKR_OK && at < len; at += part) {
        CK_ULONG count = len - at < part ? len - at : part;

        n = at + count - *done; /* no result is ever ahead of its data */
        rv = encryption_run(encryption, room + at, count, false, room + *done, &n);
        FUZZ_CHECK(rv != CKR_BUFFER_TOO_SMALL && (rv != CKR_OK || n <= at + count - *done));
        *done += rv == CKR_OK ? n : 0;
    }
    n = size - *done;
    if (rv == CKR_OK)
        rv = encryption_run(encryption, NULL, 0, true, room + *done, &n);
    *done += rv == CKR_OK ? n : 0;
    encryption_free(encryption);
    return rv;
}

static void compare(const struct cipher_form *form, const struct store_secret *key, bool encrypts,
                    const CK_BYTE *in, CK_ULONG len, CK_ULONG part)
{
    CK_ULONG size = len + 2 * CIPHER_BLOCK;
    CK_BYTE *room = malloc(size);
    CK_BYTE *out = NULL;
    CK_ULONG out_len = 0;
    CK_ULONG done = 0;
    CK_RV rv = run_whole(form, key, encrypts, in, len, &out, &out_len);

    FUZZ_CHECK(room != NULL);
    FUZZ_CHECK(rv == CKR_OK ||
               rv == (encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE) ||
               (!encrypts && rv == CKR_ENCRYPTED_DATA_INVALID));
    FUZZ_CHECK(run_parts(form, key, encrypts, in, len, part, room, size, &done) == rv);
    if (rv == CKR_OK)
        FUZZ_CHECK(done == out_len && (done == 0 || memcmp(room, out, done) == 0));
    if (rv == CKR_OK && encrypts) {
        CK_BYTE *back = NULL;
        CK_ULONG back_len = 0;

        FUZZ_CHECK(run_whole(form, key, false, out, out_len, &back, &back_len) == CKR_OK);
        FUZZ_CHECK(back_len == len && (len == 0 || memcmp(back, in, len) == 0));
        free(back);
    }
    free(room);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET key = {0};
    struct cipher_form form;
    CK_BYTE iv[IV];
    CK_GCM_PARAMS params = {iv, 0, 0, iv, 0, 0};
    CK_MECHANISM mechanism = {0, iv, sizeof iv};
    CK_BYTE *in;
    CK_ULONG part;

    if (size < HEAD + KEY + IV || size > HEAD + KEY + IV + MOST)
        return 0;
    mechanism.mechanism = types[data[0] % 3];
    part = data[1] == 0 ? 1 : data[1];
    FUZZ_CHECK(store_secret_set(&key, data + HEAD, KEY) == STORE_OK);
    memcpy(iv, data + HEAD + KEY, IV);
    params.ulIvLen = data[2] % (IV + 1);
    params.ulAADLen = data[2] / (IV + 1);
    params.ulTagBits = data[3];
    if (mechanism.mechanism == CKM_AES_GCM) {
        mechanism.pParameter = &params;
        mechanism.ulParameterLen = sizeof params;
    }
    if (cipher_form_read(&mechanism, &form) != CKR_OK)
        return 0;
    size -= HEAD + KEY + IV;
    in = malloc(size == 0 ? 1 : size);
    FUZZ_CHECK(in != NULL);
    memcpy(in, data + HEAD + KEY + IV, size);
    compare(&form, &key, true, in, size, part);
    compare(&form, &key, false, in, size, part);
    free(in);
    return 0;
}
