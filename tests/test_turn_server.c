/* SPDX-License-Identifier: MIT
 *
 * test_turn_server.c - the conformance checks of servers that the machine
 * decides, by their ids: tests/turn_server has them, row by row.
 */
#include <stdio.h>
#include <string.h>

#include "turn_server/script.h"

static const char *const files[] = {
  "common.rows", "allocate.rows", "requests.rows", "rights.rows", "data.rows",
  "policy.rows", "tcp.rows",      "mobility.rows", "late.rows",
};

static int n_rows;

START_TEST(row)
{
  script_run(script_row(_i));
}
END_TEST

/* Is there a line in TEXT that starts with the id? */
static bool
has_line(const char *text, const char *id, size_t len)
{
  for (; text != NULL; text = strchr(text, '\n')) {
    text += *text == '\n';
    if (strncmp(text, id, len) == 0 && text[len] == '\t')
      return true;
  }
  return false;
}

/* Every check of the table is a row here, or listed with a reason. */
START_TEST(every_check_is_accounted_for)
{
  const char *line = script_file("conformance.tsv");
  const char *elsewhere = script_file("elsewhere.tsv");
  int n = 0, i;
  size_t len;

  for (; line != NULL; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, "S-", 2) != 0)
      continue;
    len = strcspn(line, "\t");
    for (i = 0; i < n_rows; i++)
      if (strncmp(script_row(i)->head, line, len) == 0
          && strchr(" \n", script_row(i)->head[len]) != NULL)
        break;
    ck_assert_msg((i < n_rows) != has_line(elsewhere, line, len),
                  "%.*s is nowhere, or in two places", (int)len, line);
    n++;
  }
  ck_assert_int_eq(n, 492);
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
  TCase *t = tcase_create("table");
  int i;

  for (i = 0; i < COUNT(files); i++)
    n_rows = script_load(files[i]);
  for (i = 0; i < n_rows; i++)
    add_row(turn_server, i);
  tcase_add_test(t, every_check_is_accounted_for);
  suite_add_tcase(turn_server, t);
  return turn_server;
}
