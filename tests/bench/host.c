/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"

static void check(CK_RV rv, const char *what)
{
    if (rv != CKR_OK)
        measure_fail("%s: 0x%lx", what, rv);
}

void host_open(struct host *host, const char *module)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    CK_SLOT_ID slots[48];
    CK_ULONG count = 48;
    CK_TOKEN_INFO info;
    CK_C_GetFunctionList get;

    host->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    if (host->library == NULL)
        measure_fail("%s", dlerror());
    *(void **)&get = dlsym(host->library, "C_GetFunctionList");
    if (get == NULL)
        measure_fail("%s: no C_GetFunctionList", module);
    check(get(&host->f), "C_GetFunctionList");
    host->loaded_cpu = measure_cpu();
    check(host->f->C_Initialize(&args), "C_Initialize");
    check(host->f->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        check(host->f->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        host->slot = slots[i];
        if ((info.flags & CKF_TOKEN_INITIALIZED) != 0)
            break;
    }
    host->pin = getenv("BENCH_PIN");
}

void host_close(struct host *host)
{
    check(host->f->C_Finalize(NULL), "C_Finalize");
    dlclose(host->library);
}

CK_SESSION_HANDLE host_session(struct host *host)
{
    CK_SESSION_HANDLE session;
    CK_RV rv;

    check(host->f->C_OpenSession(host->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                 &session),
          "C_OpenSession");
    if (host->pin != NULL) {
        rv = host->f->C_Login(session, CKU_USER, (CK_BYTE *)(CK_ULONG)host->pin, strlen(host->pin));
        if (rv != CKR_USER_ALREADY_LOGGED_IN)
            check(rv, "C_Login");
    }
    return session;
}

CK_OBJECT_HANDLE host_find(struct host *host, CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
                           const char *label)
{
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_LABEL, (void *)(CK_ULONG)label, strlen(label)},
    };
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG count = 0;

    check(host->f->C_FindObjectsInit(session, template, 2), "C_FindObjectsInit");
    check(host->f->C_FindObjects(session, &object, 1, &count), "C_FindObjects");
    check(host->f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return count == 1 ? object : 0;
}

CK_OBJECT_HANDLE host_private_key(struct host *host, CK_SESSION_HANDLE session, const char *label)
{
    CK_OBJECT_HANDLE key = host_find(host, session, CKO_PRIVATE_KEY, label);

    if (key == 0)
        measure_fail("no private key %s", label);
    return key;
}

size_t host_get(struct host *host, CK_SESSION_HANDLE session, const char *label,
                unsigned char *value, size_t size)
{
    CK_OBJECT_HANDLE object = host_find(host, session, CKO_DATA, label);
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    if (object == 0)
        return 0;
    check(host->f->C_GetAttributeValue(session, object, &attribute, 1), "length of CKA_VALUE");
    if (attribute.ulValueLen > size)
        measure_fail("a value of %lu bytes", attribute.ulValueLen);
    attribute.pValue = value;
    check(host->f->C_GetAttributeValue(session, object, &attribute, 1), "CKA_VALUE");
    return attribute.ulValueLen;
}

size_t host_list(struct host *host, CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE objects[512];
    unsigned char label[512];
    unsigned char value[4096];
    size_t total = 0;
    CK_ULONG count;

    check(host->f->C_FindObjectsInit(session, &template, 1), "C_FindObjectsInit");
    do {
        check(host->f->C_FindObjects(session, objects, 512, &count), "C_FindObjects");
        for (CK_ULONG i = 0; i < count; i++) {
            CK_ATTRIBUTE both[] = {{CKA_LABEL, label, sizeof label},
                                   {CKA_VALUE, value, sizeof value}};
            check(host->f->C_GetAttributeValue(session, objects[i], both, 2), "label and value");
        }
        total += count;
    } while (count > 0);
    check(host->f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return total;
}

void host_create(struct host *host, CK_SESSION_HANDLE session, const char *label,
                 const unsigned char *value, size_t len)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL private = host->pin == NULL;
    CK_OBJECT_HANDLE object;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &private, sizeof private},
        {CKA_LABEL, (void *)(CK_ULONG)label, strlen(label)},
        {CKA_VALUE, (void *)(CK_ULONG)value, len},
    };

    check(host->f->C_CreateObject(session, template, 5, &object), "C_CreateObject");
}

void host_update(struct host *host, CK_SESSION_HANDLE session, const char *label,
                 const unsigned char *value, size_t len)
{
    CK_OBJECT_HANDLE object = host_find(host, session, CKO_DATA, label);
    CK_ATTRIBUTE attribute = {CKA_VALUE, (void *)(CK_ULONG)value, len};
    CK_RV rv = object == 0 ? CKR_ATTRIBUTE_READ_ONLY
                           : host->f->C_SetAttributeValue(session, object, &attribute, 1);

    if (rv == CKR_ATTRIBUTE_READ_ONLY) {
        if (object != 0)
            check(host->f->C_DestroyObject(session, object), "C_DestroyObject");
        host_create(host, session, label, value, len);
        return;
    }
    check(rv, "C_SetAttributeValue");
}

void host_label(char out[64], size_t i)
{
    switch (i % 4) {
    case 0:
        snprintf(out, 64, "org/o%zu/secret_%zu", i % 50, i);
        return;
    case 1:
        snprintf(out, 64, "project/p%zu/secret_%zu", i % 50, i);
        return;
    case 2:
        snprintf(out, 64, "user/u%zu/secret_%zu", i % 50, i);
        return;
    default:
        snprintf(out, 64, "global/secret_%zu", i);
    }
}
