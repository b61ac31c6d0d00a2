/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/backend.h"
#include "store/conf.h"

/* The same first value as the module gets it: from the store process, which it starts.
 * usage: first_store STORE-PROGRAM KEY */
int main(int argc, char **argv)
{
    struct store_conf_set *conf = NULL;
    AUTO_RECORD record = {0};
    struct store store = {0};

    if (argc != 3 || store_conf_begin(&conf, "bench", "secret-service") != STORE_OK ||
        store_conf_put(conf, "store.program", argv[1], strlen(argv[1]), "bench") != STORE_OK ||
        store_open(&store, store_conf_at(conf, 0)) != STORE_OK)
        return 1;
    if (store.backend->read(store.ctx, argv[2], &record) != STORE_OK)
        return 1;
    store_record_clear(&record);
    store_close(&store);
    store_conf_free(conf);
    return 0;
}
