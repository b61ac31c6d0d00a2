/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/faces_entry.h"

#include <string.h>

#include "store/base64.h"
#include "store/time.h"

/* The most bytes of an entry's certificates. */
#define CERTIFICATES_SIZE ((size_t)64 * 1024)

/* Copies a text that may be missing. False if it is too long. */
static bool read_text(const json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    size_t len = text == NULL ? 0 : strlen(text);

    if (len >= size)
        return false;
    memcpy(out, text == NULL ? "" : text, len + 1);
    return true;
}

static bool read_bytes(const json_t *json, struct store_secret *out)
{
    return json_is_string(json) &&
           store_base64_decode(json_string_value(json), json_string_length(json), out) == STORE_OK;
}

/* Makes the face of an entry; NULL if it does not make sense. */
static struct pki *read_face(const json_t *json)
{
    const json_t *list = json_object_get(json, "certificates");
    const json_t *public = json_object_get(json, "public_key");
    struct store_secret certificates[PKI_CERTIFICATES_MAX] = {0};
    size_t count = json_array_size(list);
    AUTO_SECRET info = {0};
    struct pki *pki = NULL;
    bool whole = count <= PKI_CERTIFICATES_MAX && (public == NULL || read_bytes(public, &info));

    for (size_t i = 0; whole && i < count; i++)
        whole = read_bytes(json_array_get(list, i), &certificates[i]);
    if (whole)
        pki = pki_of_parts((struct der){info.data, info.len}, certificates, count);
    for (size_t i = 0; i < PKI_CERTIFICATES_MAX; i++)
        store_secret_wipe(&certificates[i]);
    return pki;
}

static int64_t read_time(const json_t *json, const char *name)
{
    const json_t *time = json_object_get(json, name);

    return json_is_string(time)
               ? store_time_parse(json_string_value(time), json_string_length(time))
               : 0;
}

int64_t faces_entry_checked(const json_t *json)
{
    int64_t checked_ns = read_time(json, "checked");

    return checked_ns <= store_time_now() ? checked_ns : 0; /* the clock was wrong then */
}

bool faces_entry_has_chain(const json_t *json, const char *key)
{
    const char *chain = json_string_value(json_object_get(json_object_get(json, "chain"), "key"));

    return chain != NULL && strcmp(chain, key) == 0;
}

static bool read_state(const json_t *json, struct faces_state *out)
{
    out->updated_ns = read_time(json, "updated");
    return read_text(json, "version", out->version, sizeof out->version);
}

void faces_entry_read(const char *key, const json_t *json, faces_entry_fn *each, void *arg)
{
    struct faces_entry entry = {.checked_ns = faces_entry_checked(json)};
    size_t len = strlen(key);

    if (len > STORE_KEY_MAX || store_scope_parse(key, len, NULL) != STORE_OK ||
        entry.checked_ns == 0 || !read_state(json, &entry.secret) ||
        !read_state(json_object_get(json, "chain"), &entry.certificates) ||
        !read_text(json_object_get(json, "chain"), "key", entry.certificate_key,
                   sizeof entry.certificate_key))
        return;
    memcpy(entry.key, key, len + 1);
    entry.pki = read_face(json);
    if (entry.pki != NULL)
        each(arg, &entry);
    pki_drop(entry.pki);
}

static bool put(json_t *json, const char *name, json_t *value)
{
    return json_object_set_new(json, name, value) == 0; /* fails, too, if there is no value */
}

static json_t *encode(struct der bytes)
{
    AUTO_SECRET text = {0};

    if (store_base64_encode(bytes.data, bytes.len, &text) != STORE_OK)
        return NULL;
    return json_stringn((const char *)text.data, text.len);
}

/* Adds the face; false if memory is short, or it is too large. */
static bool put_face(json_t *json, const struct pki *pki)
{
    json_t *list = json_array();
    size_t size = 0;

    if (!put(json, "certificates", list))
        return false;
    for (size_t i = 0; i < pki->count; i++) {
        struct der whole = pki->certificates[i].x509.whole;
        size += whole.len;
        if (size > CERTIFICATES_SIZE || json_array_append_new(list, encode(whole)) != 0)
            return false;
    }
    return !pki->has_key || put(json, "public_key", encode(pki->key.info));
}

static bool put_time(json_t *json, const char *name, int64_t time_ns)
{
    char text[STORE_TIME_TEXT_SIZE];

    store_time_format(time_ns, text);
    return put(json, name, json_string(text));
}

static bool put_state(json_t *json, const struct faces_state *state)
{
    return put(json, "version", json_string(state->version)) &&
           put_time(json, "updated", state->updated_ns);
}

/* Adds the secret with the certificates, if they have one of their own. */
static bool put_chain(json_t *json, const struct faces_entry *entry)
{
    json_t *chain;

    if (entry->certificate_key[0] == '\0')
        return true;
    chain = json_object();
    return put(json, "chain", chain) && put(chain, "key", json_string(entry->certificate_key)) &&
           put_state(chain, &entry->certificates);
}

json_t *faces_entry_write(const struct faces_entry *entry)
{
    json_t *json = json_object();

    if (put_state(json, &entry->secret) && put_time(json, "checked", entry->checked_ns) &&
        put_chain(json, entry) && put_face(json, entry->pki))
        return json;
    json_decref(json);
    return NULL;
}
