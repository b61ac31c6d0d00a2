/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/scratch.h"

#include <stdio.h>

#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/random.h"
#include "tools/sideseat-secrets/remedy.h"

enum outcome scratch_make(struct client *client, const char *what, const char *prefix,
                          struct scratch *out)
{
    CK_RV rv;

    STEP(random_text(random_find("hex"), SCRATCH_RANDOM, &out->value));
    (void)snprintf(out->key, sizeof out->key, "%s%.*s", prefix, (int)out->value.len,
                   (const char *)out->value.data);
    rv = make_secret(client, out->key, &out->value, "0", &out->object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv(what, out->key, rv);
}

enum outcome scratch_drop(struct client *client, const struct scratch *scratch)
{
    CK_RV rv = client->p11->C_DestroyObject(client->session, scratch->object);
    char line[REMEDY_SIZE];
    enum outcome outcome;

    if (rv == CKR_OK || rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK;
    outcome = outcome_of_rv("delete", scratch->key, rv);
    remedy_line(client, "delete", scratch->key, line);
    outcome_print("%s remains; delete it with: %s", scratch->key, line);
    return outcome;
}
