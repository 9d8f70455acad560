/* SPDX-License-Identifier: MIT
 *
 * attributes.c - print docs/attributes.md: the tables of attributes, methods
 * and error codes, from the .def files.
 */
#include <stdio.h>

#include "saturn/saturn.h"

static const char *const kinds[] = {
  "flag",        "u8",    "u16",    "u32",        "u64",
  "bytes",       "text",  "phrase", "name",       "address",
  "xor-address", "error", "types",  "algorithms", "mac",
};
static const char *const statuses[] = { "current", "obsolete", "reserved",
                                        "vendor" };

static const char introduction[] =
    "# Attributes, methods and error codes\n"
    "\n"
    "Generated from `include/saturn/attributes.def`, `methods.def` and\n"
    "`errors.def` by `tests/docs/attributes.c`; a test keeps it up to date.\n"
    "After a change: `build-tests/tests/docs/attributes >docs/attributes.md`.\n"
    "\n"
    "*Length* is what a receiver takes, in bytes; *sent* the greatest length\n"
    "that `saturn_put_text` writes. Types below 0x8000 are\n"
    "comprehension-required. Only current types count as known (420).\n"
    "*All* marks types of which every occurrence counts.\n"
    "\n"
    "## Attributes\n"
    "\n"
    "| type | name | kind | length | sent | status | counts | reference |\n"
    "|---|---|---|---|---|---|---|---|\n";

static void
print_attribute(const struct saturn_attr_info *row)
{
  char length[16], section[64] = "";

  if (row->min == row->max)
    snprintf(length, sizeof length, "%u", row->min);
  else
    snprintf(length, sizeof length, "%u-%u", row->min, row->max);
  if (row->section[0] != '-')
    snprintf(section, sizeof section, ", %s", row->section);
  printf("| 0x%04X | %s | %s | %s | %u | %s | %s | %s%s |\n", row->type,
         row->name, kinds[row->kind], length, row->send, statuses[row->status],
         row->repeat == SATURN_ALL ? "all" : "first", row->reference, section);
}

static void
print_methods(void)
{
  static const char *const classes[] = { "request", "indication", "success",
                                         "error" };
  const char *comma;
  uint16_t method;
  unsigned cls;

  puts("\n## Methods\n\n| method | name | classes |\n|---|---|---|");
  for (method = 0; method <= SATURN_METHOD_MAX; method++) {
    if (saturn_method_name(method) == NULL)
      continue;
    printf("| 0x%03X | %s | ", method, saturn_method_name(method));
    for (cls = 0, comma = ""; cls < 4; cls++)
      if (saturn_method_has(method, (enum saturn_class)cls)) {
        printf("%s%s", comma, classes[cls]);
        comma = ", ";
      }
    puts(" |");
  }
}

int
main(void)
{
  const struct saturn_attr_info *row;
  size_t i;

  fputs(introduction, stdout);
  for (i = 0; (row = saturn_attr_row(i)) != NULL; i++)
    print_attribute(row);
  print_methods();
  puts("\n## Error codes\n\n| code | reason |\n|---|---|");
  for (i = 0; saturn_reason_code(i) != 0; i++)
    printf("| %u | %s |\n", saturn_reason_code(i),
           saturn_reason(saturn_reason_code(i)));
  return 0;
}
