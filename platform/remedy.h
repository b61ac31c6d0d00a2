/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_REMEDY_H
#define PLATFORM_REMEDY_H

/* How a person changes the rights and the owner of a file or folder on this system, for messages
 * that end in "…with: ". Any thread. */

/* Room for such a text, cut short if necessary. */
struct platform_remedy {
    char text[1024];
};

/* For a change of rights as chmod(1) has it, "go-w": "chmod go-w /x". Returns the text. */
const char *platform_remedy_rights(struct platform_remedy *room, const char *change,
                                   const char *path);

/* Makes it this user's: "chown 1000 /x". Returns the text. */
const char *platform_remedy_owner(struct platform_remedy *room, const char *path);

/* Why a file that others can write to takes no lines; and how a new file becomes one that nobody
 * else can read. */
extern const char platform_remedy_writable[];
extern const char platform_remedy_new[];

#endif
