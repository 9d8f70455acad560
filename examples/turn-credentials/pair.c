/* SPDX-License-Identifier: MIT
 *
 * pair.c - credentials that expire (T-580 to T-590).
 */
#include "pair.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "uri_read.h"
#include "when.h"

struct pair {
  char username[SATURN_EPHEMERAL_NAME_MAX + 1];
  char password[SATURN_EPHEMERAL_PASSWORD_MAX + 1];
  uint64_t expiry_s;
};

/* Is the name read as it was meant? A user of digits would be taken for the
   time. */
static bool
reads_back(const struct settings *s, const struct pair *pair)
{
  struct saturn_ephemeral e;

  return saturn_ephemeral_check(&s->policy, text_of(pair->username), s->now_s,
                                &e)
             == SATURN_WHY_NOTHING
         && e.expiry_s == pair->expiry_s
         && (*s->user == '\0'
             || (e.user.len == strlen(s->user)
                 && memcmp(e.user.data, s->user, e.user.len) == 0));
}

static bool
write_name(const struct settings *s, struct pair *pair)
{
  size_t len;

  if (s->user_first && *s->user != '\0') {
    char separator = s->policy.separator == 0 ? ':' : s->policy.separator;

    len = (size_t)snprintf(pair->username, sizeof pair->username,
                           "%s%c%" PRIu64, s->user, separator, pair->expiry_s);
    return len < sizeof pair->username && pair->expiry_s <= 999999999999;
  }
  if (saturn_ephemeral_username(&s->policy, pair->expiry_s, text_of(s->user),
                                (uint8_t *)pair->username,
                                SATURN_EPHEMERAL_NAME_MAX, &len)
      != SATURN_OK)
    return false;
  pair->username[len] = '\0';
  return true;
}

static struct pair
make(const struct settings *s)
{
  struct pair pair = { .expiry_s = s->now_s + s->ttl_s };
  size_t len;

  if (s->secrets.n != 1)
    die(EXIT_USAGE, "give one --secret to make a pair with, not %zu",
        s->secrets.n);
  if (!write_name(s, &pair))
    die(EXIT_USAGE, "--user: too long, or --ttl too far ahead");
  if (!reads_back(s, &pair))
    die(EXIT_USAGE, "--user: with --user-first, a name of digits alone would "
                    "be taken for the time");
  len = saturn_ephemeral_password((enum saturn_mac)s->policy.mac,
                                  text_of(s->secrets.items[0]),
                                  text_of(pair.username), pair.password);
  pair.password[len] = '\0';
  return pair;
}

static void
print_object(json_t *object)
{
  json_dumpf(object, stdout, JSON_COMPACT);
  putchar('\n');
  json_decref(object);
}

enum exit_code
pair_print(const struct settings *s)
{
  struct pair pair = make(s);
  char date[DATE_TEXT], span[SPAN_TEXT];

  if (s->json)
    print_object(json_pack("{s:s, s:s, s:I, s:I}", "username", pair.username,
                           "password", pair.password, "ttl",
                           (json_int_t)s->ttl_s, "expires",
                           (json_int_t)pair.expiry_s));
  else
    printf("username  %s\npassword  %s\nexpires   %s, in %s\n", pair.username,
           pair.password, date_text(pair.expiry_s, date),
           span_text(s->ttl_s, span));
  saturn_wipe(&pair, sizeof pair);
  return EXIT_GOOD;
}

enum exit_code
pair_print_ice_servers(const struct settings *s)
{
  json_t *stun = json_array(), *turn = json_array(), *servers = json_array();
  struct saturn_uri uri;

  if (s->uris.n == 0)
    die(EXIT_USAGE, "--ice-servers: give the URIs of the servers");
  for (size_t i = 0; i < s->uris.n; i++) {
    const char *text = s->uris.items[i], *fault = uri_read(text, &uri);

    if (fault != NULL)
      die(EXIT_USAGE, "%.200s: %s (character %zu)", text, fault, uri.fault + 1);
    json_array_append_new(uri.turn ? turn : stun, json_string(text));
  }
  if (json_array_size(stun) > 0)
    json_array_append_new(servers, json_pack("{s:O}", "urls", stun));
  if (json_array_size(turn) > 0) {
    struct pair pair = make(s);

    json_array_append_new(servers, json_pack("{s:O, s:s, s:s}", "urls", turn,
                                             "username", pair.username,
                                             "credential", pair.password));
    saturn_wipe(&pair, sizeof pair);
  }
  print_object(json_pack("{s:o}", "iceServers", servers));
  json_decref(stun);
  json_decref(turn);
  return EXIT_GOOD;
}
