/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry.h"
#include "module/object_read.h"
#include "module/object_write.h"

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                     CK_OBJECT_HANDLE *object)
{
    ENTER(lib);

    LEAVE(object_create(lib, session, template, count, object));
}

CK_RV C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                   CK_ULONG count, CK_OBJECT_HANDLE *copy)
{
    ENTER(lib);

    LEAVE(object_copy(lib, session, object, template, count, copy));
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    ENTER(lib);

    LEAVE(object_destroy(lib, session, object));
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size)
{
    ENTER(lib);

    if (size == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    LEAVE(object_get_size(lib, session, object, size));
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER(lib);

    LEAVE(object_get_attributes(lib, session, object, template, count));
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER(lib);

    LEAVE(object_set_attributes(lib, session, object, template, count));
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER(lib);

    LEAVE(find_start(lib, session, template, count));
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most,
                    CK_ULONG *count)
{
    ENTER(lib);

    LEAVE(find_next(lib, session, objects, most, count));
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session)
{
    ENTER(lib);

    LEAVE(find_finish(lib, session));
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    ENTER(lib);

    LEAVE(object_generate(lib, session, mechanism, template, count, key));
}
