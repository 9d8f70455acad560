/* SPDX-License-Identifier: MIT
 *
 * credential_files.c - credentials from htdigest files and turnserver.conf.
 */
#include "credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* Take one line; null if it is well-formed, or what is wrong with it. */
typedef const char *take_line(struct credentials *c, char *line);

/* WITHOUT is said of a file that has no credentials, nor a realm for those from
   elsewhere. */
static bool
read_lines(struct credentials *c, const char *path, take_line *take,
           const char *without, char *fault)
{
  char *text = file_read(path), *line = text, *next;
  const char *wrong = NULL;
  unsigned number = 0;
  size_t before = c->n;
  bool read;

  if (text == NULL) {
    snprintf(fault, OPTION_FAULT, "%.200s: %s", path,
             errno == EILSEQ ? "is no text; save it as UTF-8"
                             : strerror(errno));
    return false;
  }
  for (; line != NULL && wrong == NULL; line = next) {
    next = strchr(line, '\n');
    if (next != NULL)
      *next++ = '\0';
    number++;
    wrong = take(c, line);
  }
  read = wrong == NULL && (c->n > before || c->server_realm != NULL);
  if (wrong != NULL)
    snprintf(fault, OPTION_FAULT, "%.200s, line %u: %s", path, number, wrong);
  else if (!read)
    snprintf(fault, OPTION_FAULT, "%.200s: %s", path, without);
  saturn_wipe(text, strlen(text));
  free(text);
  return read;
}

static const char *
take_htdigest(struct credentials *c, char *line)
{
  char *digest = strrchr(line, ':'), *colon = strchr(line, ':');

  line[strcspn(line, "\r")] = '\0';
  if (*line == '\0' || *line == '#')
    return NULL;
  if (digest == NULL || digest == colon)
    return "not of the form user:realm:digest";
  *colon = *digest = '\0';
  if (!credentials_add_digest(c, "--htdigest", line, colon + 1, digest + 1))
    return "the digest has not 32 (MD5) or 64 (SHA-256) hexadecimal digits";
  return NULL;
}

bool
credentials_htdigest(void *target, const char *value, char *fault)
{
  return read_lines(target, value, take_htdigest,
                    "has no line user:realm:digest", fault);
}

static const char *
take_user(struct credentials *c, char *value)
{
  char *colon = strchr(value, ':');

  if (colon == NULL)
    return "user= is not of the form name:password";
  *colon++ = '\0';
  if (strncmp(colon, "0x", 2) != 0)
    credentials_add(c, CREDENTIAL_PASSWORD, "-c", value, NULL, text_of(colon));
  else if (!credentials_add_digest(c, "-c", value, NULL, colon + 2))
    return "the key behind 0x has not 32 or 64 hexadecimal digits";
  return NULL;
}

/* Databases of users that a turnserver.conf names. One that is not here takes
   nothing from the credentials that are. */
static void
take_database(struct credentials *c, const struct option_line *line)
{
  static const struct {
    const char *name;
    option_call *take; /* null: of a kind that is not read here */
  } databases[] = {
    { "userdb", credentials_userdb },
    { "db", credentials_userdb },
    { "htdigest", credentials_htdigest },
    { "psql-userdb", NULL },
    { "sql-userdb", NULL },
    { "mysql-userdb", NULL },
    { "mongo-userdb", NULL },
    { "redis-userdb", NULL },
  };
  char fault[OPTION_FAULT] = "this database is not read here";

  for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
    if (strcmp(line->name, databases[i].name) == 0
        && (databases[i].take == NULL
            || !databases[i].take(c, line->value, fault)))
      complain("%s of the configuration: %s; its users are left out",
               line->name, fault);
}

/* What else a turnserver.conf says is not about credentials. */
static const char *
take_conf(struct credentials *c, char *text)
{
  struct option_line line = option_line(text);

  if (line.name == NULL || line.value == NULL)
    return NULL;
  take_database(c, &line);
  if (strcmp(line.name, "user") == 0)
    return line.fault != NULL ? line.fault : take_user(c, line.value);
  if (strcmp(line.name, "static-auth-secret") == 0)
    credentials_add(c, CREDENTIAL_SECRET, "-c", NULL, NULL,
                    text_of(line.value));
  if (strcmp(line.name, "realm") == 0) {
    free(c->server_realm);
    c->server_realm = strdup(line.value);
  }
  return NULL;
}

bool
credentials_conf(void *target, const char *value, char *fault)
{
  return read_lines(target, value, take_conf,
                    "names no user, secret or database that can be read",
                    fault);
}
