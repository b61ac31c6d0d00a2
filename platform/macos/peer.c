/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/channel.h"

#include <sys/socket.h>
#include <sys/ucred.h>
#include <sys/un.h>

#include "platform/posix/handover.h"

/* The kernel takes a socket on its way for garbage if it looks in the moment of its receipt. */
const bool handover_keeps_sent = true;

/* A pair, which its maker hands over, has a process and may lack a user; a connection to a path has
 * both. */
bool channel_peer(const struct channel *channel, pid_t *pid, uid_t *user)
{
    struct xucred peer;
    socklen_t pid_size = sizeof *pid;
    socklen_t peer_size = sizeof peer;

    if (getsockopt(channel->fd, SOL_LOCAL, LOCAL_PEERPID, pid, &pid_size) != 0 ||
        getsockopt(channel->fd, SOL_LOCAL, LOCAL_PEERCRED, &peer, &peer_size) != 0 ||
        peer.cr_version != XUCRED_VERSION)
        return false;
    *user = peer.cr_uid;
    return true;
}
