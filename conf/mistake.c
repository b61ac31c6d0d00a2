/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/log.h"

void conf_mistake(struct conf_reader *reader, const char *format, ...)
{
    char text[960];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    store_log(STORE_LOG_ERROR, "conf: %s", text);
    if (reader->err == STORE_OK)
        reader->err = STORE_BAD_CONF;
}

void conf_no_memory(struct conf_reader *reader)
{
    if (reader->err != STORE_NO_MEMORY)
        reader->err = store_no_memory("conf");
}

/* Warnings wait for the first use of a token: a program that loads every module, only to list the
 * slots, should not see them. */
void conf_warning(struct conf_reader *reader, bool platform_only, const char *format, ...)
{
    struct conf_warning **last = &reader->set->warnings;
    struct conf_warning *warning;
    char text[960];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    warning = calloc(1, sizeof *warning + strlen(text) + 1);
    if (warning == NULL) {
        conf_no_memory(reader);
        return;
    }
    warning->platform_only = platform_only;
    memcpy(warning->text, text, strlen(text) + 1);
    while (*last != NULL)
        last = &(*last)->next;
    *last = warning;
}

void conf_warnings_free(struct store_conf_set *set)
{
    while (set->warnings != NULL) {
        struct conf_warning *next = set->warnings->next;
        free(set->warnings);
        set->warnings = next;
    }
}
