/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A host that uses both halves of one pair on a curve: pair_use MODULE LABEL. It finds them, signs
 * with the one, verifies with the other, and prints the results, and whether they show one CKA_ID.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/client/host.h"

static CK_FUNCTION_LIST *f;
static CK_SESSION_HANDLE session;

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class, char *label)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_LABEL, label, (CK_ULONG)strlen(label)}};
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;

    check(f->C_FindObjectsInit(session, template, 2), "C_FindObjectsInit");
    check(f->C_FindObjects(session, &found, 1, &count), "C_FindObjects");
    check(f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return found;
}

static void read_id(CK_OBJECT_HANDLE key, unsigned char id[20])
{
    CK_ATTRIBUTE asked = {CKA_ID, id, 20};

    check(f->C_GetAttributeValue(session, key, &asked, 1), "C_GetAttributeValue");
}

int main(int argc, char **argv)
{
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    unsigned char signature[132];
    unsigned char ids[2][20];
    unsigned char text[] = "text";
    CK_ULONG len = sizeof signature;
    CK_OBJECT_HANDLE private;
    CK_OBJECT_HANDLE public;
    CK_RV rv;

    if (argc != 3)
        return 2;
    f = load(argv[1]);
    check(f->C_Initialize(NULL), "C_Initialize");
    check(f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
    private = find(CKO_PRIVATE_KEY, argv[2]);
    public = find(CKO_PUBLIC_KEY, argv[2]);
    read_id(public, ids[1]);
    check(f->C_SignInit(session, &mechanism, private), "C_SignInit");
    check(f->C_Sign(session, text, sizeof text, signature, &len), "C_Sign");
    check(f->C_VerifyInit(session, &mechanism, public), "C_VerifyInit");
    rv = f->C_Verify(session, text, sizeof text, signature, len);
    read_id(private, ids[0]);
    read_id(public, ids[1]);
    printf("%lu bytes, 0x%lx, %s\n", len, rv, memcmp(ids[0], ids[1], 20) == 0 ? "one" : "two");
    check(f->C_Finalize(NULL), "C_Finalize");
    return 0;
}
