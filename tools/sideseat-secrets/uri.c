/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/uri.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char scheme[] = "pkcs11:";

bool uri_is(const char *text)
{
    return strncasecmp(text, scheme, sizeof scheme - 1) == 0;
}

int uri_shown(const char *text)
{
    size_t len = strcspn(text, "?");

    for (size_t i = 0; i < len; i++)
        if (strncasecmp(text + i, "pin-", 4) == 0)
            return (int)i;
    return (int)len;
}

void uri_free(struct uri *uri)
{
    p11_kit_uri_free(uri->parsed);
    free(uri->label);
    memset(uri, 0, sizeof *uri);
}

/* NULL, or the part of the URI that would be left out in silence. */
static const char *find_refused(P11KitUri *uri)
{
    if (p11_kit_uri_any_unrecognized(uri) != 0)
        return "it has an attribute that this program does not know";
    if (p11_kit_uri_get_pin_value(uri) != NULL || p11_kit_uri_get_pin_source(uri) != NULL)
        return "a PIN does not belong in it; use --pin";
    if (p11_kit_uri_get_module_name(uri) != NULL || p11_kit_uri_get_module_path(uri) != NULL)
        return "it cannot choose the module; use --module";
    return NULL;
}

/* True if two attributes of the path have one name, of which p11-kit takes the last; RFC 7512,
 * section 2.3, allows one. */
static bool repeats_name(const char *text)
{
    const char *end = text + strcspn(text, "?");

    for (const char *one = strchr(text, ':') + 1; one < end; one += strcspn(one, ";?") + 1) {
        const size_t len = strcspn(one, "=;?");

        for (const char *other = one + strcspn(one, ";?") + 1; other < end;
             other += strcspn(other, ";?") + 1)
            if (strncmp(one, other, len) == 0 && other[len] == '=')
                return true;
    }
    return false;
}

/* Takes label and class; NULL, or the fault. */
static const char *take_object(struct uri *out)
{
    const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(out->parsed, CKA_LABEL);
    const CK_ATTRIBUTE *class = p11_kit_uri_get_attribute(out->parsed, CKA_CLASS);

    out->class = CKO_DATA;
    if (class != NULL && class->ulValueLen == sizeof out->class)
        memcpy(&out->class, class->pValue, sizeof out->class);
    if (out->class == CKO_CERTIFICATE)
        return "its type is cert, which this program does not read";
    if (label == NULL || label->ulValueLen == 0)
        return "it names no secret; add object=KEY";
    if (memchr(label->pValue, '\0', label->ulValueLen) != NULL)
        return "its object has a zero byte, which no key has";
    out->label = strndup(label->pValue, label->ulValueLen);
    return out->label == NULL ? "out of memory" : NULL;
}

bool uri_parse(const char *text, struct uri *out, char reason[URI_REASON_SIZE])
{
    const char *fault = "out of memory";
    char *copy = strdup(text);
    int result;

    memset(out, 0, sizeof *out);
    out->parsed = p11_kit_uri_new();
    if (out->parsed != NULL && copy != NULL) {
        /* RFC 3986, section 3.1: a scheme is the same in any case; p11-kit knows one */
        memcpy(copy, scheme, sizeof scheme - 1);
        result = p11_kit_uri_parse(copy, P11_KIT_URI_FOR_ANY, out->parsed);
        fault = result == P11_KIT_URI_OK ? find_refused(out->parsed) : p11_kit_uri_message(result);
        if (fault == NULL && repeats_name(copy))
            fault = "it has an attribute twice; leave one out";
        if (fault == NULL)
            fault = take_object(out);
    }
    free(copy);
    if (fault == NULL)
        return true;
    (void)snprintf(reason, URI_REASON_SIZE, "%s", fault);
    uri_free(out);
    return false;
}

bool uri_matches(const struct uri *uri, const CK_INFO *module, CK_SLOT_ID slot_id,
                 const CK_SLOT_INFO *slot, const CK_TOKEN_INFO *token)
{
    CK_SLOT_ID wanted;

    if (uri->parsed == NULL)
        return true;
    wanted = p11_kit_uri_get_slot_id(uri->parsed);
    return (wanted == (CK_SLOT_ID)-1 || wanted == slot_id) &&
           p11_kit_uri_match_module_info(uri->parsed, module) != 0 &&
           p11_kit_uri_match_slot_info(uri->parsed, slot) != 0 &&
           p11_kit_uri_match_token_info(uri->parsed, token) != 0;
}

const CK_ATTRIBUTE *uri_id(const struct uri *uri)
{
    return uri->parsed == NULL ? NULL : p11_kit_uri_get_attribute(uri->parsed, CKA_ID);
}

char *uri_format(const CK_TOKEN_INFO *token, const char *key)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE rows[] = {{CKA_CLASS, &class, sizeof class},
                           {CKA_LABEL, (void *)(uintptr_t)key, strlen(key)}};
    P11KitUri *uri = p11_kit_uri_new();
    char *text = NULL;

    if (uri == NULL)
        return NULL;
    memcpy(p11_kit_uri_get_token_info(uri)->label, token->label, sizeof token->label);
    if (p11_kit_uri_set_attributes(uri, rows, 2) != P11_KIT_URI_OK ||
        p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) != P11_KIT_URI_OK)
        text = NULL;
    p11_kit_uri_free(uri);
    return text;
}
