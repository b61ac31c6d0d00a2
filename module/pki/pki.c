/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/pki.h"

#include <stdlib.h>
#include <string.h>

#include "module/pki/bundle.h"
#include "module/pki/evp.h"
#include "module/pki/keypair.h"

static bool hash(struct der bytes, unsigned char out[PKI_ID_LEN])
{
    const struct evp *evp = evp_get();
    size_t len = PKI_ID_LEN;

    return evp != NULL &&
           evp->f.EVP_Q_digest(evp->ctx, "SHA1", NULL, bytes.data, bytes.len, out, &len) == 1;
}

bool pki_is_chain(const struct pki *pki)
{
    return pki->fault == PKI_NO_KEY && pki->count > 0;
}

static enum pki_fault read_key(const struct store_secret *value,
                               const struct store_secret *passphrase, struct pki *pki)
{
    AUTO_PRIVATE key = {0};
    enum pki_fault fault = pki_private_read(value, passphrase, &key);

    if (fault == PKI_OK)
        fault = keypair_derive_public(&key, &pki->key);
    if (fault == PKI_OK && !hash(pki->key.key_bits, pki->id))
        fault = PKI_NO_LIBRARY;
    pki->has_key = fault == PKI_OK;
    return fault;
}

size_t pki_number_of(const struct pki *pki, struct der certificate)
{
    size_t number = 0;

    while (number < pki->count && !der_equal(pki->certificates[number].x509.whole, certificate))
        number++;
    return number;
}

/* Adds a copy of the certificate, unless it is there already. */
static enum pki_fault add(struct pki *pki, const struct store_secret *bytes)
{
    struct pki_identity *one = &pki->certificates[pki->count];

    if (pki_number_of(pki, (struct der){bytes->data, bytes->len}) < pki->count)
        return PKI_OK;
    if (pki->count == PKI_CERTIFICATES_MAX) {
        pki->left_out++;
        return PKI_OK;
    }
    one->memory = malloc(bytes->len);
    if (one->memory == NULL)
        return PKI_NO_MEMORY;
    memcpy(one->memory, bytes->data, bytes->len);
    if (!certificate_read((struct der){one->memory, bytes->len}, &one->x509)) {
        free(one->memory);
        return PKI_MALFORMED;
    }
    pki->count++; /* from here on pki_drop frees it */
    if (!hash(one->x509.key_bits, one->id) || !hash(one->x509.whole, one->hash))
        return PKI_NO_LIBRARY;
    one->own = pki->has_key && memcmp(one->id, pki->id, PKI_ID_LEN) == 0;
    return PKI_OK;
}

static enum pki_fault read_certificates(const struct store_secret *value, struct pki *pki)
{
    enum pki_fault fault = PKI_OK;
    enum store_err err = STORE_OK;
    size_t at = 0;

    while (fault == PKI_OK) {
        AUTO_PART part = {0};
        err = bundle_next(value, &at, &part);
        if (err != STORE_OK)
            break;
        if (part.kind == BUNDLE_UNREAD && pki->unread == NULL)
            pki->unread = part.label;
        if (part.kind == BUNDLE_CERTIFICATE)
            fault = add(pki, &part.bytes);
    }
    return err == STORE_NO_MEMORY ? PKI_NO_MEMORY : err == STORE_CORRUPT ? PKI_MALFORMED : fault;
}

/* Puts the key's own certificate first. */
static void order(struct pki *pki)
{
    for (size_t i = 1; i < pki->count; i++) {
        struct pki_identity own = pki->certificates[i];
        if (!own.own || pki->certificates[0].own)
            continue;
        memmove(pki->certificates + 1, pki->certificates, i * sizeof own);
        pki->certificates[0] = own;
    }
}

/* An empty face with room for certificates; NULL if memory is short. */
static struct pki *new_face(void)
{
    struct pki *pki = calloc(1, sizeof *pki);

    if (pki == NULL)
        return NULL;
    atomic_init(&pki->references, 1);
    pki->certificates = calloc(PKI_CERTIFICATES_MAX, sizeof *pki->certificates);
    if (pki->certificates != NULL)
        return pki;
    free(pki);
    return NULL;
}

struct pki *pki_read(const struct store_secret *value, const struct store_secret *passphrase,
                     const struct store_secret *more)
{
    struct pki *pki = new_face();
    enum pki_fault fault;

    if (pki == NULL)
        return NULL;
    pki->fault = read_key(value, passphrase, pki);
    if (pki->fault == PKI_WRONG_PASSPHRASE)
        store_secret_share(&pki->tried, passphrase);
    fault = read_certificates(value, pki);
    if (fault == PKI_OK && more != NULL)
        fault = read_certificates(more, pki);
    if (fault != PKI_OK && (pki->fault == PKI_OK || pki->fault == PKI_NO_KEY))
        pki->fault = fault;
    order(pki);
    return pki;
}

struct pki *pki_of_public(struct pki_public *key)
{
    struct pki *pki = calloc(1, sizeof *pki);

    if (pki == NULL)
        return NULL;
    atomic_init(&pki->references, 1);
    if (!hash(key->key_bits, pki->id)) {
        pki_drop(pki);
        return NULL;
    }
    pki->has_key = true;
    pki->key = *key;
    *key = (struct pki_public){0};
    return pki;
}

struct pki *pki_of_parts(struct der info, const struct store_secret *certificates, size_t count)
{
    struct pki *pki = new_face();
    enum pki_fault fault = PKI_OK;

    if (pki == NULL)
        return NULL;
    pki->fault = PKI_NO_KEY;
    if (info.len > 0) {
        pki->fault = fault = pki_public_read(info, &pki->key);
        if (fault == PKI_OK && !hash(pki->key.key_bits, pki->id))
            fault = PKI_NO_LIBRARY;
        pki->has_key = fault == PKI_OK;
    }
    for (size_t i = 0; fault == PKI_OK && i < count; i++)
        fault = certificates[i].len == 0 ? PKI_MALFORMED : add(pki, &certificates[i]);
    if (fault == PKI_OK)
        return pki;
    pki_drop(pki);
    return NULL;
}

struct pki *pki_share(struct pki *pki)
{
    if (pki != NULL)
        atomic_fetch_add_explicit(&pki->references, 1, memory_order_relaxed);
    return pki;
}

void pki_drop(struct pki *pki)
{
    if (pki == NULL || atomic_fetch_sub(&pki->references, 1) != 1)
        return;
    for (size_t i = 0; i < pki->count; i++)
        free(pki->certificates[i].memory);
    free(pki->certificates);
    pki_public_free(&pki->key);
    store_secret_wipe(&pki->tried);
    free(pki);
}
