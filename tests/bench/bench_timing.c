/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Does the time of a decryption tell anything about the padding? bench_timing MODULE LABEL PEM-FILE
 * ROUNDS oaep|pkcs1. Of OAEP two kinds of ciphertext fail: one whose padding begins with the zero
 * byte that it must begin with, and one whose does not. An attacker who tells them apart reads
 * messages (Manger, CRYPTO 2001). Of PKCS#1 v1.5 the padding is right, with a message of any
 * length, or wrong, and neither fails (Bleichenbacher, CRYPTO 1998). Prints Welch's t of their
 * times in random order; dudect (Reparaz, Balasch, Verbauwhede, DATE 2017) takes less than 4.5 for
 * no evidence, and more than 10 for a leak.
 */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"
#include "tests/bench/pem.h"

#define SIZE 256        /* bytes of an RSA-2048 modulus */
#define KINDS 2         /* 0: a zero byte first */
#define CIPHERTEXTS 256 /* of each kind */

/* Encrypts random padding of a kind. */
static void make(EVP_PKEY_CTX *context, bool pkcs1, int kind, unsigned char out[SIZE])
{
    unsigned char padded[SIZE];
    size_t len = SIZE;

    if (RAND_bytes(padded, sizeof padded) != 1)
        measure_fail("no random bytes");
    if (pkcs1) { /* byte 2 is random, and so chooses the length */
        size_t end = 10 + (size_t)padded[2] * (SIZE - 10) / 256;
        for (size_t i = 2; i < end; i++)
            padded[i] |= padded[i] == 0;
        padded[end] = 0;
        padded[0] = 0;
        padded[1] = kind == 0 ? 2 : 1;
    } else {
        padded[0] = (unsigned char)kind;
    }
    if (EVP_PKEY_encrypt(context, out, &len, padded, sizeof padded) != 1)
        measure_fail("EVP_PKEY_encrypt");
}

static void make_all(EVP_PKEY *pkey, bool pkcs1, unsigned char (*out)[KINDS][SIZE])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);

    if (EVP_PKEY_encrypt_init(context) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) != 1)
        measure_fail("EVP_PKEY_encrypt_init");
    for (size_t i = 0; i < CIPHERTEXTS; i++)
        for (int kind = 0; kind < KINDS; kind++)
            make(context, pkcs1, kind, out[i][kind]);
    EVP_PKEY_CTX_free(context);
}

/* The nanoseconds of one decryption, which must fail if it is OAEP. */
static int64_t decrypt(struct host *host, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
                       bool pkcs1, unsigned char *ciphertext)
{
    CK_RSA_PKCS_OAEP_PARAMS oaep = {.hashAlg = CKM_SHA256, .mgf = CKG_MGF1_SHA256};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
    unsigned char out[SIZE];
    CK_ULONG len = sizeof out;
    int64_t start;
    int64_t end;
    CK_RV rv;

    if (pkcs1)
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS, NULL, 0};
    if (host->f->C_DecryptInit(session, &mechanism, key) != CKR_OK)
        measure_fail("C_DecryptInit");
    start = measure_now();
    rv = host->f->C_Decrypt(session, ciphertext, SIZE, out, &len);
    end = measure_now();
    if (rv != (pkcs1 ? CKR_OK : CKR_ENCRYPTED_DATA_INVALID))
        measure_fail("C_Decrypt: 0x%lx", rv);
    return end - start;
}

struct moments {
    double count;
    double mean;
    double squares; /* of the distances to the mean */
};

static void add(struct moments *moments, double value)
{
    double distance = value - moments->mean;

    moments->count++;
    moments->mean += distance / moments->count;
    moments->squares += distance * (value - moments->mean);
}

static double welch(const struct moments *a, const struct moments *b)
{
    double variance =
        a->squares / (a->count - 1) / a->count + b->squares / (b->count - 1) / b->count;

    return fabs(a->mean - b->mean) / sqrt(variance);
}

/* Prints t of the times below a percentile of all: interruptions only add noise. */
static void report(const int64_t *times, const unsigned char *kinds, size_t count, int percent)
{
    int64_t *sorted = malloc(count * sizeof *sorted);
    struct moments moments[KINDS] = {0};
    char name[24];
    int64_t limit;

    if (sorted == NULL)
        measure_fail("out of memory");
    memcpy(sorted, times, count * sizeof *sorted);
    limit = measure_percentile(sorted, count, percent);
    free(sorted);
    for (size_t i = 0; i < count; i++)
        if (times[i] <= limit)
            add(&moments[kinds[i]], (double)times[i]);
    snprintf(name, sizeof name, "t_%d", percent);
    measure_print(name, welch(&moments[0], &moments[1]), "");
}

int main(int argc, char **argv)
{
    static unsigned char ciphertexts[CIPHERTEXTS][KINDS][SIZE];
    size_t rounds = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
    bool pkcs1 = argc == 6 && strcmp(argv[5], "pkcs1") == 0;
    int64_t *times = calloc(rounds + 1, sizeof *times);
    unsigned char *kinds = calloc(rounds + 1, 1);
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    struct host host;
    EVP_PKEY *pkey;

    if (rounds == 0 || times == NULL || kinds == NULL) {
        fputs("usage: bench_timing MODULE LABEL PEM-FILE ROUNDS oaep|pkcs1\n", stderr);
        return 2;
    }
    pkey = pem_read(argv[3]);
    if (EVP_PKEY_get_size(pkey) != SIZE)
        measure_fail("%s is not an RSA key of 2048 bits", argv[3]);
    make_all(pkey, pkcs1, ciphertexts);
    EVP_PKEY_free(pkey);
    host_open(&host, argv[1]);
    session = host_session(&host);
    key = host_private_key(&host, session, argv[2]);
    for (size_t i = 0; i < rounds; i++) {
        unsigned char choice[2];
        if (RAND_bytes(choice, sizeof choice) != 1)
            measure_fail("no random bytes");
        kinds[i] = choice[0] & 1;
        times[i] = decrypt(&host, session, key, pkcs1, ciphertexts[choice[1]][kinds[i]]);
    }
    for (int percent = 50; percent <= 100; percent += 25)
        report(times, kinds, rounds, percent);
    host_close(&host);
    free(times);
    free(kinds);
    return 0;
}
