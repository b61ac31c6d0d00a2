/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_STORE_HIDE_H
#define TOOLS_SIDESEAT_STORE_HIDE_H

/* Keeps debuggers of the same user away from this process. */
void hide(void);

#endif
