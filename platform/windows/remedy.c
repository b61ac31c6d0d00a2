/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/remedy.h"

#include <stdio.h>

/* Which of the accounts in a list may stay, a person must say: no command does it for all lists. */
const char platform_remedy_writable[] =
    "others can write to it; remove that right with: the Security page of its properties";
const char platform_remedy_new[] =
    "after removing everyone but yourself on the Security page of its properties";

const char *platform_remedy_rights(struct platform_remedy *room, const char *change,
                                   const char *path)
{
    (void)change;
    (void)snprintf(room->text, sizeof room->text, "the Security page of the properties of %s",
                   path);
    return room->text;
}

const char *platform_remedy_owner(struct platform_remedy *room, const char *path)
{
    (void)snprintf(room->text, sizeof room->text, "takeown /F \"%s\"", path);
    return room->text;
}
