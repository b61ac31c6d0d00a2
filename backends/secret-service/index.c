/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/index.h"

#include <pthread.h>

/* More items than a collection has in practice; past this the index is emptied. */
#define INDEX_MAX 100000

struct index {
    pthread_mutex_t lock; /* guards the members below; held for moments only */
    GHashTable *keys;     /* path to key; "" for none */
    GHashTable *guesses;  /* key to path */
    uint64_t changes;
    bool begun;
};

struct index *index_new(void)
{
    struct index *index = g_new0(struct index, 1);

    pthread_mutex_init(&index->lock, NULL);
    index->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    index->guesses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return index;
}

void index_free(struct index *index)
{
    if (index == NULL)
        return;
    g_hash_table_unref(index->keys);
    g_hash_table_unref(index->guesses);
    pthread_mutex_destroy(&index->lock);
    g_free(index);
}

static void forget(struct index *index, const char *path)
{
    pthread_mutex_lock(&index->lock);
    g_hash_table_remove(index->keys, path);
    index->changes++;
    pthread_mutex_unlock(&index->lock);
}

void index_observe(struct index *index, GDBusMessage *message)
{
    const char *interface = g_dbus_message_get_interface(message);
    GVariant *body = g_dbus_message_get_body(message);
    const char *path = NULL;

    if (g_dbus_message_get_message_type(message) != G_DBUS_MESSAGE_TYPE_SIGNAL || interface == NULL)
        return;
    if (g_str_equal(interface, "org.freedesktop.DBus.Properties"))
        path = g_dbus_message_get_path(message);
    if (g_str_equal(interface, "org.freedesktop.Secret.Collection") && body != NULL &&
        g_variant_is_of_type(body, G_VARIANT_TYPE("(o)")))
        g_variant_get(body, "(&o)", &path);
    if (path != NULL)
        forget(index, path);
}

uint64_t index_changes(struct index *index)
{
    uint64_t changes;

    pthread_mutex_lock(&index->lock);
    changes = index->changes;
    pthread_mutex_unlock(&index->lock);
    return changes;
}

void index_put(struct index *index, uint64_t changes, const char *path, const char *key)
{
    pthread_mutex_lock(&index->lock);
    if (g_hash_table_size(index->keys) >= INDEX_MAX)
        g_hash_table_remove_all(index->keys);
    if (index->changes == changes)
        g_hash_table_insert(index->keys, g_strdup(path), g_strdup(key == NULL ? "" : key));
    pthread_mutex_unlock(&index->lock);
}

bool index_find(struct index *index, const char *path, char **key)
{
    const char *found;

    pthread_mutex_lock(&index->lock);
    found = g_hash_table_lookup(index->keys, path);
    *key = found == NULL || *found == '\0' ? NULL : g_strdup(found);
    pthread_mutex_unlock(&index->lock);
    return found != NULL;
}

char *index_guess(struct index *index, const char *key)
{
    char *path;

    pthread_mutex_lock(&index->lock);
    path = g_strdup(g_hash_table_lookup(index->guesses, key));
    pthread_mutex_unlock(&index->lock);
    return path;
}

void index_set_guess(struct index *index, const char *key, const char *path)
{
    pthread_mutex_lock(&index->lock);
    if (g_hash_table_size(index->guesses) >= INDEX_MAX)
        g_hash_table_remove_all(index->guesses);
    if (path == NULL)
        g_hash_table_remove(index->guesses, key);
    else
        g_hash_table_replace(index->guesses, g_strdup(key), g_strdup(path));
    pthread_mutex_unlock(&index->lock);
}

bool index_begin(struct index *index)
{
    bool first;

    pthread_mutex_lock(&index->lock);
    first = !index->begun;
    index->begun = true;
    pthread_mutex_unlock(&index->lock);
    return first;
}
