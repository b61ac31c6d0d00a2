/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/value.h"
#include "tests/contract/peer.h"

/* A shared store process for each test, with the test's settings as its own configuration. */

static struct {
    char folder[128];
    char config[160];
    char socket[160];
    struct peer process;
    bool runs;
} shared;

bool contract_shared_prepare(void)
{
    const char *temp = getenv("TMPDIR");

    if (getenv("CONTRACT_SHARED") == NULL)
        return true;
    snprintf(shared.folder, sizeof shared.folder, "%s/contract-shared-XXXXXX",
             temp == NULL ? "/tmp" : temp);
    if (mkdtemp(shared.folder) == NULL)
        return false;
    snprintf(shared.config, sizeof shared.config, "%s/sideseat.json", shared.folder);
    peer_socket(shared.folder, shared.socket, sizeof shared.socket);
    return setenv("SIDESEAT_CONFIG", shared.config, 1) == 0 &&
           setenv("CONTRACT_SOCKET", shared.socket, 1) == 0; /* for helper processes, too */
}

/* Only the stores that are always in a store process have this setting, so it is put in here. */
bool contract_shared_use(struct store_conf_set *set)
{
    const struct setting *setting = setting_find("store.socket", strlen("store.socket"));
    const char *place = getenv("CONTRACT_SOCKET");
    const struct conf_value *value;

    if (place == NULL)
        return true;
    if (conf_value_make(set, setting, place, strlen(place), CONTRACT_ORIGIN, &value) != STORE_OK)
        return false;
    set->tokens[0]->layer.values[setting_index(setting)] = value;
    return true;
}

void contract_shared_remove(void)
{
    char lock[sizeof shared.socket + sizeof ".lock"];

    if (shared.folder[0] == '\0')
        return;
    snprintf(lock, sizeof lock, "%s.lock", shared.socket);
    remove(shared.config);
    remove(shared.socket);
    remove(lock);
    remove(shared.folder);
}

/* The configuration file, and the section in which it is so far. */
struct document {
    FILE *file;
    size_t section_len;
};

/* Writes a setting of the test. A backend's own are in one section. */
static void put_setting(void *arg, const char *path, const char *value,
                        const struct store_secret *secret, const char *origin)
{
    struct document *document = arg;
    const char *dot = strchr(path, '.');
    const char *quote;

    if (strcmp(origin, CONTRACT_ORIGIN) != 0 || strncmp(path, "store.", 6) == 0)
        return;
    if (secret != NULL)
        value = (const char *)secret->data;
    assert_null(strpbrk(value, "\"\\"));
    quote = value[strspn(value, "0123456789")] == '\0' ? "" : "\""; /* a number */
    if (dot != NULL && document->section_len == 0) {
        document->section_len = (size_t)(dot - path);
        fprintf(document->file, ", \"%.*s\": {", (int)document->section_len, path);
    } else {
        fputs(", ", document->file);
    }
    fprintf(document->file, "\"%s\": %s%.*s%s", dot == NULL ? path : dot + 1, quote,
            secret == NULL ? (int)strlen(value) : (int)secret->len, value, quote);
}

static void write_config(const struct store_conf *conf)
{
    struct document document = {.file = fopen(shared.config, "w")};

    assert_non_null(document.file);
    fprintf(document.file, "{\"secrets\": {\"backend\": \"%s\"", store_conf_backend(conf));
    store_conf_each(conf, put_setting, &document);
    fprintf(document.file, "%s}}\n", document.section_len > 0 ? "}" : "");
    assert_int_equal(fclose(document.file), 0);
}

void contract_shared_start(const struct contract *c)
{
    const char *const arguments[] = {"sideseat-store", "--listen", shared.socket, NULL};

    if (shared.folder[0] == '\0')
        return;
    contract_shared_end();
    write_config(store_conf_at(c->conf, 0));
    shared.process = peer_start_program(getenv("CONTRACT_STORE"), arguments, false);
    shared.runs = true;
    peer_socket_wait(shared.socket);
}

void contract_shared_end(void)
{
    if (!shared.runs)
        return;
    shared.runs = false;
    peer_kill(&shared.process);
    assert_int_equal(peer_finish(&shared.process), PEER_KILLED);
}
