/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/keyring.h"

#include <sys/types.h>

#include <keyutils.h>

void keyring_remove(const char *name)
{
    key_serial_t ring = (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", name, 0);
    key_serial_t persistent =
        (key_serial_t)keyctl_get_persistent((uid_t)-1, KEY_SPEC_THREAD_KEYRING);

    if (ring < 0)
        return;
    keyctl_clear(ring);
    keyctl_unlink(ring, KEY_SPEC_USER_KEYRING);
    if (persistent > 0)
        keyctl_unlink(ring, persistent);
    keyctl_revoke(ring);
}
