/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/platform.h"

const struct platform_system platform_this_system = {.name = "FreeBSD"};
