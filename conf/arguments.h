/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_ARGUMENTS_H
#define CONF_ARGUMENTS_H

#include "conf/conf.h"

/* The word that names the source of the arguments: CONF_FROM=command-line. A command line may not
 * contain secrets, since every user of the machine can read it. */
#define CONF_FROM "from"

/* Reads the `key=value` words of C_Initialize's pReserved (may be NULL) into reader->arguments,
 * reader->config and the set's lists. A mistake if the environment forbids them.
 *
 * Words are separated by white space. As in a shell, 'single quotes' keep everything as it is,
 * "double quotes" all but \" and \\, and outside of quotes \ keeps the next character. Nothing is
 * expanded. The keys of lists may come several times, once per element. */
void arguments_read(struct conf_reader *reader, const char *arguments);

#endif
