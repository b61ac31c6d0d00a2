/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_COMMANDS_H
#define TOOLS_SIDESEAT_SECRETS_COMMANDS_H

#include "tools/sideseat-secrets/request.h"

/* The table of the commands. */

/* Options without a letter of their own. */
enum {
    OPTION_SET = 0x100,
    OPTION_LOGIN,
    OPTION_PIN,
    OPTION_JSON,
    OPTION_USAGE,
    OPTION_CREATE,
    OPTION_IF_VERSION,
    OPTION_ENCODING,
    OPTION_RAW,
    OPTION_TOKENS,
    OPTION_FILE,
    OPTION_ENV,
    OPTION_ENV_FILE,
    OPTION_AS_FILE,
    OPTION_ALL,
    OPTION_CLEAN,
    OPTION_MOVE,
    OPTION_IF_ABSENT,
    OPTION_OVERWRITE,
    OPTION_DRY_RUN,
    OPTION_FORMAT,
    OPTION_FORCE,
    OPTION_MANIFEST,
    OPTION_WRITE,
    OPTION_INTERVAL,
    OPTION_SIGNAL,
    OPTION_LENGTH,
    OPTION_ALPHABET,
    OPTION_SIGNATURE,
    OPTION_SIGNATURE_FILE,
    OPTION_EXP,
    OPTION_IAT,
    OPTION_KID,
    OPTION_HEADER,
    OPTION_VERSION,
    OPTION_KEEP,
    OPTION_DESTROY,
    OPTION_YES,
    OPTION_SUBJECT,
    OPTION_SAN,
    OPTION_TYPE,
    OPTION_END,
};

/* The command of this name, or of which it is another name ("ls"); NULL if there is none. */
const struct command *command_find(const char *name);

/* The name that resembles `name` most; NULL if none does. Good until the next call. */
const char *command_nearest(const char *name);

/* The text of --help: the commands, before the options (above the \v) and after them. The caller
 * frees it; NULL without memory. */
char *command_list_text(void);

#endif
