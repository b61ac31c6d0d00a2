/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_STATUS_H
#define TOOLS_SIDESEAT_SECRETS_STATUS_H

#include <jansson.h>

#include "tools/sideseat-secrets/client.h"

/* Reads the connected token's CKA_SIDESEAT_STATUS, which may ask the store. `out` is a new JSON
 * object (the caller's), or NULL if the module has no such thing. */
enum outcome status_read(struct client *client, const char *label, json_t **out) STORE_CHECKED;

/* The same with the member "findings" (CKA_SIDESEAT_DIAGNOSIS). */
enum outcome status_examine(struct client *client, const char *label, json_t **out) STORE_CHECKED;

/* For whoever has listed the connected token: DAMAGED, printed, if its listings may lack secrets
 * that are not absent, since a damaged file had them. Asks no store beyond this machine. */
enum outcome status_whole(struct client *client) STORE_CHECKED;

/* Asks the connected token's store whether it works: a failure is printed with its remedy. OK for
 * another module. */
enum outcome status_works(struct client *client) STORE_CHECKED;

/* Sets an attribute of the status object to "1", which tells the module to do something, and gives
 * its answer. FAILED, printed, if another module is connected. */
enum outcome status_order(struct client *client, CK_ATTRIBUTE_TYPE type, CK_RV *rv) STORE_CHECKED;

/* The text at a member, "" if it is absent or no text; lives as long as `object`. */
const char *status_text(const json_t *object, const char *member);

/* The value of a setting, or `otherwise` if the token has no such setting. */
const char *status_setting(const json_t *status, const char *path, const char *otherwise);

#endif
