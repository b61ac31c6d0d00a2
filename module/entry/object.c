/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry/entry.h"
#include "module/session/derive.h"
#include "module/session/find.h"
#include "module/session/wrap.h"
#include "module/object/object_change.h"
#include "module/object/object_create.h"
#include "module/object/object_generate_pair.h"
#include "module/object/object_read.h"

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                     CK_OBJECT_HANDLE *object)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_create(&caller, template, count, object));
}

CK_RV C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                   CK_ULONG count, CK_OBJECT_HANDLE *copy)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_copy(&caller, object, template, count, copy));
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_destroy(&caller, object));
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size)
{
    ENTER_SESSION(lib, caller, session);

    if (size == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    LEAVE(object_get_size(&caller, object, size));
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_get_attributes(&caller, object, template, count));
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_set_attributes(&caller, object, template, count));
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(find_start(&caller, template, count));
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most,
                    CK_ULONG *count)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(find_next(&caller, objects, most, count));
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(find_finish(&caller));
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_generate(&caller, mechanism, template, count, key));
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                        CK_ATTRIBUTE *public_template, CK_ULONG public_count,
                        CK_ATTRIBUTE *private_template, CK_ULONG private_count,
                        CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    const struct pair_template public = {public_template, public_count, public_key};
    const struct pair_template private = {private_template, private_count, private_key};
    ENTER_SESSION(lib, caller, session);

    LEAVE(object_generate_pair(&caller, mechanism, &public, &private));
}

CK_RV C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                  CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(derive_key(&caller, mechanism, base, template, count, key));
}

CK_RV C_WrapKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
                CK_OBJECT_HANDLE key, CK_BYTE *wrapped, CK_ULONG *len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(wrap_key(&caller, mechanism, wrapping, key, wrapped, len));
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping,
                  CK_BYTE *wrapped, CK_ULONG len, CK_ATTRIBUTE *template, CK_ULONG count,
                  CK_OBJECT_HANDLE *key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(wrap_undo(&caller, mechanism, unwrapping, wrapped, len, template, count, key));
}
