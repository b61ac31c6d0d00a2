/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_MODULE_PKI_FACE_FILE_H
#define TESTS_UNIT_MODULE_PKI_FACE_FILE_H

#include "tests/unit/module/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "module/pki/pki.h"
#include "tests/unit/module/pki/keys.h"

/* For each test about a public cache's file: its path, in an empty folder, and a face to keep. */
static char folder[64];
static char path[80];
static struct pki *pki;

static int setup(void **state)
{
    AUTO_SECRET text = {0};

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sideseat-faces-XXXXXX");
    if (mkdtemp(folder) == NULL ||
        store_secret_set(&text, ED25519_PKCS8, strlen(ED25519_PKCS8)) != STORE_OK)
        return -1;
    snprintf(path, sizeof path, "%s/public", folder);
    pki = pki_read(&text, NULL, NULL);
    return pki == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    pki_drop(pki);
    (void)remove(path);
    return rmdir(folder); /* nothing else is left in it */
}

#endif
