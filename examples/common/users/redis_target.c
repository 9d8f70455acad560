/* SPDX-License-Identifier: MIT
 *
 * redis_target.c - where a Redis is: coturn's redis-userdb.
 */
#include "redis_target.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_PORT 6379
#define DEFAULT_TIMEOUT_S 5

enum field { HOST, PORT, DATABASE, USER, PASSWORD, TIMEOUT };

static const struct word {
  const char *name;
  enum field field;
} words[] = {
  { "ip", HOST },
  { "host", HOST },
  { "addr", HOST },
  { "ipaddr", HOST },
  { "hostaddr", HOST },
  { "port", PORT },
  { "p", PORT },
  { "dbname", DATABASE },
  { "db", DATABASE },
  { "database", DATABASE },
  { "user", USER },
  { "username", USER },
  { "password", PASSWORD },
  { "pwd", PASSWORD },
  { "passwd", PASSWORD },
  { "secret", PASSWORD },
  { "timeout", TIMEOUT },
  { "connect_timeout", TIMEOUT },
};

static bool
copy(char *out, size_t cap, const char *value, size_t len)
{
  if (len >= cap)
    return false;
  memcpy(out, value, len);
  out[len] = '\0';
  return true;
}

static bool
read_number(const char *value, size_t len, uint64_t min, uint64_t max,
            uint64_t *number)
{
  char digits[16];

  return copy(digits, sizeof digits, value, len) && number_read(digits, number)
         && *number >= min && *number <= max;
}

static bool
take(struct redis_target *t, enum field field, const char *value, size_t len)
{
  uint64_t number = 0;
  bool good;

  switch (field) {
  case HOST:
    return len > 0 && copy(t->host, sizeof t->host, value, len);
  case USER:
    return copy(t->user, sizeof t->user, value, len);
  case PASSWORD:
    return copy(t->password, sizeof t->password, value, len);
  case PORT:
    good = read_number(value, len, 1, 65535, &number);
    t->port = (uint16_t)number;
    return good;
  case DATABASE:
    good = read_number(value, len, 0, 1000000, &number);
    t->database = (unsigned)number;
    return good;
  case TIMEOUT:
    good = read_number(value, len, 1, 3600, &number);
    t->timeout_s = (unsigned)number;
    return good;
  }
  return false;
}

static const struct word *
find(const char *name, size_t len)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i].name) == len && memcmp(words[i].name, name, len) == 0)
      return &words[i];
  return NULL;
}

bool
redis_target_read(struct redis_target *target, const char *text,
                  char fault[OPTION_FAULT])
{
  struct redis_target t = { .host = "127.0.0.1",
                            .port = DEFAULT_PORT,
                            .timeout_s = DEFAULT_TIMEOUT_S };
  unsigned number = 0;

  for (text += strspn(text, " \t"); *text != '\0';
       text += strspn(text, " \t")) {
    size_t len = strcspn(text, " \t"), at = 0;
    const struct word *word;

    number++;
    while (at < len && text[at] != '=')
      at++;
    word = at < len ? find(text, at) : NULL;
    if (word == NULL) { /* it may be the rest of a password with a blank */
      snprintf(fault, OPTION_FAULT,
               "redis-userdb: word %u is none of ip=, port=, dbname=, user=, "
               "password=, connect_timeout=",
               number);
      return false;
    }
    if (!take(&t, word->field, text + at + 1, len - at - 1)) {
      snprintf(fault, OPTION_FAULT, "redis-userdb: the value of %s is wrong",
               word->name);
      return false;
    }
    text += len;
  }
  *target = t;
  return true;
}
