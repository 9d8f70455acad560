/* SPDX-License-Identifier: MIT
 *
 * dictionary.c - print a libFuzzer dictionary: every attribute header with
 * its least and greatest length, message types, and the numbers that matter.
 */
#include <stdio.h>

#include "saturn/saturn.h"

static void
print_entry(const char *name, const char *suffix, const uint8_t *bytes,
            size_t len)
{
  size_t i;

  for (; *name != '\0'; name++)
    putchar(*name == '-' || *name == ' ' ? '_' : *name);
  printf("%s=\"", suffix);
  for (i = 0; i < len; i++)
    printf("\\x%02x", bytes[i]);
  printf("\"\n");
}

/* An attribute header, and a value of zeros if the least one is short. */
static void
print_attribute(const struct saturn_attr_info *row, const char *suffix,
                uint16_t len)
{
  uint8_t bytes[4 + 36] = { (uint8_t)(row->type >> 8), (uint8_t)row->type,
                            (uint8_t)(len >> 8), (uint8_t)len };

  print_entry(row->name, suffix, bytes,
              len <= 32 ? 4 + (size_t)(len + 3) / 4 * 4 : 4);
}

static void
print_methods(void)
{
  uint16_t method, type;
  unsigned cls;

  for (method = 0; method <= 0xFF; method++)
    for (cls = 0; cls <= 3; cls++) {
      char name[64];
      uint8_t bytes[2];

      if (!saturn_method_has(method, (enum saturn_class)cls))
        continue;
      type = saturn_type(method, (enum saturn_class)cls);
      bytes[0] = (uint8_t)(type >> 8);
      bytes[1] = (uint8_t)type;
      snprintf(name, sizeof name, "%s", saturn_method_name(method));
      print_entry(name,
                  cls == 0   ? "_0"
                  : cls == 1 ? "_1"
                  : cls == 2 ? "_2"
                             : "_3",
                  bytes, 2);
    }
}

int
main(void)
{
  const struct saturn_attr_info *row;
  size_t i;

  printf("# generated from attributes.def and methods.def\n");
  print_entry("cookie", "", (const uint8_t *)"\x21\x12\xa4\x42", 4);
  print_entry("nonce_cookie", "", (const uint8_t *)"obMatJos2AAAD", 13);
  print_entry("ipv4", "", (const uint8_t *)"\0\1", 2);
  print_entry("ipv6", "", (const uint8_t *)"\0\2", 2);
  print_entry("channel", "", (const uint8_t *)"\x40\0\0\4", 4);
  print_entry("length_max", "", (const uint8_t *)"\xff\xfc", 2);
  print_methods();
  for (i = 0; (row = saturn_attr_row(i)) != NULL; i++) {
    print_attribute(row, "_min", row->min);
    if (row->max != row->min)
      print_attribute(row, "_max", row->max);
  }
  return 0;
}
