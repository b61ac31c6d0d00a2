/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/remedy.h"

#include <stdio.h>
#include <unistd.h>

const char platform_remedy_writable[] =
    "others can write to it; remove that right with: chmod go-w";
const char platform_remedy_new[] = "after umask 077";

const char *platform_remedy_rights(struct platform_remedy *room, const char *change,
                                   const char *path)
{
    (void)snprintf(room->text, sizeof room->text, "chmod %s %s", change, path);
    return room->text;
}

const char *platform_remedy_owner(struct platform_remedy *room, const char *path)
{
    (void)snprintf(room->text, sizeof room->text, "chown %lu %s", (unsigned long)geteuid(), path);
    return room->text;
}
