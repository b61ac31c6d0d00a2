/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/table.h"

static const struct {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
} columns[] = {
    {CKA_SIDESEAT_VERSION_NUMBER, "number"}, {CKA_SIDESEAT_VERSION_STATE, "state"},
    {CKA_SIDESEAT_CREATED_AT, "created_at"}, {CKA_SIDESEAT_RECOVERABLE_UNTIL, "recoverable_until"},
    {CKA_SIDESEAT_VERSION, "version"},
};

static const char *const titles[] = {"NUMBER", "STATE", "WRITTEN", "RECOVERABLE UNTIL", "VERSION"};

#define COLUMNS (sizeof columns / sizeof columns[0])

static enum outcome print_rows(struct client *client, const struct history *history)
{
    AUTO_TABLE table = {0};

    table_begin(&table, titles, COLUMNS);
    for (CK_ULONG i = 0; i < history->count; i++)
        for (size_t c = 0; c < COLUMNS; c++) {
            char text[HISTORY_TEXT_SIZE];
            char time[TABLE_TIME_SIZE];
            bool is_time = strchr(columns[c].name, '_') != NULL;

            history_text(client, history->objects[i], columns[c].type, text);
            if (is_time)
                table_time(&table, text, strlen(text), time);
            table_add(&table, is_time ? time : text);
        }
    return table_end(&table);
}

static enum outcome print_array(struct client *client, const struct history *history)
{
    AUTO_PRINT_JSON json = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_array_open(json.gen);
    for (CK_ULONG i = 0; i < history->count; i++) {
        (void)yajl_gen_map_open(json.gen);
        for (size_t c = 0; c < COLUMNS; c++) {
            char text[HISTORY_TEXT_SIZE];

            history_text(client, history->objects[i], columns[c].type, text);
            print_json_text(&json, columns[c].name, text[0] == '\0' ? NULL : text);
        }
        (void)yajl_gen_map_close(json.gen);
    }
    (void)yajl_gen_array_close(json.gen);
    return print_json_close(&json);
}

enum outcome command_history(const struct request *request)
{
    AUTO_CLIENT client = {0};
    struct history history;

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(history_need(&client, request, 0, &history));
    return request->json ? print_array(&client, &history) : print_rows(&client, &history);
}
