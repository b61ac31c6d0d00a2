/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/refuse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/programs/options.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/request.h"

void refuse_text(const struct request *request, const char *text)
{
    const char *name = request->command == NULL ? "" : request->command->name;

    platform_options_end();
    outcome_print("%s%s see: sideseat-secrets %s%s--help", text,
                  text[strlen(text) - 1] == '?' ? "" : ";", name, name[0] == '\0' ? "" : " ");
    outcome_end(OUTCOME_USAGE);
    exit(OUTCOME_USAGE);
}

void refuse_without_memory(void)
{
    enum outcome outcome;

    platform_options_end();
    outcome = outcome_no_memory();
    outcome_end(outcome);
    exit((int)outcome);
}

void refuse(const struct argp_state *state, const char *format, ...)
{
    const struct request *request = state->input;
    char text[LABEL_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    refuse_text(request, text);
}
