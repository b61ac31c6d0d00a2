/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CONFIG_FILE_H
#define TOOLS_SIDESEAT_SECRETS_CONFIG_FILE_H

#define CONFIG_FILE_VARIABLE "SIDESEAT_CONFIG"

/* The user's configuration file: the one of the variable, or ~/.sideseat/sideseat.json. The caller
 * frees it; NULL if there is no home or no memory. The file may not exist. */
char *config_file_find(void);

/* What the module calls a setting of sideseat.json(5): "timeout_ms" for "secrets.timeout_ms". The
 * path itself if it has no such beginning. */
const char *config_setting_name(const char *path);

#endif
