/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include "conf/conf.h"

/* The longest file that the module reads. */
#define CONF_FILE_MAX ((size_t)1024 * 1024)

/* Reads sideseat.json: the one that the argument config= or SIDESEAT_CONFIG names, which must
 * exist; else `system_file` and over it ~/.sideseat/sideseat.json. Either may be missing; one that
 * this user may not read is left out with a warning. A privileged process (store/user.h) reads
 * files in the folder of `system_file` only. */
void files_read(struct conf_reader *reader, const char *system_file);

#endif
