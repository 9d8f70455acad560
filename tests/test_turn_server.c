/* SPDX-License-Identifier: MIT
 *
 * test_turn_server.c - the conformance checks of servers that the machine
 * decides, by their ids: tests/turn_server has them, row by row.
 */
#include <stdio.h>
#include <string.h>

#include "turn_server/script.h"

static const char *const files[] = {
  "common.rows",
  "allocate.rows",
  "requests.rows",
  "rights.rows",
  "data.rows",
  "policy.rows",
  "tcp.rows",
  "mobility.rows",
};

START_TEST(row)
{
  script_run(script_row(_i));
}
END_TEST

/* The id of a row is the name of its test case. */
static void
add_row(Suite *turn_server, int index)
{
  const char *head = script_row(index)->head;
  char *id =
      (char *)(uintptr_t)unhex(hex(saturn_view(head, strcspn(head, " \n") + 1)))
          .data;
  TCase *t;

  id[strcspn(id, " \n")] = '\0';
  t = tcase_create(id);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, row, index, index + 1);
  suite_add_tcase(turn_server, t);
}

Suite *
suite(void)
{
  Suite *turn_server = suite_create("turn_server");
  int n = 0, i;

  for (i = 0; i < COUNT(files); i++)
    n = script_load(files[i]);
  for (i = 0; i < n; i++)
    add_row(turn_server, i);
  return turn_server;
}
