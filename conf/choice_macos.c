/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/choice.h"

const struct choice_system choice_this_system = {.name = "macOS"};
