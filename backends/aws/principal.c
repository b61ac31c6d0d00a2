/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/principal.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* Cuts the next part of an ARN off; NULL if there is no ':' after it. */
static char *part_cut(char **rest)
{
    char *part = *rest;
    char *colon = strchr(part, ':');

    if (colon == NULL)
        return NULL;
    *colon = '\0';
    *rest = colon + 1;
    return part;
}

static bool all_of(const char *text, const char *set)
{
    return text[0] != '\0' && text[strspn(text, set)] == '\0';
}

/* Names of users and roles, and their paths. */
static bool path_valid(const char *path)
{
    for (const char *p = path; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return path[0] != '\0' && path[strlen(path) - 1] != '/';
}

/* "arn:PARTITION:SERVICE::ACCOUNT:RESOURCE"; the parts point into `text`. */
static bool arn_split(char *text, struct aws_principal *out, const char **service,
                      const char **resource)
{
    char *rest = text;
    const char *arn = part_cut(&rest);
    const char *partition = arn == NULL ? NULL : part_cut(&rest);
    const char *region;
    const char *account;

    *service = partition == NULL ? NULL : part_cut(&rest);
    region = *service == NULL ? NULL : part_cut(&rest);
    account = region == NULL ? NULL : part_cut(&rest);
    *resource = rest;
    if (account == NULL || strcmp(arn, "arn") != 0 || region[0] != '\0' ||
        !all_of(partition, LOWER DIGITS "-") || strlen(partition) >= sizeof out->partition ||
        !all_of(account, DIGITS) || strlen(account) != sizeof out->account - 1)
        return false;
    memcpy(out->partition, partition, strlen(partition) + 1);
    memcpy(out->account, account, sizeof out->account);
    return true;
}

/* "ROLE/SESSION" */
static bool role_parse(const char *names, struct aws_principal *out)
{
    size_t len = strcspn(names, "/");

    if (!path_valid(names) || len == 0 || len >= sizeof out->role || names[len] != '/' ||
        strchr(names + len + 1, '/') != NULL)
        return false;
    out->kind = AWS_PRINCIPAL_ROLE;
    memcpy(out->role, names, len);
    out->role[len] = '\0';
    (void)snprintf(out->arn, sizeof out->arn, "arn:%s:iam::%s:role/%s", out->partition,
                   out->account, out->role);
    return true;
}

static const char *after(const char *text, const char *beginning)
{
    size_t len = strlen(beginning);

    return strncmp(text, beginning, len) == 0 ? text + len : NULL;
}

bool aws_principal_parse(const char *arn, size_t len, struct aws_principal *out)
{
    char text[AWS_PRINCIPAL_ARN_SIZE];
    const char *resource;
    const char *service;
    const char *names;

    *out = (struct aws_principal){0};
    if (len >= sizeof text || memchr(arn, '\0', len) != NULL)
        return false;
    memcpy(text, arn, len);
    text[len] = '\0';
    if (!arn_split(text, out, &service, &resource))
        return false;
    if (strcmp(service, "sts") == 0 && (names = after(resource, "assumed-role/")) != NULL)
        return role_parse(names, out);
    if (strcmp(service, "sts") == 0 && (names = after(resource, "federated-user/")) != NULL) {
        out->kind = AWS_PRINCIPAL_FEDERATED;
        return path_valid(names);
    }
    if (strcmp(service, "iam") != 0)
        return false;
    if (strcmp(resource, "root") == 0) {
        out->kind = AWS_PRINCIPAL_ROOT;
        return true;
    }
    names = after(resource, "user/");
    if (names == NULL || !path_valid(names))
        return false;
    out->kind = AWS_PRINCIPAL_USER;
    memcpy(out->arn, arn, len);
    out->arn[len] = '\0';
    return true;
}

bool aws_principal_set_role(struct aws_principal *principal, const char *arn, size_t len)
{
    char beginning[AWS_PRINCIPAL_ARN_SIZE];
    char text[AWS_PRINCIPAL_ARN_SIZE];
    const char *path;
    const char *name;

    if (principal->kind != AWS_PRINCIPAL_ROLE || len >= sizeof text ||
        memchr(arn, '\0', len) != NULL)
        return false;
    memcpy(text, arn, len);
    text[len] = '\0';
    (void)snprintf(beginning, sizeof beginning, "arn:%s:iam::%s:role/", principal->partition,
                   principal->account);
    path = after(text, beginning);
    if (path == NULL || !path_valid(path))
        return false;
    name = strrchr(path, '/');
    if (strcmp(name == NULL ? path : name + 1, principal->role) != 0)
        return false;
    memcpy(principal->arn, text, len + 1);
    return true;
}
