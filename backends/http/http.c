/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/http.h"

#include <time.h>

#include "backends/http/handle.h"
#include "store/descriptor.h"
#include "store/time.h"

enum store_err http_run(struct http_client *client, const struct http_request *request,
                        struct http_reply *reply)
{
    struct http_running running = {.request = request, .reply = reply};
    struct store_quiet quiet;
    enum store_err err;
    CURLcode code;

    TRY(http_begin(client, &running));
    store_quiet_begin(&quiet);
    code = curl_easy_perform(running.handle);
    err = http_end(client, &running, code);
    store_quiet_end(&quiet);
    return err;
}

enum store_err http_host_check(const char *name)
{
    CURLU *url = curl_url();
    CURLUcode code =
        url == NULL ? CURLUE_OUT_OF_MEMORY : curl_url_set(url, CURLUPART_HOST, name, 0);

    curl_url_cleanup(url);
    if (code == CURLUE_OUT_OF_MEMORY)
        return STORE_NO_MEMORY;
    return code == CURLUE_OK ? STORE_OK : STORE_BAD_VALUE;
}

size_t http_escape(unsigned char byte, char out[4])
{
    static const char digits[] = "0123456789ABCDEF";
    bool unreserved = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
                      byte == '~';

    if (unreserved) {
        out[0] = (char)byte;
        out[1] = '\0';
        return 1;
    }
    out[0] = '%';
    out[1] = digits[byte >> 4];
    out[2] = digits[byte & 15];
    out[3] = '\0';
    return 3;
}

const char *http_libraries(void)
{
    return curl_version();
}

int64_t http_date(const char *text)
{
    time_t seconds = text[0] == '\0' ? -1 : curl_getdate(text, NULL);

    return seconds <= 0 || seconds > INT64_MAX / STORE_TIME_S ? 0 : (int64_t)seconds * STORE_TIME_S;
}
