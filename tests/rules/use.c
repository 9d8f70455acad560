/* SPDX-License-Identifier: MIT
 *
 * use.c - a program outside the tree that uses the installed library; it is
 * compiled as C and as C++.
 */
#include <saturn/saturn.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
  static const uint8_t tid[SATURN_TID_SIZE] = { 1, 2, 3 };
  struct saturn_bytes request;
  struct saturn_message m;
  struct saturn_builder b;
  uint8_t buf[128];
  char line[128];

  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  saturn_put_text(&b, SATURN_ATTR_SOFTWARE, SATURN_TEXT("use"));
  saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &request) != SATURN_OK
      || saturn_parse(&m, request) != SATURN_OK
      || saturn_check_fingerprint(&m) != SATURN_OK
      || strcmp(saturn_version(), SATURN_VERSION) != 0)
    return 1;
  saturn_print_type(&m, line, sizeof line);
  puts(line);
  return strcmp(line, "Binding Request") == 0 ? 0 : 1;
}
