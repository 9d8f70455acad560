/* SPDX-License-Identifier: MIT
 *
 * finding.c - the catalogue of findings, and how they are printed.
 */
#include "finding.h"

#include <string.h>

#include "program.h"

/* How wide a paragraph may be, and where it starts. */
#define WIDTH 78
#define INDENT 9

static const struct finding findings[FINDINGS] = {
#define FINDING(name, id, diagnosis, text, fix, reference)                     \
  [FINDING_##name] = { id, diagnosis, text, fix, reference },
#include "findings.def"
#undef FINDING
};

const struct finding *
finding(enum finding_name name)
{
  return &findings[name];
}

void
finding_print_head(const struct finding *f, const char *remark)
{
  bool colour = wants_colour(stdout);

  printf("\n%s%s%s", colour ? "\033[1m" : "", f->id, colour ? "\033[0m" : "");
  if (remark != NULL)
    printf(" (%s)", remark);
  putchar('\n');
}

void
finding_print_part(const char *label, const char *text)
{
  size_t column = INDENT;

  printf("  %-*s", INDENT - 2, label);
  while (*text != '\0') {
    size_t len = strcspn(text, " ");

    if (column + len > WIDTH && column > INDENT) {
      printf("\n%*s", INDENT, "");
      column = INDENT;
    }
    printf("%.*s", (int)len, text);
    column += len;
    text += len;
    if (*text == ' ') {
      text++;
      if (column + 1 + strcspn(text, " ") <= WIDTH)
        putchar(' ');
      column++;
    }
  }
  putchar('\n');
}
