/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/encryption.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "module/mechanism.h"

/* The bytes that go through the stack at once, where data cannot go straight to the caller. */
#define CHUNK 4096

struct encryption {
    struct cipher *cipher;
    enum cipher_mode mode;
    bool padded;
    bool encrypts;
    size_t tag_len;
    unsigned char iv[CIPHER_IV_MAX]; /* CBC: the encrypted block before the pending bytes */
    size_t iv_len;
    unsigned char pending[CIPHER_BLOCK]; /* CBC: what has come and is not a result yet */
    size_t pending_len;
    unsigned char padded_end[2 * CIPHER_BLOCK]; /* CBC: the end of data whose padding was found */
    size_t padded_len;                          /* the length of those data; 0: none was */
    unsigned char *aad;                         /* GCM's decryption: for its second run */
    size_t aad_len;
    unsigned char *held; /* the same: the encrypted bytes so far */
    size_t held_len;
    size_t held_room;
};

void encryption_free(struct encryption *encryption)
{
    if (encryption == NULL)
        return;
    cipher_free(encryption->cipher);
    free(encryption->aad);
    free(encryption->held);
    store_wipe(encryption, sizeof *encryption);
    free(encryption);
}

/* True if the result waits for its tag. */
static bool is_held(const struct encryption *encryption)
{
    return encryption->mode == CIPHER_GCM && !encryption->encrypts;
}

static bool keep_aad(struct encryption *encryption, const struct cipher_form *form)
{
    if (!is_held(encryption) || form->aad_len == 0)
        return true;
    encryption->aad = malloc(form->aad_len);
    if (encryption->aad == NULL)
        return false;
    memcpy(encryption->aad, form->aad, form->aad_len);
    encryption->aad_len = form->aad_len;
    return true;
}

CK_RV encryption_new(const struct cipher_form *form, const struct store_secret *key, bool encrypts,
                     struct encryption **out)
{
    struct encryption *encryption = calloc(1, sizeof *encryption);
    CK_RV rv = CKR_HOST_MEMORY;

    if (encryption == NULL)
        return rv;
    encryption->mode = form->mode;
    encryption->padded = form->padded;
    encryption->encrypts = encrypts;
    encryption->tag_len = form->tag_len;
    encryption->iv_len = form->iv_len;
    memcpy(encryption->iv, form->iv, form->iv_len);
    if (keep_aad(encryption, form)) {
        rv = CKR_FUNCTION_FAILED;
        encryption->cipher = cipher_new(form->mode, key, encrypts);
        if (encryption->cipher != NULL &&
            cipher_start(encryption->cipher, form->iv, form->iv_len, form->aad, form->aad_len))
            rv = CKR_OK;
    }
    if (rv == CKR_OK)
        *out = encryption;
    else
        encryption_free(encryption);
    return rv;
}

/* Copies the block that ends `end` bytes into the pending bytes and `in`. */
static void copy_block(const struct encryption *encryption, const CK_BYTE *in, size_t end,
                       unsigned char out[CIPHER_BLOCK])
{
    for (size_t i = 0; i < CIPHER_BLOCK; i++) {
        size_t at = end - CIPHER_BLOCK + i;
        out[i] = at < encryption->pending_len ? encryption->pending[at]
                                              : in[at - encryption->pending_len];
    }
}

/* The number of bytes of padding in a block; 0 if they are not a padding (RFC 5652, 6.3). */
static size_t padding_of(const unsigned char block[CIPHER_BLOCK])
{
    unsigned count = block[CIPHER_BLOCK - 1];
    unsigned wrong = count < 1 || count > CIPHER_BLOCK;

    for (unsigned i = 0; i < CIPHER_BLOCK; i++)
        wrong |= (unsigned)(i + count >= CIPHER_BLOCK) & (unsigned)(block[i] != count);
    return wrong ? 0 : count;
}

/* False if the caller has learned the padding of other data in this operation. */
static bool is_same_end(struct encryption *encryption, const unsigned char before[CIPHER_BLOCK],
                        const unsigned char block[CIPHER_BLOCK], size_t total)
{
    unsigned char *end = encryption->padded_end;

    if (encryption->padded_len != 0)
        return encryption->padded_len == total && memcmp(end, before, CIPHER_BLOCK) == 0 &&
               memcmp(end + CIPHER_BLOCK, block, CIPHER_BLOCK) == 0;
    memcpy(end, before, CIPHER_BLOCK);
    memcpy(end + CIPHER_BLOCK, block, CIPHER_BLOCK);
    encryption->padded_len = total;
    return true;
}

/* Decrypts the last block ahead of the others, and gives the length of its padding. */
static CK_RV find_padding(struct encryption *encryption, const CK_BYTE *in, size_t total,
                          size_t *padding)
{
    unsigned char before[CIPHER_BLOCK];
    unsigned char block[CIPHER_BLOCK];
    bool right;

    if (total > CIPHER_BLOCK)
        copy_block(encryption, in, total - CIPHER_BLOCK, before);
    else
        memcpy(before, encryption->iv, sizeof before);
    copy_block(encryption, in, total, block);
    if (!is_same_end(encryption, before, block, total))
        return CKR_OPERATION_ACTIVE;
    right = cipher_start(encryption->cipher, before, sizeof before, NULL, 0) &&
            cipher_run(encryption->cipher, block, sizeof block, block) &&
            cipher_start(encryption->cipher, encryption->iv, CIPHER_BLOCK, NULL, 0);
    *padding = padding_of(block);
    store_wipe(block, sizeof block);
    if (!right)
        return CKR_FUNCTION_FAILED;
    return *padding == 0 ? CKR_ENCRYPTED_DATA_INVALID : CKR_OK;
}

/* Gives the pending bytes and then those of `in` to the cipher, `count` in all, and keeps the rest
 * pending. It reads each byte of `in` before it writes the one in the same place of `out`. */
static bool run_blocks(struct encryption *encryption, const CK_BYTE *in, size_t len, size_t count,
                       CK_BYTE *out)
{
    unsigned char room[CHUNK + CIPHER_BLOCK];
    size_t have = encryption->pending_len;
    bool right = true;

    memcpy(room, encryption->pending, have);
    do {
        size_t part = len < CHUNK ? len : CHUNK;
        size_t blocks = part < len ? part : count;

        if (blocks > count)
            blocks = count;
        if (part > 0) {
            memcpy(room + have, in, part);
            in += part;
        }
        right = blocks == 0 || cipher_run(encryption->cipher, room, blocks, room);
        if (right && blocks > 0)
            memcpy(out, room, blocks);
        have += part - blocks;
        memmove(room, room + blocks, have);
        len -= part;
        out += blocks;
        count -= blocks;
    } while (right && len > 0);
    memcpy(encryption->pending, room, have);
    encryption->pending_len = have;
    store_wipe(room, sizeof room);
    return right;
}

/* The same with CBC's chain, whole blocks straight from `in` to `out` where there can be some. */
static bool run_cbc(struct encryption *encryption, const CK_BYTE *in, size_t len, size_t count,
                    CK_BYTE *out)
{
    if (count > 0 && !encryption->encrypts)
        copy_block(encryption, in, count, encryption->iv);
    if (encryption->pending_len > 0 || count == 0)
        return run_blocks(encryption, in, len, count, out);
    return cipher_run(encryption->cipher, in, count, out) &&
           run_blocks(encryption, in + count, len - count, 0, out + count);
}

/* Finishes an encryption with the block that has the padding. */
static bool run_padding(struct encryption *encryption, CK_BYTE *out)
{
    size_t count = CIPHER_BLOCK - encryption->pending_len;

    memset(encryption->pending + encryption->pending_len, (int)count, count);
    return cipher_run(encryption->cipher, encryption->pending, CIPHER_BLOCK, out);
}

/* Finishes a decryption with the block that has the padding. */
static bool run_unpadding(struct encryption *encryption, size_t padding, CK_BYTE *out)
{
    unsigned char *block = encryption->pending;

    if (!cipher_run(encryption->cipher, block, CIPHER_BLOCK, block))
        return false;
    memcpy(out, block, CIPHER_BLOCK - padding);
    return true;
}

static CK_RV check_blocks(const struct encryption *encryption, size_t total, bool last)
{
    bool needs_one = encryption->padded && !encryption->encrypts;

    if (!last || (encryption->padded && encryption->encrypts) ||
        (total % CIPHER_BLOCK == 0 && !(needs_one && total == 0)))
        return CKR_OK;
    return encryption->encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
}

static CK_RV check_room(size_t len, CK_ULONG room, CK_ULONG *out_len)
{
    *out_len = (CK_ULONG)len;
    return room < len ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static CK_RV cbc(struct encryption *encryption, const CK_BYTE *in, size_t len, bool last,
                 CK_BYTE *out, CK_ULONG *out_len)
{
    size_t total = encryption->pending_len + len;
    size_t blocks = total / CIPHER_BLOCK * CIPHER_BLOCK; /* that the cipher can take now */
    size_t ending = 0;                                   /* and more that the last call gives */
    size_t padding = 0;
    CK_ULONG room = *out_len;
    CK_RV rv = check_blocks(encryption, total, last);

    if (rv == CKR_OK && encryption->padded && !encryption->encrypts && blocks == total && total > 0)
        blocks -= CIPHER_BLOCK; /* it may have the padding */
    if (encryption->padded && last)
        ending = CIPHER_BLOCK;
    *out_len = (CK_ULONG)(blocks + ending);
    if (rv != CKR_OK || out == NULL)
        return rv;
    if (ending > 0 && !encryption->encrypts)
        rv = find_padding(encryption, in, total, &padding);
    if (rv == CKR_OK)
        rv = check_room(blocks + ending - padding, room, out_len);
    if (rv != CKR_OK)
        return rv;
    if (!run_cbc(encryption, in, len, blocks, out))
        return CKR_FUNCTION_FAILED;
    if (ending > 0 && !(encryption->encrypts ? run_padding(encryption, out + blocks)
                                             : run_unpadding(encryption, padding, out + blocks)))
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

static CK_RV encrypt_gcm(struct encryption *encryption, const CK_BYTE *in, size_t len, bool last,
                         CK_BYTE *out, CK_ULONG *out_len)
{
    size_t tag_len = last ? encryption->tag_len : 0;
    CK_RV rv = check_room(len + tag_len, *out_len, out_len);

    if (out == NULL)
        return CKR_OK;
    if (rv == CKR_OK && (!cipher_run(encryption->cipher, in, len, out) ||
                         (last && !cipher_get_tag(encryption->cipher, out + len, tag_len))))
        rv = CKR_FUNCTION_FAILED;
    return rv;
}

/* Keeps encrypted bytes for the final call. */
static CK_RV hold(struct encryption *encryption, const CK_BYTE *in, size_t len)
{
    size_t need = encryption->held_len + len;
    size_t room = encryption->held_room == 0 ? CHUNK : encryption->held_room;
    unsigned char *held;

    if (need > CIPHER_HELD_MAX)
        return CKR_ENCRYPTED_DATA_LEN_RANGE;
    while (room < need)
        room *= 2;
    if (room > encryption->held_room) {
        held = realloc(encryption->held, room);
        if (held == NULL)
            return CKR_HOST_MEMORY;
        encryption->held = held;
        encryption->held_room = room;
    }
    if (len > 0)
        memcpy(encryption->held + encryption->held_len, in, len);
    encryption->held_len = need;
    return CKR_OK;
}

/* Runs over the encrypted bytes, without a result, to compare the tag behind them. */
static CK_RV check_tag(struct encryption *encryption, const CK_BYTE *in, size_t len)
{
    unsigned char room[CHUNK];
    bool right = true;

    for (size_t at = 0; right && at < len; at += sizeof room)
        right = cipher_run(encryption->cipher, in + at,
                           len - at < sizeof room ? len - at : sizeof room, room);
    store_wipe(room, sizeof room);
    if (!right)
        return CKR_FUNCTION_FAILED;
    return cipher_tag_is(encryption->cipher, in + len, encryption->tag_len)
               ? CKR_OK
               : CKR_ENCRYPTED_DATA_INVALID;
}

/* Decrypts the bytes, whose tag was right. Another thread of the host may have changed them since,
 * so the tag counts again. */
static CK_RV decrypt_checked(struct encryption *encryption, const CK_BYTE *in, size_t len,
                             CK_BYTE *out)
{
    unsigned char tag[CIPHER_TAG_MAX];

    memcpy(tag, in + len, encryption->tag_len);
    if (!cipher_start(encryption->cipher, encryption->iv, encryption->iv_len, encryption->aad,
                      encryption->aad_len))
        return CKR_FUNCTION_FAILED;
    if (cipher_run(encryption->cipher, in, len, out) &&
        cipher_tag_is(encryption->cipher, tag, encryption->tag_len))
        return CKR_OK;
    if (len > 0)
        store_wipe(out, len);
    return CKR_ENCRYPTED_DATA_INVALID;
}

static CK_RV decrypt_gcm(struct encryption *encryption, const CK_BYTE *in, size_t len, bool last,
                         CK_BYTE *out, CK_ULONG *out_len)
{
    size_t total = encryption->held_len + len;
    size_t plain = total < encryption->tag_len ? 0 : total - encryption->tag_len;
    CK_ULONG room = *out_len;
    CK_RV rv;

    *out_len = last ? (CK_ULONG)plain : 0;
    if (last && total < encryption->tag_len)
        return CKR_ENCRYPTED_DATA_LEN_RANGE;
    if (out == NULL)
        return CKR_OK;
    if (!last)
        return hold(encryption, in, len);
    rv = check_room(plain, room, out_len);
    if (rv == CKR_OK && encryption->held_len > 0) {
        rv = hold(encryption, in, len);
        in = encryption->held;
    }
    if (rv == CKR_OK)
        rv = check_tag(encryption, in, plain);
    return rv == CKR_OK ? decrypt_checked(encryption, in, plain, out) : rv;
}

static bool overlaps(const CK_BYTE *in, CK_ULONG len, const CK_BYTE *out, CK_ULONG room)
{
    return out != NULL && out != in && (uintptr_t)out < (uintptr_t)in + len &&
           (uintptr_t)in < (uintptr_t)out + room;
}

CK_RV encryption_run(struct encryption *encryption, const CK_BYTE *in, CK_ULONG len, bool last,
                     CK_BYTE *out, CK_ULONG *out_len)
{
    AUTO_SECRET copy = {0};
    CK_RV rv;

    if (in == NULL && len > 0)
        return CKR_ARGUMENTS_BAD;
    if (len > MECHANISM_DATA_MAX)
        return encryption->encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
    if (overlaps(in, len, out, *out_len)) {
        if (store_secret_set(&copy, in, len) != STORE_OK)
            return CKR_HOST_MEMORY;
        in = copy.data;
    }
    if (encryption->mode == CIPHER_CBC)
        rv = cbc(encryption, in, len, last, out, out_len);
    else if (encryption->encrypts)
        rv = encrypt_gcm(encryption, in, len, last, out, out_len);
    else
        rv = decrypt_gcm(encryption, in, len, last, out, out_len);
    return rv;
}
