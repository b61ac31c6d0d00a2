/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry/entry.h"
#include "module/mechanism.h"
#include "module/random.h"
#include "module/session/operate.h"

CK_RV C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_start(&lib->crypto, &caller, OPERATION_DIGEST, mechanism, CK_INVALID_HANDLE));
}

CK_RV C_Digest(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *digest,
               CK_ULONG *digest_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_single(&caller, OPERATION_DIGEST, data, len, digest, digest_len));
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_update(&caller, OPERATION_DIGEST, part, len));
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE session, CK_BYTE *digest, CK_ULONG *digest_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_final(&caller, OPERATION_DIGEST, digest, digest_len));
}

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_start(&lib->crypto, &caller, OPERATION_SIGN, mechanism, key));
}

CK_RV C_Sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
             CK_ULONG *signature_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_single(&caller, OPERATION_SIGN, data, len, signature, signature_len));
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_update(&caller, OPERATION_SIGN, part, len));
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, CK_BYTE *signature, CK_ULONG *signature_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_final(&caller, OPERATION_SIGN, signature, signature_len));
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_start(&lib->crypto, &caller, OPERATION_VERIFY, mechanism, key));
}

CK_RV C_Verify(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
               CK_ULONG signature_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_verify(&caller, true, data, len, signature, signature_len));
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_update(&caller, OPERATION_VERIFY, part, len));
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE session, CK_BYTE *signature, CK_ULONG signature_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_verify(&caller, false, NULL, 0, signature, signature_len));
}

CK_RV C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_start(&lib->crypto, &caller, OPERATION_ENCRYPT, mechanism, key));
}

CK_RV C_Encrypt(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
                CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_ENCRYPT, OPERATE_SINGLE, data, len, out, out_len));
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG len, CK_BYTE *out,
                      CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_ENCRYPT, OPERATE_UPDATE, part, len, out, out_len));
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_ENCRYPT, OPERATE_FINAL, NULL, 0, out, out_len));
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_start(&lib->crypto, &caller, OPERATION_DECRYPT, mechanism, key));
}

CK_RV C_Decrypt(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
                CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_DECRYPT, OPERATE_SINGLE, data, len, out, out_len));
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE session, CK_BYTE *part, CK_ULONG len, CK_BYTE *out,
                      CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_DECRYPT, OPERATE_UPDATE, part, len, out, out_len));
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG *out_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(operate_crypt(&caller, OPERATION_DECRYPT, OPERATE_FINAL, NULL, 0, out, out_len));
}

/* True if the pointer and the length can describe a buffer. */
static bool is_buffer(const CK_BYTE *bytes, CK_ULONG len)
{
    return len <= MECHANISM_DATA_MAX && (bytes != NULL || len == 0);
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE session, CK_BYTE *seed, CK_ULONG len)
{
    ENTER_SESSION(lib, caller, session);

    if (!is_buffer(seed, len))
        LEAVE(CKR_ARGUMENTS_BAD);
    LEAVE(CKR_RANDOM_SEED_NOT_SUPPORTED); /* the kernel's generator seeds itself */
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE *random, CK_ULONG len)
{
    ENTER_SESSION(lib, caller, session);

    if (!is_buffer(random, len))
        LEAVE(CKR_ARGUMENTS_BAD);
    if (len == 0)
        LEAVE(CKR_OK);
    LEAVE(random_fill(random, len));
}
