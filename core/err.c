/* SPDX-License-Identifier: Apache-2.0 */
#include "store/err.h"

const char *store_err_text(enum store_err err)
{
    switch (err) {
    case STORE_OK:
        return "success";
#define ERR_TEXT(name, code, text)                                                                 \
    case STORE_##name:                                                                             \
        return text;
        STORE_ERRORS(ERR_TEXT)
#undef ERR_TEXT
    }
    return "unknown error";
}

const char *store_err_name(enum store_err err)
{
    switch (err) {
    case STORE_OK:
        return "OK";
#define ERR_NAME(name, code, text)                                                                 \
    case STORE_##name:                                                                             \
        return #name;
        STORE_ERRORS(ERR_NAME)
#undef ERR_NAME
    }
    return "UNKNOWN";
}
