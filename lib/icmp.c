/* SPDX-License-Identifier: MIT
 *
 * icmp.c - the ICMP attribute in both forms that are written (T-282).
 */
#include "saturn/turn_client.h"

/* RFC 8656, 18.13 draws 7 bits of type and 9 of code; some write a byte each.
   Of the types that are relayed, 3 and 11 for IPv4 and 1 to 3 for IPv6, the two
   forms can be told apart: the byte of an odd type is odd, which a type of 7
   bits never makes it while its code is below 256; and of the even one, 2,
   the error data is the MTU, which type 1 has not. */
enum saturn_error
saturn_get_icmp(const struct saturn_message *m, struct saturn_icmp *icmp)
{
  uint64_t value;
  uint8_t first;
  enum saturn_error e = saturn_get_u64(m, SATURN_ATTR_ICMP, &value);

  if (e != SATURN_OK)
    return e;
  first = (uint8_t)(value >> 40);
  icmp->data = (uint32_t)value;
  if ((first & 1) != 0 || (first == 2 && icmp->data != 0)) {
    icmp->type = first;
    icmp->code = (uint8_t)(value >> 32);
  } else {
    icmp->type = first >> 1;
    icmp->code = (uint16_t)(value >> 32 & 0x1ff);
  }
  return SATURN_OK;
}
