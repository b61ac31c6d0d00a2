/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A host that signs: key_memory MODULE. It reads a session key of 48 bytes from standard input,
 * signs with every key that it finds and with the session key, by every HMAC, and says "ready".
 * Then it obeys commands, a line each: "fork" leaves a child that waits, and says its process id;
 * "threads" has threads draw random numbers, end after C_Finalize, and says "ready"; "pairs" signs
 * with every private key, or derives, signs and encrypts, in a session that it then closes, and
 * says "ready"; "core" aborts.
 */

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/client/host.h"

#define KEY_LEN 48
#define THREADS 8

static CK_FUNCTION_LIST *f;
static pthread_barrier_t drawn;
static pthread_barrier_t finalized;
static char *canary; /* must be found wherever memory is looked through */

static CK_SESSION_HANDLE open_session(void)
{
    CK_SESSION_HANDLE session;

    check(f->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
          "C_OpenSession");
    return session;
}

/* The key comes without a copy in the C library's buffers, and this one is wiped. */
static void make_session_key(CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE;
    unsigned char value[KEY_LEN];
    CK_OBJECT_HANDLE key;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_SIGN, &yes, sizeof yes},      {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_VALUE, value, sizeof value},
    };

    if (read(STDIN_FILENO, value, sizeof value) != sizeof value)
        exit(1);
    check(f->C_CreateObject(session, template, 5, &key), "C_CreateObject");
    explicit_bzero(value, sizeof value);
}

static void sign_with(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    static const CK_MECHANISM_TYPE types[] = {CKM_SHA256_HMAC, CKM_SHA384_HMAC, CKM_SHA512_HMAC};
    unsigned char message[] = "a message";
    unsigned char signature[64];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        CK_MECHANISM mechanism = {types[i], NULL, 0};
        CK_ULONG len = sizeof signature;

        check(f->C_SignInit(session, &mechanism, key), "C_SignInit");
        check(f->C_Sign(session, message, sizeof message, signature, &len), "C_Sign");
        check(f->C_VerifyInit(session, &mechanism, key), "C_VerifyInit");
        check(f->C_Verify(session, message, sizeof message, signature, len), "C_Verify");
        /* one that stays unfinished */
        if (i == 2)
            check(f->C_SignInit(open_session(), &mechanism, key), "C_SignInit");
    }
}

#define KEYS_MAX 8

/* Finds the keys of a class; gives their number. */
static CK_ULONG find_keys(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
                          CK_OBJECT_HANDLE keys[KEYS_MAX])
{
    CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof class};
    CK_ULONG count = 0;

    check(f->C_FindObjectsInit(session, &template, 1), "C_FindObjectsInit");
    check(f->C_FindObjects(session, keys, KEYS_MAX, &count), "C_FindObjects");
    check(f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return count;
}

static void sign_with_all(CK_SESSION_HANDLE session)
{
    CK_OBJECT_HANDLE keys[KEYS_MAX];
    CK_ULONG count = find_keys(session, CKO_SECRET_KEY, keys);

    for (CK_ULONG i = 0; i < count; i++)
        sign_with(session, keys[i]);
    printf("ready %lu\n", count);
}

/* Encrypts and decrypts, and leaves the last encryption unfinished. */
static void encrypt_with(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    unsigned char iv[16] = {1};
    CK_GCM_PARAMS params = {iv, 12, 96, NULL, 0, 128};
    CK_MECHANISM mechanisms[] = {{CKM_AES_CBC_PAD, iv, 16}, {CKM_AES_GCM, &params, sizeof params}};
    unsigned char data[64] = "a message";
    CK_ULONG len;

    for (size_t i = 0; i < 2; i++) {
        len = sizeof data;
        check(f->C_EncryptInit(session, &mechanisms[i], key), "C_EncryptInit");
        check(f->C_Encrypt(session, data, 10, data, &len), "C_Encrypt");
        check(f->C_DecryptInit(session, &mechanisms[i], key), "C_DecryptInit");
        check(f->C_Decrypt(session, data, len, data, &len), "C_Decrypt");
    }
    len = sizeof data;
    check(f->C_EncryptInit(session, &mechanisms[0], key), "C_EncryptInit");
    check(f->C_EncryptUpdate(session, data, 20, data, &len), "C_EncryptUpdate");
}

/* Derives keys of the session, with Bob's public key of RFC 7748, 6.1. */
static void derive_with(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    unsigned char bob[] = {0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61,
                           0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78,
                           0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f};
    CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, sizeof bob, bob};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof params};
    CK_KEY_TYPE aes = CKK_AES;
    CK_ATTRIBUTE template = {CKA_KEY_TYPE, &aes, sizeof aes};
    CK_OBJECT_HANDLE derived;

    check(f->C_DeriveKey(session, &mechanism, key, NULL, 0, &derived), "C_DeriveKey");
    sign_with(session, derived);
    check(f->C_DeriveKey(session, &mechanism, key, &template, 1, &derived), "C_DeriveKey");
    encrypt_with(session, derived);
}

/* Signs with a private key by the one mechanism of its type, or derives. */
static void sign_with_pair(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    CK_KEY_TYPE type = 0;
    CK_ATTRIBUTE asked = {CKA_KEY_TYPE, &type, sizeof type};
    CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};
    unsigned char message[] = "a message";
    unsigned char signature[1024];
    CK_ULONG len = sizeof signature;

    check(f->C_GetAttributeValue(session, key, &asked, 1), "C_GetAttributeValue");
    if (type == CKK_EC_MONTGOMERY) {
        derive_with(session, key);
        return;
    }
    if (type == CKK_RSA)
        mechanism.mechanism = CKM_SHA256_RSA_PKCS;
    else if (type == CKK_EC)
        mechanism.mechanism = CKM_ECDSA_SHA256;
    check(f->C_SignInit(session, &mechanism, key), "C_SignInit");
    check(f->C_Sign(session, message, sizeof message, signature, &len), "C_Sign");
}

static void sign_with_pairs(void)
{
    CK_SESSION_HANDLE session = open_session();
    CK_OBJECT_HANDLE keys[KEYS_MAX];
    CK_ULONG count = find_keys(session, CKO_PRIVATE_KEY, keys);

    for (CK_ULONG i = 0; i < count; i++)
        sign_with_pair(session, keys[i]);
    check(f->C_CloseSession(session), "C_CloseSession");
    printf("ready %lu\n", count);
}

static void *draw(void *arg)
{
    unsigned char bytes[32];

    check(f->C_GenerateRandom(*(CK_SESSION_HANDLE *)arg, bytes, sizeof bytes), "C_GenerateRandom");
    pthread_barrier_wait(&drawn);
    pthread_barrier_wait(&finalized);
    return NULL;
}

/* Threads that have used the module end after C_Finalize. */
static void outlive(CK_SESSION_HANDLE session)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&drawn, NULL, THREADS + 1);
    pthread_barrier_init(&finalized, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, draw, &session);
    pthread_barrier_wait(&drawn);
    check(f->C_Finalize(NULL), "C_Finalize");
    pthread_barrier_wait(&finalized);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    puts("ready");
}

static void leave_child(void)
{
    pid_t child = fork();

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    printf("%d\n", (int)child);
}

int main(int argc, char **argv)
{
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    char line[16];
    CK_SESSION_HANDLE session;

    if (argc != 2)
        return 2;
    (void)setrlimit(RLIMIT_CORE, &most);
    setvbuf(stdout, NULL, _IOLBF, 0);
    canary = malloc(64);
    for (size_t i = 0; i < 63; i++)
        canary[i] = (char)('A' + (i * 7) % 26);
    f = load(argv[1]);
    check(f->C_Initialize(NULL), "C_Initialize");
    session = open_session();
    make_session_key(session);
    sign_with_all(session);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "fork\n") == 0)
            leave_child();
        else if (strcmp(line, "threads\n") == 0)
            outlive(session);
        else if (strcmp(line, "pairs\n") == 0)
            sign_with_pairs();
        else
            abort();
    }
    return 0;
}
