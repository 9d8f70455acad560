/* SPDX-License-Identifier: MIT
 *
 * script.c - the statements of scripts.
 */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cut a line into words; what stands in quotes is one. $NAME becomes the value
   of a variable. */
static void
cut(const struct script *s, const char *line, struct words *words)
{
  char name[16], *out = words->text;
  size_t len, room;
  bool quoted = false;
  int n = 0;

  words->n = 0;
  for (; *line != '\0' && *line != '\n'; line++) {
    room = sizeof words->text - (size_t)(out - words->text);
    if (*line == ' ' && !quoted) {
      n = 0;
      *out++ = '\0';
      continue;
    }
    if (n++ == 0)
      words->word[words->n++] = out;
    quoted ^= *line == '"';
    if (*line != '$') {
      *out++ = *line;
      continue;
    }
    len = strspn(line + 1, "abcdefghijklmnopqrstuvwxyz");
    snprintf(name, sizeof name, "%.*s", (int)len, line + 1);
    out += snprintf(out, room, "%s", script_get(s, name));
    line += len;
  }
  *out = '\0';
}

static int
find(const struct words *words, const char *word)
{
  int i = 0;

  while (i < words->n && strcmp(words->word[i], word) != 0)
    i++;
  return i;
}

static void run_line(struct script *s, const char *line);

/* for i 1 64: statement, with $i in it */
static void
repeat(struct script *s, const char *text)
{
  char name[16], value[16];
  unsigned long from, to;
  int len = 0;

  ck_assert_int_eq(sscanf(text, "for %15s %lu %lu:%n", name, &from, &to, &len),
                   3);
  for (; from <= to; from++) {
    snprintf(value, sizeof value, "%lu", from);
    script_set(s, name, value);
    run_line(s, text + len + 1);
  }
}

static void
run_line(struct script *s, const char *line)
{
  struct words words;
  const char *rest;
  int end;

  if (script_starts(line, "for ", &rest)) {
    repeat(s, line);
    return;
  }
  cut(s, line, &words);
  end = find(&words, "=>");
  if (strcmp(words.word[0], "number") != 0)
    world_clear(&s->w);
  if (!script_happen(s, &words))
    script_say(s, &words, end);
  if (end < words.n)
    script_expect(s, world_client(&s->w, words.word[0]), &words, end + 1,
                  words.n);
}

static void
run_text(struct script *s, const char *text, int line)
{
  const char *end;

  for (; *text != '\0'; text = end + (*end == '\n'), line++) {
    end = text + strcspn(text, "\n");
    text += strspn(text, " ");
    s->line = line;
    if (text < end && *text != '#')
      run_line(s, text);
  }
}

/* The head of a row: first all that configures, then what is done. */
static void
prepare(struct script *s, const struct words *head)
{
  const struct row *definition;
  int i;

  world_make(&s->w);
  for (i = 1; i < head->n; i++)
    if (script_definition(head->word[i]) == NULL)
      script_configure(s, head->word[i]);
  world_start(&s->w);
  for (i = 1; i < head->n; i++)
    if ((definition = script_definition(head->word[i])) != NULL)
      run_text(s, definition->lines, definition->first_line);
}

void
script_run(const struct row *row)
{
  struct script *s = calloc(1, sizeof *s);
  struct words head;

  ck_assert_ptr_nonnull(s);
  cut(s, row->head, &head);
  s->id = head.word[0];
  s->line = row->first_line;
  prepare(s, &head);
  run_text(s, row->lines, row->first_line);
  world_end(&s->w);
  free(s);
}
