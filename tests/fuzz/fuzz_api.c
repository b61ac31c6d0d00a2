/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C_* functions, called in the input's order and with its arguments, on the memory backend.
 * They must not crash, leak or blame the store, and after CKR_OK an object must be as in its
 * template.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz_api.h"

/* The two lists that a host may keep. */
#define SESSIONS 4
#define OBJECTS 8

static CK_FUNCTION_LIST *p11;

static struct {
    struct api_input input;
    CK_SESSION_HANDLE sessions[SESSIONS];
    CK_OBJECT_HANDLE objects[OBJECTS];
} run;

/* Nothing of this is ever true of memory. */
static CK_RV checked(CK_RV rv)
{
    FUZZ_CHECK(rv != CKR_GENERAL_ERROR && rv != CKR_DEVICE_ERROR && rv != CKR_HOST_MEMORY &&
               rv != CKR_CRYPTOKI_NOT_INITIALIZED);
    return rv;
}

static CK_SESSION_HANDLE *session(void)
{
    return &run.sessions[api_byte(&run.input) % SESSIONS];
}

static CK_OBJECT_HANDLE *object(void)
{
    return &run.objects[api_byte(&run.input) % OBJECTS];
}

/* True if an attribute may read back differently than in the template. */
static bool is_exempt(const CK_ATTRIBUTE *given, CK_RV rv)
{
    switch (given->type) {
    case CKA_PRIVATE:     /* FALSE of a secret, */
    case CKA_LABEL:       /* a bare name, */
    case CKA_APPLICATION: /* and an empty one: the store makes more of it */
    case CKA_SIDESEAT_VERSION:
    case CKA_SIDESEAT_ACCEPT_LOSS:
    case CKA_SIDESEAT_LOCK:
        return true;
    case CKA_ID: /* an empty one of a stored key counts as absent, and the key has a computed one */
        return given->ulValueLen == 0 || rv == CKR_ATTRIBUTE_SENSITIVE;
    default:
        return rv == CKR_ATTRIBUTE_SENSITIVE;
    }
}

/* Checks that the object is as in the template. */
static void check_honoured(CK_SESSION_HANDLE on, CK_OBJECT_HANDLE made,
                           const struct api_template *said)
{
    for (CK_ULONG i = 0; i < said->count; i++) {
        const CK_ATTRIBUTE *given = &said->attributes[i];
        CK_ATTRIBUTE asked = {given->type, malloc(given->ulValueLen + 1), given->ulValueLen + 1};
        CK_RV rv = checked(p11->C_GetAttributeValue(on, made, &asked, 1));

        FUZZ_CHECK(asked.pValue != NULL);
        FUZZ_CHECK(is_exempt(given, rv) ||
                   (rv == CKR_OK && asked.ulValueLen == given->ulValueLen &&
                    (given->ulValueLen == 0 ||
                     memcmp(asked.pValue, given->pValue, given->ulValueLen) == 0)));
        free(asked.pValue);
    }
}

static void open_session(void)
{
    CK_SESSION_HANDLE *place = session();
    CK_FLAGS flags = api_byte(&run.input);

    if (*place == 0 || p11->C_CloseSession(*place) == CKR_OK)
        *place = 0;
    (void)checked(p11->C_OpenSession(flags >> 4 == 1 ? 2 : 1, flags & 7, NULL, NULL, place));
}

static void end_sessions(void)
{
    CK_SESSION_HANDLE *place = session();

    switch (api_byte(&run.input) % 4) {
    case 0:
        (void)checked(p11->C_CloseSession(*place));
        break;
    case 1:
        (void)checked(p11->C_CloseAllSessions(1));
        break;
    case 2:
        (void)checked(p11->C_Logout(*place));
        break;
    default:
        (void)checked(p11->C_Login(*place, api_byte(&run.input) % 4, NULL, 0));
        break;
    }
}

static void create(void)
{
    CK_SESSION_HANDLE on = *session();
    CK_OBJECT_HANDLE *made = object();
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    struct api_template template;
    CK_OBJECT_HANDLE source = *object();
    CK_RV rv;

    switch (api_byte(&run.input) % 4) {
    case 0:
        api_template(&run.input, API_KEY, &template);
        rv = checked(p11->C_GenerateKey(on, &mechanism, template.attributes, template.count, made));
        break;
    case 1:
        api_template(&run.input, API_BARE, &template);
        rv = checked(p11->C_CopyObject(on, source, template.attributes, template.count, made));
        break;
    case 2:
        api_template(&run.input, API_KEY_VALUE, &template);
        rv = checked(p11->C_CreateObject(on, template.attributes, template.count, made));
        break;
    default:
        api_template(&run.input, API_DATA, &template);
        rv = checked(p11->C_CreateObject(on, template.attributes, template.count, made));
        break;
    }
    if (rv == CKR_OK)
        check_honoured(on, *made, &template);
    api_template_free(&template);
}

static void change(void)
{
    CK_SESSION_HANDLE on = *session();
    CK_OBJECT_HANDLE of = *object();
    struct api_template template;
    CK_ULONG size;

    switch (api_byte(&run.input) % 3) {
    case 0:
        (void)checked(p11->C_DestroyObject(on, of));
        break;
    case 1:
        (void)checked(p11->C_GetObjectSize(on, of, &size));
        break;
    default:
        api_template(&run.input, API_BARE, &template);
        if (checked(p11->C_SetAttributeValue(on, of, template.attributes, template.count)) ==
            CKR_OK)
            check_honoured(on, of, &template);
        api_template_free(&template);
        break;
    }
}

/* Attributes into memory of just the size that is told, and never past it. */
static void get(void)
{
    CK_SESSION_HANDLE on = *session();
    CK_OBJECT_HANDLE of = *object();
    CK_ATTRIBUTE asked[6];
    CK_ULONG rooms[6];
    CK_ULONG count = api_byte(&run.input) % 7;
    CK_RV rv;

    for (CK_ULONG i = 0; i < count; i++) {
        rooms[i] = api_byte(&run.input) % 64;
        asked[i] =
            (CK_ATTRIBUTE){api_type(&run.input), rooms[i] == 0 ? NULL : malloc(rooms[i]), rooms[i]};
    }
    rv = checked(p11->C_GetAttributeValue(on, of, asked, count));
    for (CK_ULONG i = 0; i < count; i++) {
        if (rv == CKR_OK)
            FUZZ_CHECK(asked[i].ulValueLen != CK_UNAVAILABLE_INFORMATION &&
                       (asked[i].pValue == NULL || asked[i].ulValueLen <= rooms[i]));
        free(asked[i].pValue);
    }
}

static void find(void)
{
    CK_SESSION_HANDLE on = *session();
    CK_OBJECT_HANDLE found[OBJECTS];
    CK_ULONG most = api_byte(&run.input) % (OBJECTS + 1);
    struct api_template template;
    CK_ULONG count = 0;

    switch (api_byte(&run.input) % 4) {
    case 0:
        (void)checked(p11->C_FindObjectsFinal(on));
        break;
    case 1:
        if (checked(p11->C_FindObjects(on, found, most, &count)) == CKR_OK) {
            FUZZ_CHECK(count <= most);
            memcpy(run.objects, found, count * sizeof found[0]);
        }
        break;
    default:
        api_template(&run.input, API_BARE, &template);
        (void)checked(p11->C_FindObjectsInit(on, template.attributes, template.count));
        api_template_free(&template);
        break;
    }
}

/* One step of a digest, a signature or a verification. */
static void operate(void)
{
    static const CK_MECHANISM_TYPE types[] = {CKM_SHA256,      CKM_SHA256_HMAC,
                                              CKM_SHA512_HMAC, CKM_SHA384_HMAC_GENERAL,
                                              CKM_SHA_1,       CKM_GENERIC_SECRET_KEY_GEN};
    CK_SESSION_HANDLE on = *session();
    CK_OBJECT_HANDLE key = *object();
    CK_ULONG parameter = api_byte(&run.input) % 70;
    CK_MECHANISM mechanism = {types[api_byte(&run.input) % 6], NULL, 0};
    CK_ULONG room = api_byte(&run.input) % 66;
    CK_ULONG len = room;
    CK_BYTE *out = room == 0 ? NULL : malloc(room);
    CK_BYTE data[3] = "ab";
    CK_RV rv = CKR_FUNCTION_CANCELED;

    if (parameter < 66) {
        mechanism.pParameter = &parameter;
        mechanism.ulParameterLen = sizeof parameter;
    }
    switch (api_byte(&run.input) % 12) {
    case 0:
        (void)checked(p11->C_DigestInit(on, parameter == 69 ? NULL : &mechanism));
        break;
    case 1:
        (void)checked(p11->C_SignInit(on, parameter == 69 ? NULL : &mechanism, key));
        break;
    case 2:
        (void)checked(p11->C_VerifyInit(on, parameter == 69 ? NULL : &mechanism, key));
        break;
    case 3:
        (void)checked(p11->C_DigestUpdate(on, data, parameter % 4));
        break;
    case 4:
        (void)checked(p11->C_SignUpdate(on, data, parameter % 4));
        break;
    case 5:
        (void)checked(p11->C_VerifyUpdate(on, data, parameter % 4));
        break;
    case 6:
        rv = checked(p11->C_Digest(on, data, 2, out, &len));
        break;
    case 7:
        rv = checked(p11->C_Sign(on, data, 2, out, &len));
        break;
    case 8:
        rv = checked(p11->C_DigestFinal(on, out, &len));
        break;
    case 9:
        rv = checked(p11->C_SignFinal(on, out, &len));
        break;
    case 10:
        (void)checked(p11->C_Verify(on, data, 2, out, room));
        break;
    default:
        (void)checked(p11->C_VerifyFinal(on, out, room));
        break;
    }
    FUZZ_CHECK(rv != CKR_OK || out == NULL || len <= room);
    free(out);
}

static void ask(void)
{
    CK_SESSION_HANDLE on = *session();
    CK_BYTE byte = api_byte(&run.input);
    CK_BYTE random[8];
    CK_MECHANISM_INFO mechanism;
    CK_SESSION_INFO info;
    CK_TOKEN_INFO token;

    (void)checked(p11->C_GetSessionInfo(on, &info));
    (void)checked(p11->C_GetTokenInfo(byte % 3, &token));
    (void)checked(p11->C_GetMechanismInfo(1, byte, &mechanism));
    (void)checked(p11->C_GenerateRandom(on, random, byte % 9));
    (void)checked(p11->C_SeedRandom(on, random, byte % 9));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setenv("SIDESEAT_SECRETS_BACKEND", "memory", 1);
    setenv("SIDESEAT_PKCS11_LOG", "debug", 1); /* so that every line is made up */
    setenv("SIDESEAT_PKCS11_LOG_FILE", "/dev/null", 1);
    unsetenv("SIDESEAT_CONFIG");
    setenv("HOME", "/nonexistent", 1);
    return C_GetFunctionList(&p11) == CKR_OK ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const steps[])(void) = {open_session, create,  create,  change, get,
                                          find,         operate, operate, ask,    end_sessions};

    memset(&run, 0, sizeof run);
    run.input = (struct api_input){data, size};
    FUZZ_CHECK(p11->C_Initialize(NULL) == CKR_OK);
    (void)checked(
        p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &run.sessions[0]));
    while (run.input.left > 0)
        steps[api_byte(&run.input) % (sizeof steps / sizeof steps[0])]();
    FUZZ_CHECK(p11->C_Finalize(NULL) == CKR_OK);
    return 0;
}
