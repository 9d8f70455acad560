/* SPDX-License-Identifier: MIT
 *
 * findings.c - the list of findings: their texts, their frames, and what a
 * later success takes back.
 */
#include "findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "finding.h"
#include "program.h"

#define FOUND_MAX 1024
#define FRAMES_MAX 1000
#define TEXT_MAX 2048
#define ACCEPTED_MAX 16384

/* How long a live capture waits for what takes a finding back. */
#define UNDO_US 3000000

struct row {
  enum finding_name finding;
  unsigned undone_by;
  const char *text, *fix;
};

static const struct row rows[SITUATIONS] = {
#define SITUATION(name, finding, undone_by, text, fix)                         \
  { FINDING_##finding, undone_by, text, fix },
#include "situations.def"
#undef SITUATION
};

struct found {
  enum situation name;
  enum finding_name finding;
  uint64_t hash; /* of the text */
  uint64_t subject;
  char *text, *fix;
  struct sighting *frames;
  size_t n;
  uint64_t more;
  bool shown;
  int64_t since_us; /* when it was first looked at, or 0 */
};

struct acceptance_entry {
  struct table_entry entry;
  uint64_t subject;
  unsigned acceptances;
};

void
findings_init(struct findings *f)
{
  memset(f, 0, sizeof *f);
  table_init(&f->accepted, sizeof(uint64_t), sizeof(struct acceptance_entry),
             ACCEPTED_MAX, NULL, NULL);
}

/* Which user of which server a finding is about. */
static uint64_t
subject_of(const struct facts *facts)
{
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  const struct saturn_address *a = &facts->server;

  for (size_t i = 0; i < sizeof a->ip; i++)
    h = (h ^ a->ip[i]) * UINT64_C(0x100000001b3);
  h = (h ^ a->port) * UINT64_C(0x100000001b3);
  for (size_t i = 0; i < facts->user.len; i++)
    h = (h ^ facts->user.data[i]) * UINT64_C(0x100000001b3);
  return h;
}

static void
write_server(const struct saturn_address *server, char *out, size_t cap)
{
  char address[SATURN_ADDRESS_TEXT];

  if (server->family == SATURN_NO_FAMILY)
    snprintf(out, cap, "the server");
  else
    snprintf(out, cap, "the server %s", address_text(server, address));
}

static void
write_name(struct saturn_bytes name, char *out, size_t cap)
{
  char text[600];

  escape_ascii(name, text, sizeof text);
  if (name.data == NULL)
    snprintf(out, cap, "(not named)");
  else
    snprintf(out, cap, "\"%.500s\"", text);
}

/* A sentence of the catalogue as part of another: without its period. */
static void
write_sentence(const char *sentence, char *out, size_t cap)
{
  snprintf(out, cap, "%.*s", (int)strcspn(sentence, "."), sentence);
  if (out[0] >= 'A' && out[0] <= 'Z')
    out[0] = (char)(out[0] - 'A' + 'a');
}

static enum finding_name
finding_of(const struct facts *facts, const struct row *row)
{
  if (row->finding == FINDING_UNKNOWN && facts->mistake != NULL)
    return facts->mistake->finding;
  return row->finding;
}

/* Write what the word of LEN characters stands for. */
static void
write_fact(const struct facts *facts, const struct row *row, const char *word,
           size_t len, char *out, size_t cap)
{
  char address[SATURN_ADDRESS_TEXT];

  if (strncmp(word, "finding", len) == 0)
    write_sentence(finding(finding_of(facts, row))->text, out, cap);
  else if (strncmp(word, "how", len) == 0)
    snprintf(out, cap, "%s", facts->mistake->how);
  else if (strncmp(word, "server", len) == 0)
    write_server(&facts->server, out, cap);
  else if (strncmp(word, "peer", len) == 0)
    snprintf(out, cap, "%s", address_text(&facts->peer, address));
  else if (strncmp(word, "user", len) == 0)
    write_name(facts->user, out, cap);
  else if (strncmp(word, "realm", len) == 0)
    write_name(facts->realm, out, cap);
  else if (strncmp(word, "other", len) == 0)
    write_name(facts->other, out, cap);
  else if (strncmp(word, "code", len) == 0)
    snprintf(out, cap, "%u", facts->code);
  else if (strncmp(word, "list", len) == 0)
    snprintf(out, cap, "%s",
             *facts->list == '\0' ? "(none named)" : facts->list);
  else if (strncmp(word, "count", len) == 0)
    snprintf(out, cap, "%u", facts->count);
  else if (strncmp(word, "method", len) == 0)
    snprintf(out, cap, "%s", facts->method == NULL ? "STUN" : facts->method);
  else if (strncmp(word, "given", len) == 0)
    snprintf(out, cap, "%u", facts->given);
  else
    snprintf(out, cap, "%u", facts->second);
}

/* Fill the words in braces in. The first letter of the text becomes a capital
   one. */
static char *
expand(const char *pattern, const struct facts *facts, const struct row *row)
{
  char *text = allocate(TEXT_MAX), fact[640];
  size_t len = 0, n;

  while (*pattern != '\0') {
    if (*pattern == '{') {
      n = strcspn(++pattern, "}");
      write_fact(facts, row, pattern, n, fact, sizeof fact);
      pattern += n + 1;
    } else {
      n = strcspn(pattern, "{");
      snprintf(fact, sizeof fact, "%.*s", (int)n, pattern);
      pattern += n;
    }
    n = strlen(fact);
    if (n > TEXT_MAX - 1 - len)
      n = TEXT_MAX - 1 - len;
    memcpy(text + len, fact, n);
    len += n;
  }
  if (text[0] >= 'a' && text[0] <= 'z')
    text[0] = (char)(text[0] - 'a' + 'A');
  return text;
}

/* What to do, without a period. */
static char *
expand_fix(const struct facts *facts, const struct row *row)
{
  const char *pattern = row->fix;
  char *fix;

  if (pattern == NULL)
    pattern = finding(finding_of(facts, row))->fix;
  fix = expand(pattern, facts, row);
  if (fix[strlen(fix) - 1] == '.')
    fix[strlen(fix) - 1] = '\0';
  return fix;
}

static struct found *
find_or_make(struct findings *f, enum situation name, char *text,
             const struct facts *facts)
{
  uint64_t hash = bytes_hash(text_of(text));
  struct found *item;

  for (size_t i = 0; i < f->n; i++)
    if (f->items[i].hash == hash && f->items[i].name == name
        && strcmp(f->items[i].text, text) == 0) {
      free(text);
      return &f->items[i];
    }
  if (f->n == FOUND_MAX) {
    f->dropped++;
    free(text);
    return NULL;
  }
  f->items = reallocate(f->items, (f->n + 1) * sizeof *f->items);
  item = &f->items[f->n++];
  memset(item, 0, sizeof *item);
  item->name = name;
  item->hash = hash;
  item->finding = finding_of(facts, &rows[name]);
  item->subject = subject_of(facts);
  item->text = text;
  item->fix = expand_fix(facts, &rows[name]);
  return item;
}

static bool
is_listed(const struct found *item, const struct sighting *frame)
{
  const struct sighting *last;

  if (item->n == 0)
    return false;
  last = &item->frames[item->n - 1];
  return last->file == frame->file && last->frame == frame->frame;
}

void
findings_add(struct findings *f, enum situation name, const struct facts *facts,
             const struct sighting *frames, size_t n)
{
  struct found *item =
      find_or_make(f, name, expand(rows[name].text, facts, &rows[name]), facts);

  for (size_t i = 0; item != NULL && i < n; i++) {
    if (frames[i].frame == 0 || is_listed(item, &frames[i]))
      continue;
    if (item->n == FRAMES_MAX) {
      item->more++;
      continue;
    }
    if ((item->n & (item->n - 1)) == 0)
      item->frames = reallocate(item->frames, (item->n == 0 ? 1 : 2 * item->n)
                                                  * sizeof *item->frames);
    item->frames[item->n++] = frames[i];
  }
}

void
findings_accept(struct findings *f, const struct facts *facts,
                enum acceptance acceptance)
{
  uint64_t subject = subject_of(facts);
  struct acceptance_entry *entry;
  bool made;

  entry = table_get(&f->accepted, &subject, &made);
  entry->acceptances |= acceptance;
}

static void
release(struct found *item)
{
  free(item->text);
  free(item->fix);
  free(item->frames);
}

static bool
is_undone(struct findings *f, const struct found *item)
{
  const struct acceptance_entry *entry =
      table_find(&f->accepted, &item->subject);

  return entry != NULL
         && (entry->acceptances & rows[item->name].undone_by) != 0;
}

static int
compare_frames(const void *x, const void *y)
{
  const struct sighting *a = x, *b = y;

  if (a->file != b->file)
    return a->file < b->file ? -1 : 1;
  return (a->frame > b->frame) - (a->frame < b->frame);
}

static void
sort_frames(struct found *item)
{
  size_t kept = 0;

  if (item->n > 0)
    qsort(item->frames, item->n, sizeof *item->frames, compare_frames);
  for (size_t i = 0; i < item->n; i++)
    if (kept == 0
        || compare_frames(&item->frames[kept - 1], &item->frames[i]) != 0)
      item->frames[kept++] = item->frames[i];
  item->n = kept;
}

static int
compare(const void *x, const void *y)
{
  static const struct sighting nowhere;
  const struct found *a = x, *b = y;
  int order = compare_frames(a->n > 0 ? a->frames : &nowhere,
                             b->n > 0 ? b->frames : &nowhere);

  return order != 0 ? order : strcmp(a->text, b->text);
}

size_t
findings_settle(struct findings *f)
{
  size_t kept = 0;

  for (size_t i = 0; i < f->n; i++)
    if (is_undone(f, &f->items[i]))
      release(&f->items[i]);
    else {
      sort_frames(&f->items[i]);
      f->items[kept++] = f->items[i];
    }
  f->n = kept;
  if (kept > 0)
    qsort(f->items, kept, sizeof *f->items, compare);
  return kept;
}

struct finding_view
findings_view(const struct findings *f, size_t i)
{
  const struct found *item = &f->items[i];
  const struct finding *row = finding(item->finding);
  struct finding_view view = { row->id,        item->text,   item->fix,
                               row->reference, item->frames, item->n,
                               item->more };

  return view;
}

bool
findings_fresh(struct findings *f, size_t i, int64_t now_us)
{
  struct found *item = &f->items[i];

  if (item->shown)
    return false;
  if (item->since_us == 0)
    item->since_us = now_us;
  if (is_undone(f, item)
      || (rows[item->name].undone_by != 0 && now_us - item->since_us < UNDO_US))
    return false;
  item->shown = true;
  return true;
}

bool
findings_shown(const struct findings *f, size_t i)
{
  return f->items[i].shown;
}

void
findings_clear(struct findings *f)
{
  for (size_t i = 0; i < f->n; i++)
    release(&f->items[i]);
  free(f->items);
  table_clear(&f->accepted);
}
