/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/identity.h"

#include <string.h>
#include <time.h>

#include "backends/aws/sources.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"

#define EARLY_NS                                                                                   \
    (15 * 60 * STORE_TIME_S) /* renew this long before the end, or a quarter of the time left */
#define LAST_NS (60 * STORE_TIME_S)  /* stop using keys this long before, or a twentieth */
#define RETRY_NS STORE_TIME_S        /* callers get the last failure for this long */
#define AGAIN_NS (60 * STORE_TIME_S) /* between attempts to renew keys that are still good */
#define EXTEND_NS                                                                                  \
    (5 * 60 * STORE_TIME_S) /* the time by which the use of IMDS' last keys is                     \
                             * extended */

enum store_err aws_identity_open(struct aws_identity *identity, const struct aws_settings *settings,
                                 const char *region)
{
    *identity = (struct aws_identity){.settings = settings, .region = region};
    (void)pthread_mutex_init(&identity->lock, NULL);
    store_thread_cond_init(&identity->changed);
    return STORE_OK;
}

void aws_identity_close(struct aws_identity *identity)
{
    aws_keys_clear(&identity->keys);
    (void)pthread_cond_destroy(&identity->changed);
    (void)pthread_mutex_destroy(&identity->lock);
}

/* Adopts new keys, and sets when to renew them and when to stop using them. Both are later for
 * short-lived keys. */
static void keys_adopt(struct aws_identity *identity, struct aws_keys *keys)
{
    int64_t now = store_time_now();
    int64_t life = keys->expires_ns - now;

    identity->known = true;
    identity->renew_ns = 0;
    identity->stop_ns = 0;
    if (keys->expires_ns != 0 && life <= 0 && keys->extendable) {
        identity->renew_ns = now + EXTEND_NS;
    } else if (keys->expires_ns != 0) {
        identity->renew_ns = keys->expires_ns - (life / 4 < EARLY_NS ? life / 4 : EARLY_NS);
        identity->stop_ns = keys->expires_ns - (life / 20 < LAST_NS ? life / 20 : LAST_NS);
    }
    aws_keys_share(&identity->keys, keys);
}

static bool keys_good(const struct aws_identity *identity, int64_t now)
{
    return identity->known && (identity->stop_ns == 0 || now < identity->stop_ns);
}

static enum store_err keys_ask(struct aws_identity *identity, const struct aws_net *net,
                               struct aws_keys *out)
{
    AUTO_PROFILES profiles = {0};

    TRY(aws_profiles_load(&profiles, identity->settings));
    TRY(aws_keys_find(net, &profiles, identity->region, out));
    if (out->expires_ns == 0 || out->expires_ns > store_time_now() || out->extendable)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "aws: the credentials from the %s have expired; renew them",
              out->source);
    return STORE_AUTH;
}

/* After a failed renewal: keeps the old keys if they are still good, or if they come from an
 * instance whose metadata service is down (AWS extends them then, and may accept them). */
static void renewal_failed(struct aws_identity *identity, enum store_err err)
{
    int64_t now = store_time_now();

    if (keys_good(identity, now)) {
        identity->renew_ns = now + AGAIN_NS;
        store_log(STORE_LOG_WARNING, "aws: the credentials could not be renewed; the old ones stay "
                                     "in use while they are good");
        return;
    }
    if (identity->known && identity->keys.extendable && err != STORE_AUTH) {
        identity->renew_ns = now + EXTEND_NS;
        identity->stop_ns = now + 2 * EXTEND_NS;
        store_log(STORE_LOG_WARNING,
                  "aws: the instance returns no new credentials; the expired ones stay in use");
        return;
    }
    identity->err = err;
    /* a timeout of one caller must not become the answer of later callers */
    identity->retry_ns = err == STORE_TIMEOUT ? 0 : store_time_monotonic() + RETRY_NS;
}

/* Asks the chain; the lock is held before and after, and released in between. */
static void keys_renew(struct aws_identity *identity, const struct aws_net *net)
{
    AUTO_KEYS keys = {0};
    enum store_err err;

    identity->renewing = true;
    (void)pthread_mutex_unlock(&identity->lock);
    err = keys_ask(identity, net, &keys);
    (void)pthread_mutex_lock(&identity->lock);
    identity->renewing = false;
    if (err == STORE_OK)
        keys_adopt(identity, &keys);
    else
        renewal_failed(identity, err);
    (void)pthread_cond_broadcast(&identity->changed);
}

/* Makes sure that there are good keys. The lock is held. */
static enum store_err keys_settle(struct aws_identity *identity, const struct aws_net *net)
{
    bool renewed = false;

    for (;;) {
        int64_t now = store_time_now();
        bool good = keys_good(identity, now);
        bool due = identity->known && identity->renew_ns != 0 && now >= identity->renew_ns;

        if (good && (!due || identity->renewing || renewed))
            return STORE_OK;
        if (!good && renewed)
            return identity->err;
        if (!identity->renewing) {
            if (!good && store_time_monotonic() < identity->retry_ns)
                return identity->err;
            keys_renew(identity, net);
            renewed = true;
        } else if (!store_thread_wait(&identity->changed, &identity->lock, net->deadline_ns)) {
            store_log(STORE_LOG_ERROR, "aws: the credentials did not come by the deadline");
            return STORE_TIMEOUT;
        }
    }
}

enum store_err aws_identity_keys(struct aws_identity *identity, const struct aws_net *net,
                                 struct aws_keys *out)
{
    enum store_err err;

    (void)pthread_mutex_lock(&identity->lock);
    err = keys_settle(identity, net);
    if (err == STORE_OK)
        aws_keys_share(out, &identity->keys);
    (void)pthread_mutex_unlock(&identity->lock);
    return err;
}

void aws_identity_refused(struct aws_identity *identity, const struct aws_keys *keys)
{
    (void)pthread_mutex_lock(&identity->lock);
    if (identity->known && strcmp(identity->keys.id, keys->id) == 0 &&
        store_secret_equal(&identity->keys.secret, keys->secret.data, keys->secret.len) &&
        store_secret_equal(&identity->keys.token, keys->token.data, keys->token.len))
        identity->known = false;
    (void)pthread_mutex_unlock(&identity->lock);
}

void aws_identity_forget(struct aws_identity *identity)
{
    (void)pthread_mutex_lock(&identity->lock);
    identity->known = false;
    identity->retry_ns = 0;
    aws_keys_clear(&identity->keys);
    (void)pthread_mutex_unlock(&identity->lock);
}
