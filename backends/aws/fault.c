/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/fault.h"

#include <string.h>

#define POLICY                                                                                     \
    "check the identity's policy (aws.md in the documentation lists the actions that are needed)"
#define LOGIN                                                                                      \
    "the credentials are expired or wrong; renew them, for single sign-on with: aws sso login"
#define UNKNOWN                                                                                    \
    "AWS does not know these keys, or not together with this session token; renew them with: aws " \
    "configure, or: aws sso login"
#define UNFIT                                                                                      \
    "the secret access key does not belong to the key ID; "                                        \
    "set both again with: aws configure, or: aws sso login"
#define ENDED "the session has ended; renew it, for single sign-on with: aws sso login"
#define CLOCK "check this machine's clock"

#define KMS                                                                                        \
    "the secret's KMS key cannot be used: it is disabled or being deleted, or the identity lacks "

static const struct aws_fault faults[] = {
    /* Secrets Manager (API reference, "Common error types" and each operation's) */
    {"ResourceNotFoundException", STORE_NOT_FOUND, 0, NULL},
    {"ResourceExistsException", STORE_CONFLICT, 0, NULL},
    {"InvalidRequestException", STORE_UNSUPPORTED, 0, NULL},
    {"InvalidParameterException", STORE_UNSUPPORTED, 0, NULL},
    {"InvalidNextTokenException", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"LimitExceededException", STORE_FULL, 0,
     "a quota of Secrets Manager is used up: 500,000 secrets, or about 100 versions of one in a "
     "day"},
    {"DecryptionFailure", STORE_DENIED, 0, KMS "kms:Decrypt"},
    {"EncryptionFailure", STORE_DENIED, 0, KMS "kms:GenerateDataKey"},
    {"KMSAccessDeniedException", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},
    {"KMSDisabledException", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},
    {"KMSInvalidStateException", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},
    {"KMSNotFoundException", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},
    {"DisabledException", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},
    {"KMSInternalException", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"KMSThrottlingException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"PreconditionNotMetException", STORE_UNSUPPORTED, 0, NULL},
    {"InternalServiceError", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"InternalServiceErrorException", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"InternalFailure", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"ServiceUnavailable", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"ServiceUnavailableException", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"RequestTimeout", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"RequestTimeoutException", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"PriorRequestNotComplete", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"SerializationException", STORE_UNSUPPORTED, 0, NULL},
    {"ValidationException", STORE_UNSUPPORTED, 0, NULL},
    {"UnknownOperationException", STORE_UNSUPPORTED, 0,
     "check that the endpoint is one of Secrets Manager"},

    /* permission */
    {"AccessDeniedException", STORE_DENIED, 0, POLICY},
    {"AccessDenied", STORE_DENIED, 0, POLICY},
    {"UnauthorizedOperation", STORE_DENIED, 0, POLICY},
    {"OptInRequired", STORE_DENIED, 0, "the account has not enabled this region"},
    {"SubscriptionRequiredException", STORE_DENIED, 0, "the account has not enabled this service"},
    {"RegionDisabledException", STORE_DENIED, 0, "the account has not enabled this region"},
    {"AccountProblem", STORE_DENIED, 0, "AWS reports a problem with the account"},
    {"NotAuthorized", STORE_DENIED, 0, POLICY},
    {"UnauthorizedException", STORE_DENIED, 0, POLICY},
    {"KMSAccessDenied", STORE_DENIED, 0, KMS "kms:Decrypt and kms:GenerateDataKey"},

    /* who we are */
    {"UnrecognizedClientException", STORE_AUTH, AWS_FAULT_KEYS, UNKNOWN},
    {"InvalidClientTokenId", STORE_AUTH, AWS_FAULT_KEYS, UNKNOWN},
    {"ExpiredTokenException", STORE_AUTH, AWS_FAULT_KEYS, ENDED},
    {"ExpiredToken", STORE_AUTH, AWS_FAULT_KEYS, ENDED},
    {"InvalidAccessKeyId", STORE_AUTH, AWS_FAULT_KEYS, UNKNOWN},
    {"MissingAuthenticationToken", STORE_AUTH, AWS_FAULT_KEYS, LOGIN},
    {"MissingAuthenticationTokenException", STORE_AUTH, AWS_FAULT_KEYS, LOGIN},
    {"IncompleteSignature", STORE_AUTH, AWS_FAULT_KEYS, LOGIN},
    {"IncompleteSignatureException", STORE_AUTH, AWS_FAULT_KEYS, LOGIN},
    {"InvalidSignatureException", STORE_AUTH, AWS_FAULT_CLOCK | AWS_FAULT_KEYS, UNFIT},
    {"SignatureDoesNotMatch", STORE_AUTH, AWS_FAULT_CLOCK | AWS_FAULT_KEYS, UNFIT},
    {"AuthFailure", STORE_AUTH, AWS_FAULT_CLOCK | AWS_FAULT_KEYS, UNFIT},
    {"RequestExpired", STORE_AUTH, AWS_FAULT_CLOCK, CLOCK},
    {"RequestInTheFuture", STORE_AUTH, AWS_FAULT_CLOCK, CLOCK},
    {"RequestTimeTooSkewed", STORE_AUTH, AWS_FAULT_CLOCK, CLOCK},

    /* throttling: the SDKs' list, without LimitExceededException, which is a quota here */
    {"Throttling", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"ThrottlingException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"ThrottledException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"RequestThrottled", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"RequestThrottledException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"TooManyRequestsException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"ProvisionedThroughputExceededException", STORE_UNAVAILABLE,
     AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"TransactionInProgressException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE,
     NULL},
    {"RequestLimitExceeded", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"BandwidthLimitExceeded", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"SlowDown", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"EC2ThrottledException", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
};

/* AWS reports this in its message, not in a name of its own. */
static const struct aws_fault wrong_region = {
    "a signature for another region", STORE_BAD_CONF, 0,
    "the endpoint belongs to another region; set secrets.aws.region or AWS_REGION to that one"};

const struct aws_fault *aws_fault_by_message(const struct aws_fault *fault,
                                             const struct store_secret *reply)
{
    static const char words[] = "scoped to a valid region";

    return fault->err == STORE_AUTH && reply->len > 0 &&
                   memmem(reply->data, reply->len, words, sizeof words - 1) != NULL
               ? &wrong_region
               : fault;
}

/* For names without a row in the table, and answers without a name. */
static const struct aws_fault by_status[] = {
    {"HTTP 401", STORE_AUTH, AWS_FAULT_KEYS, LOGIN},
    {"HTTP 403", STORE_DENIED, 0, POLICY},
    {"HTTP 413", STORE_TOO_BIG, 0, NULL},
    {"HTTP 429", STORE_UNAVAILABLE, AWS_FAULT_RETRY | AWS_FAULT_THROTTLE, NULL},
    {"HTTP 500, 502, 503 or 504", STORE_UNAVAILABLE, AWS_FAULT_RETRY, NULL},
    {"HTTP", STORE_UNAVAILABLE, 0,
     "check that the endpoint is one of Secrets Manager, not a proxy"},
};

const struct aws_fault *aws_fault_foreign(int status)
{
    return status == 429 || (status >= 500 && status <= 504) ? aws_fault_find(status, "")
                                                             : &by_status[5];
}

const struct aws_fault *aws_fault_find(int status, const char *code)
{
    for (size_t i = 0; code[0] != '\0' && i < sizeof faults / sizeof faults[0]; i++)
        if (strcmp(faults[i].code, code) == 0)
            return &faults[i];
    switch (status) {
    case 401:
        return &by_status[0];
    case 403:
        return &by_status[1];
    case 413:
        return &by_status[2];
    case 429:
        return &by_status[3];
    case 500:
    case 502:
    case 503:
    case 504:
        return &by_status[4];
    default:
        return &by_status[5];
    }
}

void aws_fault_code(const char *text, char out[AWS_CODE_SIZE])
{
    const char *hash = strchr(text, '#');
    const char *name = hash == NULL ? text : hash + 1;
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._");

    if (len >= AWS_CODE_SIZE)
        len = AWS_CODE_SIZE - 1;
    memcpy(out, name, len);
    out[len] = '\0';
}
