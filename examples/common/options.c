/* SPDX-License-Identifier: MIT
 *
 * options.c - one table of options: the command line.
 */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "saturn/address.h"

#include "program.h"

void
texts_add(struct texts *texts, const char *text)
{
  texts->items = reallocate(texts->items, (texts->n + 1) * sizeof text);
  texts->items[texts->n++] = text;
}

void
texts_clear(struct texts *texts)
{
  free(texts->items);
  texts->items = NULL;
  texts->n = 0;
}

bool
number_read(const char *text, uint64_t *number)
{
  uint64_t value = 0;

  if (*text == '\0')
    return false;
  for (; *text != '\0'; text++) {
    unsigned digit = (unsigned)(*text - '0');

    if (digit > 9 || value > (UINT64_MAX - digit) / 10)
      return false;
    value = value * 10 + digit;
  }
  *number = value;
  return true;
}

bool
duration_read(const char *text, uint64_t *ms)
{
  static const struct {
    const char *unit;
    uint64_t ms;
  } units[] = { { "ms", 1 },    { "s", 1000 },    { "", 1000 },
                { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
  char digits[16] = "";
  size_t n = strspn(text, "0123456789");
  uint64_t value;

  if (n >= sizeof digits)
    return false;
  memcpy(digits, text, n);
  if (!number_read(digits, &value))
    return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(text + n, units[i].unit) == 0) {
      *ms = value * units[i].ms;
      return true;
    }
  return false;
}

bool
flag_read(const char *text, bool *flag)
{
  static const char *const words[] = {
    "no", "yes", "false", "true", "0", "1", "off", "on", "n", "y", "f", "t"
  };

  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcasecmp(text, words[i]) == 0) {
      *flag = i % 2 != 0;
      return true;
    }
  return false;
}

static bool
set_flag(const struct option *option, const char *value, char *fault)
{
  if (value == NULL) {
    *(bool *)option->target = true;
    return true;
  }
  if (flag_read(value, option->target))
    return true;
  snprintf(fault, OPTION_FAULT, "%.60s is neither yes nor no", value);
  return false;
}

static void
blame_duration(const struct option *option, const char *value, char *fault)
{
  uint64_t ms;

  if (!duration_read(value, &ms))
    snprintf(fault, OPTION_FAULT, "%.60s is no duration like 500ms, 30s or 1h",
             value);
  else if (ms < option->min)
    snprintf(fault, OPTION_FAULT, "%.60s is less than %" PRIu64 " ms", value,
             option->min);
  else
    snprintf(fault, OPTION_FAULT, "%.60s is more than %" PRIu64 " s", value,
             option->max / 1000);
}

static bool
set_number(const struct option *option, const char *value, char *fault)
{
  uint64_t max = option->max == 0 ? UINT64_MAX : option->max, number;
  bool duration = option->kind == OPTION_DURATION;

  if ((duration ? duration_read : number_read)(value, &number)
      && number >= option->min && number <= max) {
    *(uint64_t *)option->target = number;
    return true;
  }
  if (duration)
    blame_duration(option, value, fault);
  else if (option->max == 0)
    snprintf(fault, OPTION_FAULT, "%.60s is no number from %" PRIu64, value,
             option->min);
  else
    snprintf(fault, OPTION_FAULT,
             "%.60s is no number from %" PRIu64 " to %" PRIu64, value,
             option->min, option->max);
  return false;
}

static bool
set_address(const struct option *option, const char *value, char *fault)
{
  if (saturn_address_parse(option->target, saturn_view(value, strlen(value)))
      == SATURN_OK)
    return true;
  snprintf(fault, OPTION_FAULT,
           "%.100s is no address like 192.0.2.1:3478 or [2001:db8::1]:3478",
           value);
  return false;
}

static bool
takes_value(const struct option *option)
{
  return option->kind != OPTION_FLAG
         && !(option->kind == OPTION_CALL && option->bare);
}

static bool
set(const struct option *option, const char *value, char *fault)
{
  if (value == NULL && takes_value(option)) {
    snprintf(fault, OPTION_FAULT, "needs a value");
    return false;
  }
  switch (option->kind) {
  case OPTION_FLAG:
    return set_flag(option, value, fault);
  case OPTION_TEXT:
  case OPTION_SECRET:
    *(const char **)option->target = value;
    return true;
  case OPTION_TEXTS:
    texts_add(option->target, value);
    return true;
  case OPTION_NUMBER:
  case OPTION_DURATION:
    return set_number(option, value, fault);
  case OPTION_ADDRESS:
    return set_address(option, value, fault);
  case OPTION_CALL:
    return option->call(option->target, value, fault);
  }
  return false;
}

static const struct option *
find(const struct option_table *table, const char *name, size_t len)
{
  for (size_t i = 0; i < table->n; i++)
    if (strlen(table->rows[i].name) == len
        && memcmp(table->rows[i].name, name, len) == 0)
      return &table->rows[i];
  return NULL;
}

static const struct option *
find_alias(const struct option_table *table, char alias)
{
  for (size_t i = 0; i < table->n; i++)
    if (table->rows[i].alias == alias)
      return &table->rows[i];
  return NULL;
}

/* Put WHERE in front of what is already in FAULT. */
static bool
blame(char *fault, const char *where, size_t len)
{
  char what[OPTION_FAULT];

  snprintf(what, sizeof what, "%s", fault);
  snprintf(fault, OPTION_FAULT, "%.*s: %.200s", (int)(len < 60 ? len : 60),
           where, what);
  return false;
}

static bool
unknown(const struct option_table *table, const char *dashes, const char *name,
        size_t len, char *fault)
{
  const char *near = option_nearest(table, name, len, *dashes != '\0');
  int n = (int)(len < 60 ? len : 60);

  if (near == NULL)
    snprintf(fault, OPTION_FAULT, "unknown option %s%.*s", dashes, n, name);
  else
    snprintf(fault, OPTION_FAULT, "unknown option %s%.*s; did you mean %s%s?",
             dashes, n, name, dashes, near);
  return false;
}

bool
option_set(const struct option_table *table, const char *name,
           const char *value, char fault[OPTION_FAULT])
{
  const struct option *option = find(table, name, strlen(name));

  if (option == NULL)
    return unknown(table, "", name, strlen(name), fault);
  return set(option, value, fault) || blame(fault, name, strlen(name));
}

/* Keep a secret where no list of processes shows it, as long as the program
   lives. */
static const char *
hide(char *value)
{
  static struct texts hidden;
  char *copy = reallocate(NULL, strlen(value) + 1);

  memcpy(copy, value, strlen(value) + 1);
  memset(value, '*', strlen(value));
  texts_add(&hidden, copy);
  return copy;
}

/* Give OPTION the value behind '=' or, if it needs one, the next word.
   Returns how many words that took; 0 on a fault. */
static int
take(const struct option *option, char *value, char *next, char *fault)
{
  int words = 1;

  if (value == NULL && takes_value(option)) {
    value = next;
    words = 2;
  }
  if (value != NULL && (option->kind == OPTION_SECRET || option->secret))
    return set(option, hide(value), fault) ? words : 0;
  return set(option, value, fault) ? words : 0;
}

static int
read_long(const struct option_table *table, char *word, char *next, char *fault)
{
  size_t len = strcspn(word + 2, "=");
  const struct option *option = find(table, word + 2, len);
  char *value = word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
  int words;

  if (option == NULL)
    return unknown(table, "--", word + 2, len, fault);
  words = take(option, value, next, fault);
  if (words == 0)
    blame(fault, word, 2 + len);
  return words;
}

static int
read_short(const struct option_table *table, char *word, char *next,
           char *fault)
{
  for (char *at = word + 1; *at != '\0'; at++) {
    const struct option *option = find_alias(table, *at);
    char name[] = { '-', *at, '\0' };
    int words;

    if (option == NULL) {
      snprintf(fault, OPTION_FAULT, "unknown option %s", name);
      return 0;
    }
    if (!takes_value(option) && at[1] != '\0') {
      if (!set(option, NULL, fault))
        return blame(fault, name, 2);
      continue;
    }
    words = take(option, at[1] == '\0' ? NULL : at + 1, next, fault);
    return words != 0 ? words : blame(fault, name, 2);
  }
  return 1;
}

static bool
add_word(struct texts *arguments, const char *word, char *fault)
{
  if (*word == '\0')
    snprintf(fault, OPTION_FAULT,
             "an empty word: is a variable of the shell not set?");
  else if (arguments == NULL)
    snprintf(fault, OPTION_FAULT, "unexpected word %.100s", word);
  else
    texts_add(arguments, word);
  return *word != '\0' && arguments != NULL;
}

bool
options_read(const struct option_table *table, int argc, char **argv,
             struct texts *arguments, char fault[OPTION_FAULT])
{
  bool only_words = false;
  int step;

  for (int i = 1; i < argc; i += step) {
    char *next = i + 1 < argc ? argv[i + 1] : NULL;

    step = 1;
    if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
      if (!add_word(arguments, argv[i], fault))
        return false;
    } else if (strcmp(argv[i], "--") == 0)
      only_words = true;
    else if (argv[i][1] == '-')
      step = read_long(table, argv[i], next, fault);
    else
      step = read_short(table, argv[i], next, fault);
    if (step == 0)
      return false;
  }
  return true;
}
