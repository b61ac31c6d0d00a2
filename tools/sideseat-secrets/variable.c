/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/variable.h"

#include <string.h>

#include "platform/system.h"

static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

/* Copies the text with each letter of `from` as its counterpart of `to`. */
static bool copy_case(const char *text, const char *from, const char *to, char *out, size_t size)
{
    size_t len = strlen(text);

    if (len >= size)
        return false;
    for (size_t i = 0; i <= len; i++) {
        const char *letter = text[i] == '\0' ? NULL : strchr(from, text[i]);
        out[i] = letter == NULL ? text[i] : to[letter - from];
    }
    return true;
}

bool variable_of_name(const char *name, char *out, size_t size)
{
    bool keeps = name[strcspn(name, upper)] != '\0';

    if (!copy_case(name, lower, keeps ? lower : upper, out, size))
        return false;
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '-' || *c == '/' || *c == '.')
            *c = '_';
        if (*c != '_' && strchr(upper, *c) == NULL && strchr(lower, *c) == NULL &&
            (strchr(digits, *c) == NULL || c == out))
            return false;
    }
    return out[0] != '\0';
}

bool variable_to_name(const char *variable, char *out, size_t size)
{
    bool keeps = variable[strcspn(variable, lower)] != '\0';

    return copy_case(variable, upper, keeps ? upper : lower, out, size);
}

bool variable_is_obeyed(const char *variable)
{
    static const char *const beginnings[] = {"LD_", "GLIBC_", "MALLOC_", "GCONV_", "BASH_FUNC_"};
    static const char *const names[] = {
        "PATH",
        "IFS",
        "ENV",
        "BASH_ENV",
        "SHELLOPTS",
        "BASHOPTS",
        "PS4",
        "PROMPT_COMMAND",
        "ZDOTDIR",
        "LOCPATH",
        "NLSPATH",
        "HOME",
        "SHELL",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PERL5LIB",
        "PERL5OPT",
        "PERL5DB",
        "RUBYLIB",
        "RUBYOPT",
        "NODE_OPTIONS",
        "NODE_PATH",
        "JAVA_TOOL_OPTIONS",
        "_JAVA_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "CLASSPATH",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "OPENSSL_CONF",
        "OPENSSL_MODULES",
        "OPENSSL_ENGINES",
        "COMSPEC",
        "PATHEXT",
        "PSMODULEPATH",
        "SYSTEMROOT",
        "WINDIR",
    };

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (platform_env_same(variable, beginnings[i], strlen(beginnings[i])))
            return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(variable) == strlen(names[i]) &&
            platform_env_same(variable, names[i], strlen(names[i])))
            return true;
    return false;
}
