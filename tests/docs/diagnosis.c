/* SPDX-License-Identifier: MIT
 *
 * diagnosis.c - print docs/diagnosis.md, or docs/man/saturn-diagnosis.7, from
 * the catalogue of findings.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct row {
  const char *name, *id, *diagnosis, *text, *fix, *reference;
} rows[] = {
#define FINDING(name, id, diagnosis, text, fix, reference)                     \
  { #name, id, diagnosis, text, fix, reference },
#include "findings.def"
#undef FINDING
};

static const struct situation {
  const char *finding, *text;
} situations[] = {
#define SITUATION(name, finding, undone_by, text, fix) { #finding, text },
#include "situations.def"
#undef SITUATION
};

#define ROWS (sizeof rows / sizeof *rows)
#define SITUATIONS (sizeof situations / sizeof *situations)

static const char introduction[] =
    "What the programs find has an identifier that never changes, one sentence "
    "that says no more than was checked, and a remedy. The reference is the "
    "section that has the rule; D-nn is the row of the table of diagnoses. An "
    "identifier may stand more than once: several causes lead to it.";

/* Does stun-decode say this of the finding, and more than its sentence? */
static bool
is_said_of(const struct situation *situation, const struct row *row)
{
  return strcmp(situation->finding, row->name) == 0
         && strstr(situation->text, "{finding}") == NULL;
}

static bool
has_situation(const struct row *row)
{
  for (size_t i = 0; i < SITUATIONS; i++)
    if (is_said_of(&situations[i], row))
      return true;
  return false;
}

/* Words in braces are filled in by the program. */
static void
put_pattern(const char *text, const char *front, const char *back)
{
  for (; *text != '\0'; text++)
    if (*text == '{')
      fputs(front, stdout);
    else if (*text == '}')
      fputs(back, stdout);
    else
      putchar(*text);
}

static void
print_markdown(void)
{
  printf("# Findings\n\n%s\n\nThis page is made by `tests/docs/diagnosis.c`.\n",
         introduction);
  for (size_t i = 0; i < ROWS; i++) {
    const struct row *row = &rows[i];

    printf("\n## %s\n\n%s\n\n*What to do:* %s\n\n", row->id, row->text,
           row->fix);
    if (has_situation(row)) {
      printf("stun-decode says it where it saw:\n\n");
      for (size_t k = 0; k < SITUATIONS; k++)
        if (is_said_of(&situations[k], row)) {
          printf("- ");
          put_pattern(situations[k].text, "*", "*");
          printf("\n");
        }
      printf("\n");
    }
    printf("%s%s%s\n", row->reference, *row->diagnosis == '\0' ? "" : "; ",
           row->diagnosis);
  }
}

/* A line of troff: no dot or quote may start it, and hyphens are minuses. */
static void
put_troff(const char *text)
{
  if (*text == '.' || *text == '\'')
    fputs("\\&", stdout);
  for (; *text != '\0'; text++)
    if (*text == '-')
      fputs("\\-", stdout);
    else if (*text == '\\')
      fputs("\\e", stdout);
    else
      putchar(*text);
  putchar('\n');
}

static void
print_man(void)
{
  printf(".\\\" SPDX-License-Identifier: MIT\n"
         ".\\\" Made by tests/docs/diagnosis.c from the catalogue.\n"
         ".TH SATURN\\-DIAGNOSIS 7 \"\" saturn saturn\n.SH NAME\n"
         "saturn\\-diagnosis \\- what the programs of saturn find, and what to "
         "do\n.SH DESCRIPTION\n");
  put_troff(introduction);
  printf(".SH FINDINGS\n");
  for (size_t i = 0; i < ROWS; i++) {
    printf(".TP\n.B ");
    put_troff(rows[i].id);
    put_troff(rows[i].text);
    put_troff(rows[i].fix);
    printf(".br\n");
    put_troff(rows[i].reference);
  }
  printf(".SH SEE ALSO\n.BR stun\\-decode (1),\n.BR turn\\-client (1),\n"
         ".BR turn\\-credentials (1)\n");
}

int
main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "man") == 0)
    print_man();
  else
    print_markdown();
  return ferror(stdout) != 0;
}
