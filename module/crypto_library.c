/* SPDX-License-Identifier: Apache-2.0 */
#include "module/crypto_library.h"

#include <stdatomic.h>

void crypto_init(struct crypto *crypto)
{
    pthread_mutex_init(&crypto->lock, NULL);
    atomic_init(&crypto->library, NULL);
}

struct crypto_library *crypto_library_get(struct crypto *crypto,
                                          struct crypto_library *(*make)(void))
{
    struct crypto_library *library = atomic_load_explicit(&crypto->library, memory_order_acquire);

    if (library != NULL)
        return library;
    pthread_mutex_lock(&crypto->lock);
    library = atomic_load(&crypto->library);
    if (library == NULL) {
        library = make();
        atomic_store_explicit(&crypto->library, library, memory_order_release);
    }
    pthread_mutex_unlock(&crypto->lock);
    return library;
}
