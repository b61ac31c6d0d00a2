/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/hide.h"

#include <sys/prctl.h>

void hide(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}
