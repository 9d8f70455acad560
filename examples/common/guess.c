/* SPDX-License-Identifier: MIT
 *
 * guess.c - which secret made a password, and how.
 */
#include "guess.h"

#include <stdio.h>
#include <string.h>

#include "forms.h"
#include "names.h"
#include "saturn/text.h"

/* Room for a digest in any encoding. */
#define ENCODED_MAX 96

/* What a service may do to the base64 of an HMAC. */
enum encoding {
  ENCODING_PLAIN = 0,
  ENCODING_URL_SAFE = 1,
  ENCODING_UNPADDED = 2,
  ENCODING_HEX = 4,
  ENCODING_CAPITALS = 8,
  ENCODING_HEX_IN_BASE64 = 16
};

static const struct encoding_row {
  unsigned encoding;
  struct {
    enum finding_name finding;
    const char *said;
  } steps[2];
} encodings[] = {
  { ENCODING_PLAIN, { { FINDING_UNKNOWN, NULL } } },
  { ENCODING_UNPADDED,
    { { FINDING_PASSWORD_PADDING, "without its padding" } } },
  { ENCODING_URL_SAFE,
    { { FINDING_PASSWORD_URLSAFE, "in the URL-safe alphabet" } } },
  { ENCODING_URL_SAFE | ENCODING_UNPADDED,
    { { FINDING_PASSWORD_URLSAFE, "in the URL-safe alphabet" },
      { FINDING_PASSWORD_PADDING, "without its padding" } } },
  { ENCODING_HEX, { { FINDING_PASSWORD_HEX, "in hexadecimal" } } },
  { ENCODING_HEX | ENCODING_CAPITALS,
    { { FINDING_PASSWORD_HEX, "in hexadecimal capitals" } } },
  { ENCODING_HEX_IN_BASE64,
    { { FINDING_PASSWORD_HEX, "in hexadecimal, and that in base64" } } },
};

#define ENCODINGS (sizeof encodings / sizeof *encodings)

/* One way from secret and name to the password. */
struct way {
  size_t secret;
  const struct form *key;
  const struct hashed *name;
  const struct encoding_row *encoding;
  const struct form *password;
  bool other_mac, is_secret;
};

static unsigned
cost_of(const struct way *way)
{
  unsigned cost = way->key->n + way->password->n;

  if (way->is_secret)
    return cost + 1;
  cost += way->name->deviates;
  cost += way->other_mac;
  for (size_t i = 0; i < 2; i++)
    cost += way->encoding->steps[i].said != NULL;
  return cost;
}

static size_t
hex_of(const char *base64, size_t len, bool capitals, char *out)
{
  const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
  uint8_t digest[SATURN_DIGEST_MAX + 4];
  size_t n = 0;

  if (saturn_base64_decode(saturn_view(base64, len), digest, sizeof digest, &n)
      != SATURN_OK)
    return 0;
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  saturn_wipe(digest, sizeof digest);
  return 2 * n;
}

/* Encode anew what is in base64 with padding. Returns the length. */
static size_t
encode(unsigned encoding, const char *base64, size_t len, char *out)
{
  char hex[2 * SATURN_DIGEST_MAX + 8];
  size_t n;

  if ((encoding & ENCODING_HEX) != 0)
    return hex_of(base64, len, (encoding & ENCODING_CAPITALS) != 0, out);
  if (encoding == ENCODING_HEX_IN_BASE64) {
    n = hex_of(base64, len, false, hex);
    saturn_base64_encode(saturn_view(hex, n), out);
    return saturn_base64_size(n);
  }
  for (size_t i = 0; i < len; i++) {
    bool safe = (encoding & ENCODING_URL_SAFE) != 0;

    out[i] = safe && base64[i] == '+'   ? '-'
             : safe && base64[i] == '/' ? '_'
                                        : base64[i];
  }
  while ((encoding & ENCODING_UNPADDED) != 0 && out[len - 1] == '=')
    len--;
  return len;
}

/* What a search is about, and the best way so far. */
struct search {
  const struct question *question;
  enum saturn_mac mac;
  const struct forms *passwords;
  const struct hashed *names;
  size_t n_names;
  struct way best;
  unsigned least; /* its cost */
};

static bool
equal(const struct search *search, const void *text, size_t len,
      const struct form *password)
{
  const struct question *q = search->question;

  if (q->fits != NULL)
    return q->fits(q->context, saturn_view(text, len));
  return len == password->len && memcmp(text, password->data, len) == 0;
}

static void
consider(struct search *search, const struct way *way)
{
  unsigned cost = cost_of(way);

  if (cost < search->least) {
    search->best = *way;
    search->least = cost;
  }
}

/* Compare what a key makes of a name with all forms of the password. */
static void
try_name(struct search *search, struct way *way)
{
  char base64[SATURN_EPHEMERAL_PASSWORD_MAX], text[ENCODED_MAX];
  size_t len, n;

  for (unsigned other = 0; other < 2; other++) {
    way->other_mac = other != 0;
    len = saturn_ephemeral_password(
        (search->mac == SATURN_HMAC_SHA256) != way->other_mac
            ? SATURN_HMAC_SHA256
            : SATURN_HMAC_SHA1,
        form_bytes(way->key), saturn_view(way->name->data, way->name->len),
        base64);
    for (size_t i = 0; i < ENCODINGS; i++) {
      way->encoding = &encodings[i];
      n = encode(encodings[i].encoding, base64, len, text);
      for (size_t j = 0; j < search->passwords->n; j++) {
        way->password = &search->passwords->items[j];
        if (cost_of(way) < search->least
            && equal(search, text, n, way->password))
          consider(search, way);
      }
    }
  }
  saturn_wipe(base64, sizeof base64);
  saturn_wipe(text, sizeof text);
}

/* Try all forms of a secret. */
static void
try_secret(struct search *search, size_t secret, const struct forms *keys)
{
  struct way way = { secret,      keys->items, search->names, encodings,
                     keys->items, false,       false };

  for (size_t i = 0; i < keys->n; i++) {
    way.key = &keys->items[i];
    if (way.key->n >= search->least)
      continue;
    way.is_secret = true;
    for (size_t j = 0; j < search->passwords->n; j++) {
      way.password = &search->passwords->items[j];
      if (cost_of(&way) < search->least
          && equal(search, way.key->data, way.key->len, way.password))
        consider(search, &way);
    }
    way.is_secret = false;
    for (size_t j = 0; j < search->n_names; j++) {
      way.name = &search->names[j];
      if (way.key->n + way.name->deviates < search->least)
        try_name(search, &way);
    }
  }
}

static void
add(struct guess *g, enum finding_name finding, const char *how,
    const char *said)
{
  size_t i = 0, len;

  while (i < g->n && g->deviations[i].finding != finding)
    i++;
  if (i == GUESS_MAX)
    return;
  len = i < g->n ? strlen(g->deviations[i].seen) : 0;
  g->deviations[i].finding = finding;
  snprintf(g->deviations[i].seen + len, GUESS_TEXT - len, "%s %s",
           i < g->n ? ", then" : how, said);
  if (i == g->n)
    g->n++;
}

static void
explain_secret(struct guess *g, const struct way *way, bool several)
{
  char how[48] = "made with the secret";

  if (several)
    snprintf(how, sizeof how, "made with secret %zu", way->secret + 1);
  for (unsigned i = 0; i < way->key->n; i++)
    add(g, way->key->steps[i].finding, how, way->key->steps[i].said);
}

/* Name the deviations of the way that was found. */
static void
explain(struct guess *g, const struct way *way, enum saturn_mac mac,
        bool several)
{
  explain_secret(g, way, several);
  for (unsigned i = 0; i < way->password->n; i++)
    add(g, way->password->steps[i].finding, "it fits",
        way->password->steps[i].said);
  if (way->is_secret) {
    add(g, FINDING_SECRET_PASSWORD, "the password is", "the secret itself");
    return;
  }
  if (way->name->deviates)
    add(g, way->name->finding, "made from", way->name->said);
  if (way->other_mac)
    add(g, FINDING_PASSWORD_SHA256, "made with",
        mac == SATURN_HMAC_SHA256 ? "HMAC-SHA1, not HMAC-SHA256"
                                  : "HMAC-SHA256, not HMAC-SHA1");
  for (size_t i = 0; i < 2; i++)
    if (way->encoding->steps[i].said != NULL)
      add(g, way->encoding->steps[i].finding, "the right HMAC,",
          way->encoding->steps[i].said);
}

struct guess
guess(const struct question *q, struct saturn_bytes name)
{
  struct hashed names[HASHED_MAX];
  struct forms passwords = { NULL, 0 };
  struct guess g = { .found = false };
  struct search search = { .question = q,
                           .mac = q->mac,
                           .passwords = &passwords,
                           .names = names,
                           .least = (q->most > 0 ? q->most : GUESS_MAX) + 1 };

  forms_of_password(&passwords, q->password);
  search.n_names =
      names_hashed(name, q->separator == 0 ? ':' : q->separator, names);
  for (size_t i = 0; i < q->n; i++) {
    struct forms keys = { NULL, 0 };
    unsigned before = search.least;

    forms_of_secret(&keys, q->secrets[i]);
    try_secret(&search, i, &keys);
    if (search.least < before) {
      g = (struct guess){ .found = true, .secret = i };
      explain(&g, &search.best, search.mac, q->n > 1);
    }
    forms_clear(&keys);
  }
  forms_clear(&passwords);
  return g;
}
