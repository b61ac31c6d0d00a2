/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PIN_H
#define CORE_PIN_H

/* Keeps the module mapped until the process ends, for what must outlive dlclose(): a thread's code,
 * or a variable that the next load finds again. A program has no module to keep. */
void store_pin(void);

#endif
