/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/handle.h"

#include <stdlib.h>
#include <string.h>

#include "backends/http/ca.h"
#include "backends/http/memory.h"
#include "backends/http/system.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"
#include "store/trusted_file.h"

static char *copy_text(const char *text, bool *failed)
{
    char *copy = text == NULL ? NULL : strdup(text);

    *failed |= text != NULL && copy == NULL;
    return copy;
}

/* These files are our identity, so others must not be able to write them. libcurl opens them by
 * their path. */
static enum store_err file_check(const char *path, const char *what)
{
    char why[STORE_TRUSTED_WHY];
    enum store_err err = path == NULL ? STORE_OK : store_trusted_check(path, why);

    if (err == STORE_OK || err == STORE_NO_MEMORY)
        return err;
    store_log(STORE_LOG_ERROR, "http: the %s %s", what, why);
    return STORE_BAD_CONF;
}

static const char *setting_of(const struct http_options *options)
{
    return options->ca_setting == NULL ? "certificates to trust" : options->ca_setting;
}

static enum store_err files_check(const struct http_options *options)
{
    if (options->ca_file != NULL)
        TRY(http_ca_file_check(options->ca_file, setting_of(options)));
    if (options->client_cert != NULL && !system_has_client_keys) {
        store_log(STORE_LOG_ERROR,
                  "http: on this system TLS cannot use the client certificate %s; take the setting "
                  "out, and log in another way",
                  options->client_cert);
        return STORE_BAD_CONF;
    }
    TRY(file_check(options->client_cert, "client certificate"));
    return file_check(options->client_key, "client key");
}

enum store_err http_client_open(struct http_client **out, const struct http_options *options)
{
    struct http_client *client;
    enum store_err err;
    bool failed = false;

    if (!wiping_install()) {
        store_log(STORE_LOG_ERROR, "http: libcurl cannot be initialized; reinstall it");
        return STORE_FAILED;
    }
    TRY(files_check(options));
    client = calloc(1, sizeof *client);
    if (client == NULL)
        return STORE_NO_MEMORY;
    (void)pthread_mutex_init(&client->lock, NULL);
    client->ca_file = copy_text(options->ca_file, &failed);
    client->ca_path = copy_text(options->ca_file != NULL ? NULL : options->ca_path, &failed);
    client->ca_setting = copy_text(setting_of(options), &failed);
    client->client_cert = copy_text(options->client_cert, &failed);
    client->client_key = copy_text(options->client_key, &failed);
    client->server_name = copy_text(options->server_name, &failed);
    client->proxy = copy_text(options->proxy, &failed);
    client->skip_verify = options->skip_verify;
    client->https_only = options->https_only;
    err = failed ? STORE_NO_MEMORY : STORE_OK;
    if (err == STORE_OK && client->ca_path != NULL)
        err = http_ca_folder_read(client->ca_path, client->ca_setting, &client->ca_pem,
                                  &client->ca_pem_len);
    client->ca_read_ns = store_time_monotonic();
    if (err != STORE_OK) {
        http_client_close(client);
        return err;
    }
    *out = client;
    return STORE_OK;
}

void http_client_close(struct http_client *client)
{
    struct store_quiet quiet;

    if (client == NULL)
        return;
    store_quiet_begin(&quiet);
    for (size_t i = 0; i < client->idle_count; i++)
        curl_easy_cleanup(client->idle[i]);
    for (size_t i = 0; i < client->batch_count; i++)
        (void)curl_multi_cleanup(client->batches[i]);
    store_quiet_end(&quiet);
    free(client->ca_pem);
    free(client->ca_file);
    free(client->ca_path);
    free(client->ca_setting);
    free(client->client_cert);
    free(client->client_key);
    free(client->server_name);
    free(client->proxy);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}
