/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tools/sideseat-secrets/client.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/table.h"

static const char *const titles[] = {"TOKEN"};

static enum outcome print_labels(struct client *client, const CK_SLOT_ID *slots, CK_ULONG count)
{
    AUTO_TABLE table = {0};

    table_begin(&table, titles, 1);
    for (CK_ULONG i = 0; i < count; i++) {
        char label[CLIENT_LABEL_SIZE];
        CK_TOKEN_INFO info;

        if (!client_token(client, slots[i], &info))
            continue;
        client_label(&info, label);
        table_add(&table, label);
    }
    return table_end(&table);
}

static enum outcome print_json_labels(struct client *client, const CK_SLOT_ID *slots,
                                      CK_ULONG count)
{
    AUTO_PRINT_JSON json = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_array_open(json.gen);
    for (CK_ULONG i = 0; i < count; i++) {
        char label[CLIENT_LABEL_SIZE];
        CK_TOKEN_INFO info;

        if (!client_token(client, slots[i], &info))
            continue;
        client_label(&info, label);
        (void)yajl_gen_map_open(json.gen);
        print_json_text(&json, "token", label);
        (void)yajl_gen_map_close(json.gen);
    }
    (void)yajl_gen_array_close(json.gen);
    return print_json_close(&json);
}

enum outcome command_tokens(const struct request *request)
{
    AUTO_CLIENT client = {0};
    CK_SLOT_ID *slots = NULL;
    CK_ULONG count = 0;
    enum outcome outcome;

    STEP(client_load(&client, request));
    STEP(client_slots(&client, &slots, &count));
    outcome = request->json ? print_json_labels(&client, slots, count)
                            : print_labels(&client, slots, count);
    free(slots);
    return outcome;
}
