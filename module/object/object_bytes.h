/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_BYTES_H
#define MODULE_OBJECT_OBJECT_BYTES_H

#include <string.h>

#include "module/object/object_view.h"
#include "store/time.h"

/* How the files that give attributes fill in struct object_bytes. */

static inline CK_RV set_bytes(struct object_bytes *out, const void *data, size_t len)
{
    out->data = data;
    out->len = (CK_ULONG)len;
    return CKR_OK;
}

/* Sets a copy, which must fit into the scratch. */
static inline CK_RV set_copy(struct object_bytes *out, const void *data, size_t len)
{
    memcpy(out->scratch, data, len);
    return set_bytes(out, out->scratch, len);
}

static inline CK_RV set_bool(struct object_bytes *out, bool value)
{
    CK_BBOOL flag = value ? CK_TRUE : CK_FALSE;

    return set_copy(out, &flag, sizeof flag);
}

static inline CK_RV set_ulong(struct object_bytes *out, CK_ULONG value)
{
    return set_copy(out, &value, sizeof value);
}

static inline CK_RV set_text(struct object_bytes *out, const char *text)
{
    return set_bytes(out, text, strlen(text));
}

static inline CK_RV set_secret(struct object_bytes *out, const struct store_secret *secret)
{
    return set_bytes(out, secret->data, secret->len);
}

/* RFC 3339; empty for 0, a time that is not known. */
static inline CK_RV set_time(struct object_bytes *out, int64_t ns)
{
    char text[STORE_TIME_TEXT_SIZE];

    store_time_format(ns, text);
    memcpy(out->scratch, text, sizeof text);
    return set_text(out, (const char *)out->scratch);
}

#endif
