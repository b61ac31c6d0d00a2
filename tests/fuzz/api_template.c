/* SPDX-License-Identifier: Apache-2.0 */
/* Templates for fuzz_api.c. */
#include "tests/fuzz/fuzz_api.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

uint8_t api_byte(struct api_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->next++;
}

CK_ATTRIBUTE_TYPE api_type(struct api_input *input)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,
        CKA_TOKEN,
        CKA_PRIVATE,
        CKA_MODIFIABLE,
        CKA_COPYABLE,
        CKA_DESTROYABLE,
        CKA_LABEL,
        4UL, /* CKA_UNIQUE_ID */
        CKA_APPLICATION,
        CKA_OBJECT_ID,
        CKA_VALUE,
        CKA_ID,
        CKA_KEY_TYPE,
        CKA_VALUE_LEN,
        CKA_START_DATE,
        CKA_END_DATE,
        CKA_DERIVE,
        CKA_LOCAL,
        CKA_KEY_GEN_MECHANISM,
        CKA_ALLOWED_MECHANISMS,
        CKA_SENSITIVE,
        CKA_ENCRYPT,
        CKA_DECRYPT,
        CKA_SIGN,
        CKA_VERIFY,
        CKA_WRAP,
        CKA_UNWRAP,
        CKA_EXTRACTABLE,
        CKA_ALWAYS_SENSITIVE,
        CKA_NEVER_EXTRACTABLE,
        CKA_WRAP_WITH_TRUSTED,
        CKA_TRUSTED,
        CKA_ALWAYS_AUTHENTICATE,
        0x601UL, /* CKA_PROFILE_ID */
        CKA_SIDESEAT_SCOPE,
        CKA_SIDESEAT_SCOPE_ID,
        CKA_SIDESEAT_NAME,
        CKA_SIDESEAT_CREATED_AT,
        CKA_SIDESEAT_UPDATED_AT,
        CKA_SIDESEAT_VERSION,
        CKA_SIDESEAT_BACKEND,
        CKA_SIDESEAT_STALE,
        CKA_SIDESEAT_FALLBACK,
        CKA_SIDESEAT_STATUS,
        CKA_SIDESEAT_ACCEPT_LOSS,
        CKA_SIDESEAT_LOCK,
    };
    uint8_t byte = api_byte(input);

    return byte < sizeof types / sizeof types[0] ? types[byte] : byte;
}

/* A value in memory of its own. */
static void add(struct api_template *out, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len)
{
    void *memory = malloc(len == 0 ? 1 : len);

    FUZZ_CHECK(memory != NULL);
    if (len > 0)
        memcpy(memory, value, len);
    out->memory[out->count] = memory;
    out->attributes[out->count++] = (CK_ATTRIBUTE){type, memory, len};
}

static void add_number(struct api_template *out, CK_ATTRIBUTE_TYPE type, CK_ULONG number)
{
    add(out, type, &number, sizeof number);
}

static void add_text(struct api_template *out, CK_ATTRIBUTE_TYPE type, const char *text)
{
    add(out, type, text, strlen(text));
}

/* Bytes of the input's own. */
static void add_bytes(struct api_input *input, struct api_template *out, CK_ATTRIBUTE_TYPE type)
{
    size_t len = api_byte(input) % 48;

    if (len > input->left)
        len = input->left;
    add(out, type, input->next, len);
    input->next += len;
    input->left -= len;
}

static void add_one(struct api_input *input, struct api_template *out)
{
    static const char *const texts[] = {
        "global/a",     "org/acme/b", "a",        "org", "acme", "global,org/acme", "data:global/a",
        "key:global/a", "20300131",   "sideseat", "0",   "1",    "74657374"};
    static const CK_ULONG numbers[] = {CKO_DATA,           CKO_SECRET_KEY,  9,  CKO_SIDESEAT_STATUS,
                                       CKK_GENERIC_SECRET, CKK_SHA256_HMAC, 16, 32,
                                       CKM_SHA256_HMAC};
    static const CK_ULONG lengths[] = {(CK_ULONG)-1, (CK_ULONG)-2, (CK_ULONG)-1 / 2, 1UL << 31};
    CK_ATTRIBUTE_TYPE type = api_type(input);
    uint8_t how = api_byte(input);
    uint8_t which = how >> 4;
    CK_BBOOL flag = which & 1;

    switch (how % 8) {
    case 0:
    case 1:
    case 2:
        add(out, type, &flag, sizeof flag);
        break;
    case 3:
        add_number(out, type, numbers[which % 9]);
        break;
    case 4:
        add_text(out, type, texts[which % 13]);
        break;
    case 5:
        add_bytes(input, out, type);
        break;
    case 6:
        add(out, type, NULL, 0);
        break;
    default: /* an impossible length, with one byte or none behind it */
        add(out, type, &flag, sizeof flag);
        out->attributes[out->count - 1].ulValueLen = lengths[which % 4];
        if (which > 12)
            out->attributes[out->count - 1].pValue = NULL;
        break;
    }
}

void api_template(struct api_input *input, enum api_base base, struct api_template *out)
{
    uint8_t how = api_byte(input);
    CK_BBOOL token = how & 1;

    *out = (struct api_template){.count = 0};
    if (base == API_DATA || base == API_KEY_VALUE) {
        add_number(out, CKA_CLASS, base == API_DATA ? CKO_DATA : CKO_SECRET_KEY);
        add_text(out, CKA_VALUE, how & 2 ? "3031323334353637" : "v");
    }
    if (base == API_KEY_VALUE)
        add_number(out, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    if (base == API_KEY)
        add_number(out, CKA_VALUE_LEN, 16);
    if (base != API_BARE && token) {
        add(out, CKA_TOKEN, &token, sizeof token);
        add_text(out, CKA_LABEL, how & 4 ? "org/acme/b" : "global/jwt_signing_key");
    }
    for (uint8_t more = (how >> 4) % 7; more > 0; more--)
        add_one(input, out);
}

void api_template_free(struct api_template *template)
{
    for (CK_ULONG i = 0; i < template->count; i++)
        free(template->memory[i]);
}
