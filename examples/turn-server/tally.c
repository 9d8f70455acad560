/* SPDX-License-Identifier: MIT
 *
 * tally.c - what an allocation was asked, and answered.
 */
#include "tally.h"

#include "saturn/registry.h"

const uint16_t tally_codes[TALLY_CODES] = { 300, 400, 401, 403, 405, 420,
                                            431, 437, 438, 440, 441, 442,
                                            443, 446, 447, 486, 508, 0 };

void
tally_add(struct tally *tally, uint16_t method, unsigned code)
{
  size_t i = 0;

  if (method < TALLY_METHODS && saturn_method_name(method) != NULL)
    tally->requests[method]++;
  if (code == 0)
    return;
  while (i < TALLY_CODES - 1 && tally_codes[i] != code)
    i++;
  tally->errors[i]++;
}
