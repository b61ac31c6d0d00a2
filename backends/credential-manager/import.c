/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/import.h"

#include <stdio.h>

#include "backends/credential-manager/change.h"
#include "backends/credential-manager/cred.h"
#include "backends/credential-manager/wide.h"
#include "core/legacy_document.h"
#include "store/log.h"

#define SUBJECT "the older document " IMPORT_DOCUMENT
#define REMEDY "cmdkey /delete:" IMPORT_DOCUMENT

static enum store_err ignore(void *arg, const struct cred *cred)
{
    (void)arg;
    (void)cred;
    return STORE_OK;
}

static enum store_err copy_bytes(void *arg, const struct cred *cred)
{
    return cred->len == 0 ? STORE_OK : store_secret_set(arg, cred->bytes, cred->len);
}

/* Tells if there is nothing to import, and otherwise reads the document. */
static enum store_err find_document(const struct turn *turn, bool *done, struct store_secret *out)
{
    enum store_err err = cred_read(turn, SUBJECT, IMPORT_DOCUMENT, copy_bytes, out);

    *done = err == STORE_NOT_FOUND;
    if (err == STORE_OK) {
        err = cred_read(turn, SUBJECT, IMPORT_MARK, ignore, NULL);
        *done = err == STORE_OK;
    }
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

struct import {
    const struct turn *turn;
    size_t imported;
    size_t left;
};

static enum store_err import_one(void *arg, const char *key, enum store_err err,
                                 const struct store_secret *value)
{
    struct import *import = arg;

    if (err != STORE_OK) { /* its record is damaged */
        import->left++;
        return STORE_OK;
    }
    err = change_write(import->turn, key, value, "0", NULL);
    import->imported += err == STORE_OK;
    import->left += err == STORE_TOO_BIG;
    /* CONFLICT: the secret exists, and is newer */
    return err == STORE_CONFLICT || err == STORE_TOO_BIG ? STORE_OK : err;
}

static enum store_err import_text(struct import *import, const struct store_secret *wide)
{
    char why[LEGACY_WHY_SIZE] = "it is not UTF-16LE";
    AUTO_SECRET text = {0};
    size_t left = 0;
    enum store_err err = wide_to_utf8(wide, &text);

    if (err == STORE_OK) {
        why[0] = '\0';
        err = legacy_document_each(&text, import_one, import, &left, why);
    }
    import->left += left;
    if (why[0] != '\0')
        store_log(STORE_LOG_ERROR,
                  "credential-manager: " SUBJECT " cannot be imported: %s; repair it, or remove it "
                  "with: " REMEDY,
                  why);
    return err;
}

enum store_err import_check(const struct turn *turn)
{
    struct import import = {.turn = turn};
    AUTO_SECRET document = {0};
    bool done;

    if (atomic_load(&turn->ctx->imported))
        return STORE_OK;
    TRY(find_document(turn, &done, &document));
    if (!done) {
        TRY(import_text(&import, &document));
        TRY(cred_write(turn, SUBJECT, IMPORT_MARK, "sideseat: " IMPORT_DOCUMENT " is imported", "",
                       0));
        store_log(import.left > 0 ? STORE_LOG_WARNING : STORE_LOG_INFO,
                  "credential-manager: imported %zu secrets of an older document, and left out %zu "
                  "that are damaged, too long or without a valid name; the document "
                  "(" IMPORT_DOCUMENT ") is no longer used",
                  import.imported, import.left);
    }
    atomic_store(&turn->ctx->imported, true);
    return STORE_OK;
}

enum store_err import_possible(const struct turn *turn)
{
    AUTO_SECRET document = {0};
    bool done;

    return atomic_load(&turn->ctx->imported) ? STORE_OK : find_document(turn, &done, &document);
}
