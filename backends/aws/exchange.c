/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/http/http.h"
#include "backends/http/retry.h"
#include "core/json.h"
#include "backends/aws/fault.h"
#include "store/time.h"
#include "backends/aws/xml.h"

#define REPLY_MAX                                                                                  \
    ((size_t)8 * 1024 * 1024) /* 20 secrets of 64 KiB, each byte escaped, are 7.5 MiB */
#define HOUR_MS 3600000
#define SKEW_NS (5 * 60 * STORE_TIME_S)

enum store_err aws_exchange_header(struct aws_exchange *exchange, const char *name,
                                   const void *value, size_t len)
{
    const unsigned char *bytes = value;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] < ' ' || bytes[i] == 0x7f)
            return STORE_BAD_VALUE;
    if (exchange->header_count == AWS_EXCHANGE_HEADERS)
        return STORE_NO_MEMORY;
    TRY(store_secret_set(&exchange->headers[exchange->header_count].value, value, len));
    exchange->headers[exchange->header_count++].name = name;
    return STORE_OK;
}

enum store_err aws_exchange_header_text(struct aws_exchange *exchange, const char *name,
                                        const char *value)
{
    return aws_exchange_header(exchange, name, value, strlen(value));
}

void aws_exchange_clear(struct aws_exchange *exchange)
{
    for (size_t i = 0; i < exchange->header_count; i++)
        store_secret_wipe(&exchange->headers[i].value);
    store_secret_wipe(&exchange->body);
    store_secret_wipe(&exchange->reply);
    *exchange = (struct aws_exchange){0};
}

int64_t aws_clock_now(const struct aws_clock *clock)
{
    return store_time_now() + clock->ahead_ns;
}

bool aws_clock_correct(struct aws_clock *clock, const struct aws_exchange *exchange)
{
    int64_t ahead;

    if (exchange->server_ns == 0 || exchange->form == AWS_FORM_FOREIGN ||
        (aws_fault_find(exchange->status, exchange->code)->flags & AWS_FAULT_CLOCK) == 0)
        return false;
    ahead = exchange->server_ns - store_time_now();
    if (llabs(ahead - clock->ahead_ns) < SKEW_NS)
        return false;
    clock->ahead_ns = ahead;
    return true;
}

/* <Code> of an XML body. */
static bool code_from_xml(const struct aws_exchange *exchange, char *text, size_t size)
{
    struct aws_xml_field code = {.element = "Code"};
    bool found = aws_xml_read(&exchange->reply, &code, 1) == STORE_OK && code.value.len > 0 &&
                 code.value.len < size;

    if (found) {
        memcpy(text, code.value.data, code.value.len);
        text[code.value.len] = '\0';
    }
    aws_xml_clear(&code, 1);
    return found;
}

/* Finds the kind of the body, and the error's name unless a header has it: in `__type` of a JSON
 * body, or <Code> of an XML one. */
static void error_parse(struct aws_exchange *exchange)
{
    char text[2 * AWS_CODE_SIZE] = "";
    AUTO_JSON document = NULL;

    exchange->form = AWS_FORM_FOREIGN;
    if (exchange->reply.len == 0)
        return;
    if (exchange->reply.data[0] == '<') {
        if (code_from_xml(exchange, text, sizeof text))
            exchange->form = AWS_FORM_XML;
    } else if (json_read(&document, &exchange->reply, NULL) == STORE_OK &&
               json_type(json_root(document)) == JSON_OBJECT) {
        exchange->form = AWS_FORM_JSON;
        if (json_text(json_member(json_root(document), "__type"), text, sizeof text) != STORE_OK)
            text[0] = '\0';
    }
    if (exchange->code[0] == '\0')
        aws_fault_code(text, exchange->code);
}

/* The milliseconds that the server asks to wait, in AWS's own header or HTTP's. */
static int64_t retry_after(const char *ours, const char *http)
{
    char *end;
    long value = strtol(ours, &end, 10);

    if (ours[0] != '\0' && *end == '\0' && value > 0 && value < HOUR_MS)
        return value;
    return http_retry_after(http);
}

static enum store_err exchange_run(const struct aws_net *net, struct aws_exchange *exchange,
                                   int64_t deadline_ns)
{
    char type[2 * AWS_CODE_SIZE];
    char date[64];
    char ours[16];
    char wait[64];
    struct http_wanted wanted[] = {
        {"x-amzn-errortype", type, sizeof type},
        {"date", date, sizeof date},
        {"x-amz-retry-after", ours, sizeof ours},
        {"retry-after", wait, sizeof wait},
        {"content-type", exchange->type, sizeof exchange->type},
        {"location", exchange->location, sizeof exchange->location},
    };
    struct http_header headers[AWS_EXCHANGE_HEADERS];
    struct http_reply reply = {.wanted = wanted, .wanted_count = sizeof wanted / sizeof wanted[0]};
    const struct http_request request = {
        .method = exchange->method,
        .url = exchange->url,
        .headers = headers,
        .header_count = exchange->header_count,
        .body = strcmp(exchange->method, "GET") == 0 ? NULL : &exchange->body,
        .deadline_ns = deadline_ns,
        .direct = exchange->direct,
        .reply_max = REPLY_MAX,
    };
    enum store_err err;

    for (size_t i = 0; i < exchange->header_count; i++)
        headers[i] =
            (struct http_header){exchange->headers[i].name, exchange->headers[i].value.data,
                                 exchange->headers[i].value.len};
    err = http_run(net->http, &request, &reply);
    exchange->status = reply.status;
    exchange->hopeless = reply.hopeless;
    (void)snprintf(exchange->why, sizeof exchange->why, "%s", reply.why);
    store_secret_move(&exchange->reply, &reply.body);
    exchange->server_ns = http_date(date);
    exchange->retry_after_ms = retry_after(ours, wait);
    aws_fault_code(type, exchange->code);
    return err;
}

enum store_err aws_exchange_run(const struct aws_net *net, struct aws_exchange *exchange)
{
    int64_t deadline_ns = net->deadline_ns;
    int64_t own_ns = store_time_monotonic() + exchange->timeout_ms * STORE_TIME_MS;

    if (exchange->timeout_ms > 0 && own_ns < deadline_ns)
        deadline_ns = own_ns;
    TRY(exchange_run(net, exchange, deadline_ns));
    if (exchange->status != 200)
        error_parse(exchange);
    return STORE_OK;
}
