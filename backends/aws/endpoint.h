/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_ENDPOINT_H
#define BACKENDS_AWS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/aws/profile.h"

/*
 * The addresses of the services: AWS's endpoint rules (partitions, FIPS, dual stack) and the
 * settings that override them (AWS SDKs and Tools reference guide, "Service-specific endpoints").
 */
enum aws_service {
    AWS_SECRETS_MANAGER,
    AWS_STS,
    AWS_IAM,
    AWS_SSO_PORTAL,
    AWS_SSO_OIDC,
};

#define AWS_REGION_SIZE 64
#define AWS_HOST_SIZE 280
#define AWS_ENDPOINT_PATH_SIZE 128
#define AWS_URL_SIZE (AWS_HOST_SIZE + AWS_ENDPOINT_PATH_SIZE + 16)

struct aws_endpoint {
    char url[AWS_URL_SIZE];            /* without a trailing '/', unless the path is just that */
    char host[AWS_HOST_SIZE];          /* as in the Host header */
    char path[AWS_ENDPOINT_PATH_SIZE]; /* "/", or the path of a custom endpoint */
    bool plain;                        /* http, to a host that is not this machine */
};

/* The service's name in a signature, such as "sts" (static). */
const char *aws_service_name(enum aws_service service);

/* The region in the signature of a request to a service in `region`. It differs for IAM, which each
 * partition has once. The result is `region` or static. */
const char *aws_signing_region(enum aws_service service, const char *region);

/* True if `region` can be part of a host name: 1 to 63 of a-z, 0-9 and '-'. */
bool aws_region_valid(const char *region);

/* Finds the endpoint of a service in a region: from our own settings, AWS_ENDPOINT_URL_{service},
 * AWS_ENDPOINT_URL, the chosen profile, or AWS's rules. BAD_CONF, logged, for a URL that is
 * invalid, is plain http to another machine without permission, or is combined with FIPS or dual
 * stack (which it would silently undo). */
enum store_err aws_endpoint_find(const struct aws_profiles *profiles, enum aws_service service,
                                 const char *region, struct aws_endpoint *out) STORE_CHECKED;

/* Splits an http or https URL: host, optional port, optional path of unreserved characters; no
 * user, query or fragment. False if it is anything else. */
bool aws_endpoint_parse(const char *url, struct aws_endpoint *out);

/* True if a host, as in a URL with or without a port, is this machine: "localhost", 127.0.0.0/8,
 * [::1]. */
bool aws_host_loopback(const char *host);

#endif
