/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_DOCUMENT_H
#define CORE_JSON_DOCUMENT_H

#include "core/json.h"

/* The table that json_read.c makes and json_value.c walks: the values in the order of the text,
 * so that a container's first value follows it. It holds only offsets, nothing secret. */

struct json_node {
    uint32_t start; /* offset of the value's text, quotes and brackets included */
    uint32_t end;
    uint32_t key_start; /* between the key's quotes; equal to key_end outside of objects */
    uint32_t key_end;
    uint32_t next;  /* the next value in the same container; 0: the last */
    uint32_t count; /* number of a container's own values */
    uint8_t type;   /* enum json_type */
    bool plain;     /* a string without escapes */
    bool key_plain;
};

struct json_document {
    struct store_secret text;
    struct json_node *nodes;
    size_t count;
    size_t capacity;
};

#endif
