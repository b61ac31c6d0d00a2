/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "module/entry/entry.h"
#include "module/mechanism.h"
#include "module/object/padded.h"

CK_RV C_GetSlotList(CK_BBOOL token_present, CK_SLOT_ID *list, CK_ULONG *count)
{
    CK_ULONG room;
    ENTER(lib);

    (void)token_present; /* every slot always holds its token */
    if (count == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    room = *count;
    *count = (CK_ULONG)lib->token_count;
    if (list == NULL)
        LEAVE(CKR_OK);
    if (room < lib->token_count)
        LEAVE(CKR_BUFFER_TOO_SMALL);
    for (size_t i = 0; i < lib->token_count; i++)
        list[i] = lib->tokens[i].slot;
    LEAVE(CKR_OK);
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    struct token *token;
    char text[sizeof info->slotDescription + 1];
    ENTER(lib);

    if (info == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    memset(info, 0, sizeof *info);
    (void)snprintf(text, sizeof text, "%s: %s", token->registration->name,
                   token->registration->description);
    padded_copy(info->slotDescription, sizeof info->slotDescription, text);
    padded_copy(info->manufacturerID, sizeof info->manufacturerID, "SideSeat");
    info->flags = CKF_TOKEN_PRESENT;
    LEAVE(CKR_OK);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    struct token *token;
    ENTER(lib);

    if (info == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    token_info(token, info);
    info->ulMaxSessionCount = SESSION_MAX;
    info->ulMaxRwSessionCount = SESSION_MAX;
    LEAVE(CKR_OK);
}

/* Slots and tokens come from the configuration and never change: there is no event to wait for,
 * and a wait would never end. */
CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
    ENTER(lib);

    if (slot == NULL || reserved != NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    LEAVE((flags & CKF_DONT_BLOCK) != 0 ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    struct token *token;
    ENTER(lib);

    if (count == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    LEAVE(mechanism_list(token->usage, list, count));
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
    struct token *token;
    ENTER(lib);

    if (info == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    LEAVE(mechanism_info(token->usage, type, info));
}
