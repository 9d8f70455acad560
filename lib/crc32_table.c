/* SPDX-License-Identifier: MIT
 *
 * crc32_table.c - writes crc32_table.h during the build: row N holds what a
 * byte becomes after N more zero bytes.
 */
#include <stdint.h>
#include <stdio.h>

static uint32_t table[8][256];

static void
fill(void)
{
  uint32_t crc;
  int bit, byte, row;

  for (byte = 0; byte < 256; byte++) {
    crc = (uint32_t)byte;
    for (bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    table[0][byte] = crc;
  }
  for (row = 1; row < 8; row++)
    for (byte = 0; byte < 256; byte++)
      table[row][byte] =
          table[row - 1][byte] >> 8 ^ table[0][table[row - 1][byte] & 0xFF];
}

int
main(void)
{
  int byte, row;

  fill();
  puts("static const uint32_t crc32_table[8][256] = {");
  for (row = 0; row < 8; row++) {
    puts("  {");
    for (byte = 0; byte < 256; byte++)
      printf("    0x%08lX,\n", (unsigned long)table[row][byte]);
    puts("  },");
  }
  puts("};");
  return 0;
}
