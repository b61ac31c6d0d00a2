/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_API_H
#define TESTS_FUZZ_FUZZ_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <p11-kit/pkcs11.h>

#include "sideseat-pkcs11.h"

/* An input, read byte by byte; after its end come zeros. */
struct api_input {
    const uint8_t *next;
    size_t left;
};

uint8_t api_byte(struct api_input *input);

/* The type of an attribute: mostly one that the module knows. */
CK_ATTRIBUTE_TYPE api_type(struct api_input *input);

/* The beginning of a template, chosen so that most calls get far. */
enum api_base {
    API_BARE,
    API_DATA,
    API_KEY,
    API_KEY_VALUE,
};

/* A template whose values are each in memory of their own size. */
#define API_TEMPLATE_MAX 12
struct api_template {
    CK_ATTRIBUTE attributes[API_TEMPLATE_MAX];
    void *memory[API_TEMPLATE_MAX];
    CK_ULONG count;
};

/* Makes one up from the input, and frees it. */
void api_template(struct api_input *input, enum api_base base, struct api_template *out);
void api_template_free(struct api_template *template);

#endif
