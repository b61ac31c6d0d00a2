/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH: the common program of the
 * interoperability tests in C, with p11-kit's header and dlopen(3). Values and texts to sign come
 * from standard input, values and signatures (in hex) go to standard output.
 */
/* docs: begin */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#define SIZE_MAX_INPUT (1024 * 1024)

static void check(CK_RV rv, const char *what)
{
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "%s: 0x%lx\n", what, rv);
    exit(1);
}

static CK_OBJECT_CLASS data = CKO_DATA, secret_key = CKO_SECRET_KEY;
static CK_BBOOL yes = CK_TRUE;

static CK_FUNCTION_LIST *load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *p11;

    if (library != NULL)
        *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    check(get(&p11), "C_GetFunctionList");
    check(p11->C_Initialize(NULL), "C_Initialize");
    return p11;
}

static CK_SESSION_HANDLE open_session(CK_FUNCTION_LIST *p11)
{
    CK_SLOT_ID slots[48];
    CK_ULONG count = 48;
    CK_SESSION_HANDLE session;

    check(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    if (count == 0) {
        fprintf(stderr, "there is no token\n");
        exit(1);
    }
    check(p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
          "C_OpenSession");
    return session;
}

/* The first object of this class and, if key is not NULL, of this label; 0 if there is none. */
static CK_OBJECT_HANDLE find(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session,
                             CK_OBJECT_CLASS *class, char *key)
{
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, class, sizeof *class}, {CKA_LABEL, key, strlen(key)}};
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG found = 0;

    check(p11->C_FindObjectsInit(session, wanted, 2), "C_FindObjectsInit");
    check(p11->C_FindObjects(session, &object, 1, &found), "C_FindObjects");
    check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    if (found == 0) {
        fprintf(stderr, "%s: not found\n", key);
        exit(1);
    }
    return object;
}

/* Writes an attribute to standard output. */
static void print(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                  CK_ATTRIBUTE_TYPE type)
{
    CK_ATTRIBUTE attribute = {type, NULL, 0};

    check(p11->C_GetAttributeValue(session, object, &attribute, 1), "C_GetAttributeValue");
    attribute.pValue = malloc(attribute.ulValueLen + 1);
    if (attribute.pValue == NULL)
        abort();
    check(p11->C_GetAttributeValue(session, object, &attribute, 1), "C_GetAttributeValue");
    fwrite(attribute.pValue, 1, attribute.ulValueLen, stdout);
    explicit_bzero(attribute.pValue, attribute.ulValueLen);
    free(attribute.pValue);
}

static void list(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session)
{
    CK_ATTRIBUTE wanted = {CKA_CLASS, &data, sizeof data};
    CK_OBJECT_HANDLE object;
    CK_ULONG found;

    check(p11->C_FindObjectsInit(session, &wanted, 1), "C_FindObjectsInit");
    while (p11->C_FindObjects(session, &object, 1, &found) == CKR_OK && found == 1) {
        print(p11, session, object, CKA_LABEL);
        putchar('\n');
    }
    check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
}

/* Creates the secret, or replaces its value. */
static void write_secret(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, char *key, void *value,
                         CK_ULONG size)
{
    CK_ATTRIBUTE secret[] = {{CKA_CLASS, &data, sizeof data},
                             {CKA_TOKEN, &yes, sizeof yes},
                             {CKA_LABEL, key, strlen(key)},
                             {CKA_VALUE, value, size}};
    CK_OBJECT_HANDLE object;

    check(p11->C_CreateObject(session, secret, 4, &object), "C_CreateObject");
}

/* Signs with a key that cannot be read. */
static CK_ULONG sign(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, char *key,
                     CK_MECHANISM_TYPE hash, CK_BYTE *text, CK_ULONG size, CK_BYTE out[64])
{
    CK_MECHANISM mechanism = {hash, NULL, 0};
    CK_ULONG length = 64;

    check(p11->C_SignInit(session, &mechanism, find(p11, session, &secret_key, key)), "C_SignInit");
    check(p11->C_Sign(session, text, size, out, &length), "C_Sign");
    return length;
}

static CK_MECHANISM_TYPE mechanism_of(const char *hash)
{
    if (strcmp(hash, "SHA256") == 0)
        return CKM_SHA256_HMAC;
    return strcmp(hash, "SHA384") == 0 ? CKM_SHA384_HMAC : CKM_SHA512_HMAC;
}

static void run(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, char **words, int count)
{
    static CK_BYTE input[SIZE_MAX_INPUT];
    CK_BYTE out[64];
    CK_ULONG length;

    if (strcmp(words[0], "list") == 0) {
        list(p11, session);
    } else if (count == 2 && strcmp(words[0], "read") == 0) {
        print(p11, session, find(p11, session, &data, words[1]), CKA_VALUE);
    } else if (count == 2 && strcmp(words[0], "write") == 0) {
        length = fread(input, 1, sizeof input, stdin);
        write_secret(p11, session, words[1], input, length);
    } else if (count == 2 && strcmp(words[0], "delete") == 0) {
        check(p11->C_DestroyObject(session, find(p11, session, &data, words[1])),
              "C_DestroyObject");
    } else if (count == 3 && strcmp(words[0], "sign") == 0) {
        length = fread(input, 1, sizeof input, stdin);
        length = sign(p11, session, words[1], mechanism_of(words[2]), input, length, out);
        for (CK_ULONG i = 0; i < length; i++)
            printf("%02x", out[i]);
    } else {
        exit(2);
    }
}

int main(int argc, char **argv)
{
    CK_FUNCTION_LIST *p11;

    if (argc < 3)
        return 2;
    p11 = load(argv[1]);
    run(p11, open_session(p11), argv + 2, argc - 2);
    check(p11->C_Finalize(NULL), "C_Finalize");
    return 0;
}
/* docs: end */
