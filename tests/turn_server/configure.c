/* SPDX-License-Identifier: MIT
 *
 * configure.c - the words in the head of a row, and of "reload" and "set".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static unsigned long
number_of(const char *text)
{
  return strtoul(text, NULL, 0);
}

static struct saturn_ip_range
range_of(const struct script *s, const char *text)
{
  struct saturn_ip_range range;

  FAIL_UNLESS(s, saturn_ip_range_parse(&range, text_of(text)) == SATURN_OK,
              "no range: %s", text);
  return range;
}

static void
allow(struct script *s, const char *text)
{
  s->w.allow[s->w.peers.n_allow++] = range_of(s, text);
}

static void
deny(struct script *s, const char *text)
{
  s->w.deny[s->w.peers.n_deny++] = range_of(s, text);
}

static void
no_allow(struct script *s, const char *text)
{
  (void)text;
  s->w.peers.n_allow = 0;
}

static void
unsafe_loopback(struct script *s, const char *text)
{
  (void)text;
  s->w.peers.unsafe_loopback = true;
}

static void
link_local(struct script *s, const char *text)
{
  (void)text;
  s->w.peers.link_local = true;
}

static void
own(struct script *s, const char *text)
{
  s->w.own[s->w.peers.n_own++].address = script_address(s, text);
}

static void
own_relay(struct script *s, const char *text)
{
  own(s, text);
  s->w.own[s->w.peers.n_own - 1].relay = true;
}

static void
alternate(struct script *s, const char *text)
{
  char word[128];
  struct saturn_turn_alternate *a =
      &s->w.alternates[s->w.config.n_alternates++];
  const char *rest;

  s->w.config.alternates = s->w.alternates;
  ck_assert(next_word(&text, ',', word, sizeof word));
  a->address = script_address(s, word);
  while (next_word(&text, ',', word, sizeof word))
    if (script_starts(word, "transports:", &rest))
      a->transports = (uint8_t)number_of(rest);
    else if (script_starts(word, "free:", &rest))
      a->free_relays = (uint32_t)number_of(rest);
    else if (script_starts(word, "domain:", &rest))
      a->domain = unhex(hex(text_of(rest)));
}

static void
ports(struct script *s, const char *text)
{
  s->w.config.first_port = (uint16_t)number_of(text);
  s->w.config.last_port = (uint16_t)number_of(strchr(text, '-') + 1);
  s->w.peers.first_port = s->w.config.first_port;
  s->w.peers.last_port = s->w.config.last_port;
}

static void
relay(struct script *s, const char *text)
{
  s->w.addresses[s->w.config.n_addresses++].bound = script_address(s, text);
}

static void
first_relay(struct script *s, const char *text)
{
  s->w.addresses[0].bound = script_address(s, text);
}

static void
advertise(struct script *s, const char *text)
{
  s->w.addresses[0].advertised = script_address(s, text);
}

static void
realm(struct script *s, const char *text)
{
  s->w.config.policy.realm = unhex(hex(text_of(text)));
}

static void
software(struct script *s, const char *text)
{
  s->w.config.software = unhex(hex(text_of(text)));
}

/* user=name,account:x,limit:n,removed,barred,full,immobile,life:n,password:x */
static void
user(struct script *s, const char *text)
{
  struct account *u;
  char word[64];
  const char *rest;

  ck_assert(next_word(&text, ',', word, sizeof word));
  u = world_user(&s->w, text_of(word));
  if (u == NULL) {
    u = &s->w.users[s->w.users[2].name == NULL ? 2 : 3];
    u->name =
        (const char *)unhex(hex(saturn_view(word, strlen(word) + 1))).data;
    u->password = "another's";
  }
  while (next_word(&text, ',', word, sizeof word)) {
    u->removed |= strcmp(word, "removed") == 0;
    u->barred |= strcmp(word, "barred") == 0;
    u->immobile |= strcmp(word, "immobile") == 0;
    u->full |= strcmp(word, "full") == 0;
    if (script_starts(word, "account:", &rest))
      u->account =
          (const char *)unhex(hex(saturn_view(rest, strlen(rest) + 1))).data;
    if (script_starts(word, "life:", &rest))
      u->max_lifetime_s = (uint32_t)number_of(rest);
    if (script_starts(word, "limit:", &rest)) {
      u->limited = true;
      u->max_relays = (uint32_t)number_of(rest);
    }
  }
}

static void
open_how(struct script *s, const char *text)
{
  static const char *const ways[] = { "now", "later", "in_use", "fails",
                                      "v6_fails" };
  const char *count = strchr(text, ':');
  int i = 0;

  while (strncmp(ways[i], text, strlen(ways[i])) != 0)
    ck_assert_int_lt(++i, 5);
  s->w.opening = (enum opening)i;
  s->w.openings = count == NULL ? 1000000 : (int)number_of(count + 1);
}

static void
look_up_how(struct script *s, const char *text)
{
  s->w.slow_look_up = strcmp(text, "slow") == 0;
}

static void
ephemeral(struct script *s, const char *text)
{
  s->w.ephemeral[s->w.ephemeral[0] != NULL] =
      (const char *)unhex(hex(saturn_view(text, strlen(text) + 1))).data;
}

static void
horizon(struct script *s, const char *text)
{
  s->w.ephemeral_policy.horizon_s = number_of(text);
}

static void
new_form_only(struct script *s, const char *text)
{
  (void)text;
  s->w.ephemeral_policy.refuse_user_first = true;
}

static void
clock_at(struct script *s, const char *text)
{
  s->w.start_s = number_of(text) - (s->w.now - START_MS) / 1000;
}

static const struct {
  const char *word;
  void (*set)(struct script *s, const char *text);
} words[] = {
  { "no_allow", no_allow },
  { "link_local", link_local },
  { "unsafe_loopback", unsafe_loopback },
  { "allow=", allow },
  { "deny=", deny },
  { "own=", own },
  { "own_relay=", own_relay },
  { "alternate=", alternate },
  { "ports=", ports },
  { "relay=", relay },
  { "first_relay=", first_relay },
  { "advertise=", advertise },
  { "realm=", realm },
  { "software=", software },
  { "user=", user },
  { "open=", open_how },
  { "look_up=", look_up_how },
  { "ephemeral=", ephemeral },
  { "horizon=", horizon },
  { "new_form_only", new_form_only },
  { "clock=", clock_at },
};

/* Fields of the configuration that are numbers or flags. */
#define FIELD(name)                                                            \
  {                                                                            \
#name, offsetof(struct saturn_turn_config, name),                          \
        sizeof((struct saturn_turn_config *)0)->name                           \
  }
static const struct {
  const char *name;
  size_t at, size;
} fields[] = {
  FIELD(anonymous),
  FIELD(terse),
  FIELD(relay_where_asked),
  FIELD(unauthorized_per_s),
  FIELD(max_relays),
  FIELD(max_permissions),
  FIELD(max_channels),
  FIELD(max_connections),
  FIELD(may_move),
  FIELD(user_relays),
  FIELD(permissions_each),
  FIELD(channels_each),
  FIELD(connections_each),
  FIELD(user_bandwidth),
  FIELD(total_bandwidth),
  FIELD(default_lifetime_s),
  FIELD(max_lifetime_s),
  FIELD(reservation_s),
  FIELD(quarantine_s),
  FIELD(fingerprint),
  FIELD(binding),
  FIELD(mobility),
  FIELD(no_udp_relays),
  FIELD(tcp_relays),
  FIELD(no_dont_fragment),
  FIELD(ecn),
  FIELD(legacy_channels),
  FIELD(even_port_len4),
  FIELD(icmp_octets),
  FIELD(channel_permitted),
  FIELD(redirect),
  FIELD(redirect_before_auth),
  FIELD(policy.nonce_lifetime_s),
  FIELD(policy.sha256),
  FIELD(policy.anonymity),
  FIELD(policy.nonce_first),
};

static bool
set_field(struct script *s, const char *word)
{
  size_t len = strcspn(word, "="), i;
  uint64_t value = word[len] == '=' ? number_of(word + len + 1) : 1;
  uint16_t value16 = (uint16_t)value;
  uint32_t value32 = (uint32_t)value;
  uint8_t value8 = (uint8_t)value;
  const void *source;

  for (i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (strlen(fields[i].name) != len || memcmp(fields[i].name, word, len) != 0)
      continue;
    source = fields[i].size == 1   ? (const void *)&value8
             : fields[i].size == 2 ? (const void *)&value16
             : fields[i].size == 4 ? (const void *)&value32
                                   : (const void *)&value;
    memcpy((char *)&s->w.config + fields[i].at, source, fields[i].size);
    return true;
  }
  return false;
}

/* The servers of the table. */
static const struct {
  const char *name, *words;
} servers[] = {
  { "S0", "allow=192.0.2.0/24 allow=198.51.100.0/24 allow=203.0.113.0/24 "
          "allow=2001:db8::/32 own=10.1.0.2:3478 own_relay=10.1.0.2" },
  { "S6", "S0 relay=2001:db8:0:1::2 own_relay=2001:db8:0:1::2" },
  { "SD", "own=10.1.0.2:3478 own_relay=10.1.0.2 relay=2001:db8:0:1::2 "
          "own_relay=2001:db8:0:1::2" },
  { "SN", "S0 advertise=203.0.113.10 own_relay=203.0.113.10" },
  { "SA", "S0 alternate=203.0.113.11:3478" },
  { "SL", "S0 legacy_channels" },
  { "ST", "S0 tcp_relays max_connections=64" },
  { "SM", "S0 mobility=1" },
  { "SE", "S0 ephemeral=north" },
};

static bool
set_server(struct script *s, const char *name)
{
  const char *text;
  char word[128];
  size_t i;

  for (i = 0; i < sizeof servers / sizeof *servers; i++)
    if (strcmp(servers[i].name, name) == 0) {
      text = servers[i].words;
      while (next_word(&text, ' ', word, sizeof word))
        script_configure(s, word);
      return true;
    }
  return false;
}

void
script_configure(struct script *s, const char *word)
{
  const char *rest;
  size_t i;

  for (i = 0; i < sizeof words / sizeof *words; i++)
    if (script_starts(word, words[i].word, &rest)) {
      words[i].set(s, rest);
      return;
    }
  FAIL_UNLESS(s, set_server(s, word) || set_field(s, word), "no setting: %s",
              word);
}
