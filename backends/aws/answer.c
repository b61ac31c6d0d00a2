/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/answer.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "store/url.h"

void aws_answer_came(const struct aws_exchange *exchange, char out[AWS_CAME_SIZE])
{
    char place[sizeof exchange->location];
    char type[sizeof exchange->type];

    store_url_show(exchange->location, place, sizeof place);
    place[strcspn(place, "?#")] = '\0';
    store_url_show(exchange->type, type, sizeof type);
    (void)snprintf(out, AWS_CAME_SIZE, "HTTP %d, %s%s%s", exchange->status,
                   type[0] != '\0' ? type : "without a content type",
                   place[0] != '\0' ? ", to " : "", place);
}

enum store_err aws_answer_foreign(const struct aws_exchange *exchange, const char *who,
                                  const char *remedy)
{
    char came[AWS_CAME_SIZE];
    char url[512];

    aws_answer_came(exchange, came);
    store_url_show(exchange->url, url, sizeof url);
    store_log(STORE_LOG_ERROR,
              "aws: the answer of %s is not %s's (%s); check the address, and that no proxy or "
              "login page is in between%s%s",
              url, who, came, remedy != NULL ? " " : "", remedy != NULL ? remedy : "");
    return STORE_UNAVAILABLE;
}

static bool fits_list(const char *operation, struct json_value root)
{
    if (strcmp(operation, "ListSecrets") == 0)
        return json_type(json_member(root, "SecretList")) == JSON_ARRAY;
    return json_type(json_member(root, "SecretValues")) == JSON_ARRAY ||
           json_type(json_member(root, "Errors")) == JSON_ARRAY;
}

bool aws_answer_fits(const char *operation, struct json_value root)
{
    /* every other operation is about one secret and names it, or its version */
    static const char *const members[] = {"ARN", "Name", "VersionId"};

    if (strcmp(operation, "ListSecrets") == 0 || strcmp(operation, "BatchGetSecretValue") == 0)
        return fits_list(operation, root);
    if (strcmp(operation, "GetSecretValue") == 0)
        return json_type(json_member(root, "VersionId")) == JSON_STRING;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_type(json_member(root, members[i])) == JSON_STRING)
            return true;
    return strcmp(operation, "DescribeSecret") == 0 &&
           json_type(json_member(root, "VersionIdsToStages")) == JSON_OBJECT;
}
