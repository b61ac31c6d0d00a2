/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "store/log.h"
#include "store/url.h"
#include "store/user.h"

/* The partitions by the prefix of their regions, the longest first; the last one is for all others.
 * `shared`: Secrets Manager's common name answers on both address families. `home` is the region of
 * IAM, which a partition has only one of; `iam` is the part of its host name before the suffix:
 * ordinary, FIPS, dual stack, both. */
static const struct {
    const char *region;
    const char *suffix;
    const char *dual_stack;
    bool shared;
    bool shared_fips;
    const char *home;
    const char *iam[4];
} partitions[] = {
    /* clang-format off */
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", true, false, "cn-north-1",
     {"iam.cn-north-1", "iam-fips", "iam.global", "iam-fips"}},
    {"us-gov-", "amazonaws.com", "api.aws", true, true, "us-gov-west-1",
     {"iam.us-gov", "iam.us-gov", "iam.us-gov", "iam.us-gov"}},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", false, false, "us-isob-east-1",
     {"iam.us-isob-east-1", "iam-fips.us-isob-east-1", "iam", "iam-fips"}},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", false, false, "us-isof-south-1",
     {"iam.us-isof-south-1", "iam-fips", "iam", "iam-fips"}},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", false, false, "us-iso-east-1",
     {"iam.us-iso-east-1", "iam-fips.us-iso-east-1", "iam", "iam-fips"}},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", false, false, "eu-isoe-west-1",
     {"iam.eu-isoe-west-1", "iam-fips", "iam", "iam-fips"}},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", false, false, "eusc-de-east-1",
     {"iam.eusc-de-east-1", "iam-fips", "iam.global", "iam-fips"}},
    {"", "amazonaws.com", "api.aws", true, true, "us-east-1",
     {"iam", "iam-fips", "iam.global", "iam-fips.global"}},
    /* clang-format on */
};

static size_t partition_find(const char *region)
{
    size_t i = 0;

    while (strncmp(region, partitions[i].region, strlen(partitions[i].region)) != 0)
        i++;
    return i;
}

/* For each service: the first label of its host name, and the variable and the setting that
 * override its endpoint. */
static const struct {
    const char *name;
    const char *variable;
    const char *setting;
} services[] = {
    [AWS_SECRETS_MANAGER] = {"secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                             "secrets_manager"},
    [AWS_STS] = {"sts", "AWS_ENDPOINT_URL_STS", "sts"},
    [AWS_IAM] = {"iam", "AWS_ENDPOINT_URL_IAM", "iam"},
    [AWS_SSO_PORTAL] = {"portal.sso", "AWS_ENDPOINT_URL_SSO", "sso"},
    [AWS_SSO_OIDC] = {"oidc", "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc"},
};

const char *aws_service_name(enum aws_service service)
{
    return services[service].name;
}

const char *aws_signing_region(enum aws_service service, const char *region)
{
    return service == AWS_IAM ? partitions[partition_find(region)].home : region;
}

bool aws_region_valid(const char *region)
{
    size_t len = strlen(region);

    return len > 0 && len < AWS_REGION_SIZE &&
           strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && region[0] != '-';
}

bool aws_host_loopback(const char *host)
{
    char name[AWS_HOST_SIZE];
    struct in_addr v4;
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    if (len >= sizeof name)
        return false;
    memcpy(name, host, len);
    name[len] = '\0';
    if (strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool host_valid(const char *host, size_t len)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t end;

    if (len == 0 || len >= AWS_HOST_SIZE - 1)
        return false;
    if (host[0] == '[') {
        end = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
        if (end < 4 || host[end++] != ']')
            return false;
    } else if ((end = strspn(host, name)) == 0) {
        return false;
    }
    if (end == len)
        return true;
    return end < len && host[end] == ':' && len - end > 1 && len - end <= 6 &&
           strspn(host + end + 1, "0123456789") >= len - end - 1;
}

/* libcurl leaves the scheme's own port out of the Host header, so the signature must leave it out,
 * too. */
static void host_without_port(char *host, const char *port)
{
    size_t len = strlen(host);
    size_t cut = strlen(port);

    if (len > cut && strcmp(host + len - cut, port) == 0)
        host[len - cut] = '\0';
}

bool aws_endpoint_parse(const char *url, struct aws_endpoint *out)
{
    bool tls = strncasecmp(url, "https://", 8) == 0;
    const char *host = url + (tls ? 8 : 7);
    size_t host_len;
    size_t path_len;

    if (!tls && strncasecmp(url, "http://", 7) != 0)
        return false;
    host_len = strcspn(host, "/?#");
    path_len = strlen(host + host_len);
    while (path_len > 0 && host[host_len + path_len - 1] == '/')
        path_len--;
    if (!host_valid(host, host_len) || path_len >= AWS_ENDPOINT_PATH_SIZE ||
        strspn(host + host_len,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") < path_len)
        return false;
    (void)snprintf(out->host, sizeof out->host, "%.*s", (int)host_len, host);
    for (char *p = out->host; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    host_without_port(out->host, tls ? ":443" : ":80");
    (void)snprintf(out->path, sizeof out->path, "%.*s", path_len > 0 ? (int)path_len : 1,
                   path_len > 0 ? host + host_len : "/");
    if (strstr(out->path, "//") != NULL || strstr(out->path, "/.") != NULL)
        return false;
    (void)snprintf(out->url, sizeof out->url, "%s%s%s", tls ? "https://" : "http://", out->host,
                   out->path);
    out->plain = !tls && !aws_host_loopback(out->host);
    return true;
}

/* The URL that overrides a service's endpoint, in AWS's order; false if there is none. */
static bool custom_url(const struct aws_profiles *profiles, enum aws_service service,
                       char out[AWS_URL_SIZE])
{
    const char *set = service == AWS_SECRETS_MANAGER ? profiles->settings->endpoint_url : NULL;
    char block[AWS_PROFILE_NAME_SIZE];

    if (set == NULL && aws_profiles_flag(profiles, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                         "ignore_configured_endpoint_urls"))
        return false;
    if (set == NULL)
        set = store_env(services[service].variable);
    if (set == NULL)
        set = store_env("AWS_ENDPOINT_URL");
    if (set != NULL) {
        /* a cut one could end within a password, which would then be shown */
        (void)snprintf(out, AWS_URL_SIZE, "%s",
                       strlen(set) < AWS_URL_SIZE ? set : "(a text that is too long)");
        return true;
    }
    if (aws_profiles_text(profiles, profiles->chosen, "services", block, sizeof block) &&
        aws_text(aws_ini_find(&profiles->ini, AWS_INI_SERVICES, block, services[service].setting,
                              "endpoint_url"),
                 out, AWS_URL_SIZE))
        return true;
    return aws_profiles_text(profiles, profiles->chosen, "endpoint_url", out, AWS_URL_SIZE);
}

static enum store_err custom_endpoint(const char *url, bool special, bool allow_http,
                                      struct aws_endpoint *out)
{
    char shown[AWS_URL_SIZE];

    store_url_show(url, shown, sizeof shown);
    if (special) {
        store_log(
            STORE_LOG_ERROR,
            "aws: the endpoint %s is configured together with FIPS or dual stack; remove one of "
            "them (AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT)",
            shown);
        return STORE_BAD_CONF;
    }
    if (aws_endpoint_parse(url, out) && (!out->plain || allow_http))
        return STORE_OK;
    if (aws_endpoint_parse(url, out)) {
        store_log(
            STORE_LOG_ERROR,
            "aws: %s would carry secrets over the network unencrypted; use https, or, for a test "
            "server, set secrets.aws.allow_http",
            shown);
        return STORE_BAD_CONF;
    }
    store_log(STORE_LOG_ERROR,
              "aws: \"%s\" is not an endpoint; expected https://host[:port][/path], without user, "
              "query and fragment",
              shown);
    return STORE_BAD_CONF;
}

/* AWS's own rules (botocore's endpoint-rule-set-1.json of the five services). */
static void standard_url(enum aws_service service, const char *region, bool fips, bool dual,
                         char out[AWS_URL_SIZE])
{
    size_t i = partition_find(region);
    const char *suffix = partitions[i].suffix;

    if (service == AWS_IAM) {
        (void)snprintf(out, AWS_URL_SIZE, "https://%s.%s", partitions[i].iam[2 * dual + fips],
                       dual ? partitions[i].dual_stack : suffix);
        return;
    }
    if (dual && !(service == AWS_SECRETS_MANAGER &&
                  (fips ? partitions[i].shared_fips : partitions[i].shared)))
        suffix = partitions[i].dual_stack;
    /* in us-gov every endpoint is FIPS, and only Secrets Manager has a separate name for it */
    if (fips && !dual && service != AWS_SECRETS_MANAGER &&
        strcmp(partitions[i].region, "us-gov-") == 0)
        fips = false;
    (void)snprintf(out, AWS_URL_SIZE, "https://%s%s.%s.%s", services[service].name,
                   fips ? "-fips" : "", region, suffix);
}

enum store_err aws_endpoint_find(const struct aws_profiles *profiles, enum aws_service service,
                                 const char *region, struct aws_endpoint *out)
{
    bool fips = profiles->settings->fips ||
                aws_profiles_flag(profiles, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual = profiles->settings->dual_stack ||
                aws_profiles_flag(profiles, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    char url[AWS_URL_SIZE];

    if (!aws_region_valid(region)) {
        store_log(STORE_LOG_ERROR, "aws: \"%s\" is not a region; expected one such as eu-west-1",
                  region);
        return STORE_BAD_CONF;
    }
    if (custom_url(profiles, service, url))
        return custom_endpoint(url, fips || dual, profiles->settings->allow_http, out);
    standard_url(service, region, fips, dual, url);
    return aws_endpoint_parse(url, out) ? STORE_OK : STORE_BAD_CONF;
}
