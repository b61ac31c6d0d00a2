/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/ecdsa.h"
#include "tools/sideseat-secrets/public_key.h"
#include "tools/sideseat-secrets/request.h"

/* What takes OpenSSL, in a build without it: refused. */

#define MISSING "needs OpenSSL, which this build does not have"

const char *const ecdsa_missing = MISSING;

enum store_err ecdsa_to_der(const struct store_secret *raw, struct store_secret *out)
{
    (void)raw;
    (void)out;
    return STORE_UNSUPPORTED;
}

enum store_err ecdsa_from_der(const struct store_secret *der, size_t field,
                              struct store_secret *out)
{
    (void)der;
    (void)field;
    (void)out;
    return STORE_UNSUPPORTED;
}

enum store_err public_key_pem(const struct public_key *key, struct store_secret *out)
{
    (void)key;
    (void)out;
    return STORE_UNSUPPORTED;
}

static enum outcome refuse_command(const struct request *request)
{
    outcome_print("%s " MISSING, request->command->name);
    return OUTCOME_USAGE;
}

enum outcome command_csr(const struct request *request)
{
    return refuse_command(request);
}

enum outcome command_cert(const struct request *request)
{
    return refuse_command(request);
}
