/* SPDX-License-Identifier: MIT
 *
 * probe.c - refused credentials: which part of them is wrong, as far as a
 * server tells.
 */
#include "probe.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "saturn/ephemeral.h"

/* A server must not be disturbed: so many tries, and so far apart. */
#define TRIES_MAX 6
#define PAUSE_MS 1000

#define WORD_MAX 800

/* What the server says to other credentials than the user's. */
struct variant {
  const char *username, *password;
  const char *realm; /* null: the one that the server offers */
  bool wrong_nonce;
};

/* What it said. */
struct reply {
  bool answered, success;
  uint16_t code;
  char reason[128];
  size_t len;
};

struct probe {
  struct ladder *ladder;
  unsigned tries;
  struct reply bogus, bogus_nonce; /* to a user that cannot exist */
};

/* Add a sentence to what is told. */
static void __attribute__((format(printf, 2, 3)))
tell(struct check *check, const char *format, ...)
{
  size_t len = strlen(check->told);
  va_list arguments;

  if (len > 0 && len + 1 < sizeof check->told) {
    check->told[len++] = ' ';
    check->told[len] = '\0';
  }
  va_start(arguments, format);
  vsnprintf(check->told + len, sizeof check->told - len, format, arguments);
  va_end(arguments);
}

/* As if the server had offered another realm or nonce than it did. */
static void
adopt(struct asker *a, const struct variant *v)
{
  uint8_t buf[2048], tid[SATURN_TID_SIZE] = { 0 };
  struct saturn_bytes realm = saturn_login_realm(&a->login), nonce, message;
  struct saturn_builder b;
  struct saturn_message m;
  char wrong[763];

  if (saturn_get_bytes(&a->answer, SATURN_ATTR_NONCE, &nonce) != SATURN_OK
      || nonce.len == 0 || nonce.len > sizeof wrong)
    return;
  memcpy(wrong, nonce.data, nonce.len);
  if (v->wrong_nonce) /* in its last place, so that it looks like one */
    wrong[nonce.len - 1] = wrong[nonce.len - 1] == '0' ? '1' : '0';
  saturn_begin(&b, buf, sizeof buf, SATURN_FAILURE, SATURN_METHOD_ALLOCATE,
               tid);
  saturn_put_text(&b, SATURN_ATTR_REALM,
                  v->realm != NULL ? text_of(v->realm) : realm);
  saturn_put_text(&b, SATURN_ATTR_NONCE, saturn_view(wrong, nonce.len));
  if (saturn_finish(&b, &message) == SATURN_OK
      && saturn_parse(&m, message) == SATURN_OK)
    saturn_login_adopt(&a->login, &m);
}

static void
put_allocate(struct saturn_builder *b, const void *context)
{
  (void)context;
  saturn_put_u8(b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
}

static void
put_deletion(struct saturn_builder *b, const void *context)
{
  (void)context;
  saturn_put_u32(b, SATURN_ATTR_LIFETIME, 0);
}

static void
ask_both(struct probe *p, struct asker *a, const struct variant *v,
         struct reply *reply)
{
  uint64_t patience = p->ladder->settings->patience_ms;
  const struct exchange *last = &a->wire.last;

  if (asker_ask(a, SATURN_METHOD_ALLOCATE, put_allocate, NULL, patience)
      || last->end != WIRE_ANSWERED || last->answer != SATURN_RETRY)
    return;
  if (v->realm != NULL || v->wrong_nonce)
    adopt(a, v);
  reply->success =
      asker_ask(a, SATURN_METHOD_ALLOCATE, put_allocate, NULL, patience);
  reply->answered = last->end == WIRE_ANSWERED;
  reply->code = last->code;
  snprintf(reply->reason, sizeof reply->reason, "%s", last->reason);
  reply->len = a->answer.raw.len;
  if (reply->success)
    asker_ask(a, SATURN_METHOD_REFRESH, put_deletion, NULL, 3500);
}

/* Try a variant from a new port. False: there may be no more tries, or nothing
   came of it. */
static bool
try_variant(struct probe *p, const struct variant *v, struct reply *reply)
{
  struct ladder *l = p->ladder;
  saturn_ms next = now_ms() + PAUSE_MS;
  struct asker *a;

  *reply = (struct reply){ 0 };
  if (p->tries == TRIES_MAX || l->events->interrupted)
    return false;
  p->tries++;
  complain("probing, %u of at most %d", p->tries, TRIES_MAX);
  while (now_ms() < next && !l->events->interrupted)
    events_wait(l->events, next);
  a = allocate(sizeof *a);
  if (asker_open(a, l->events, l->settings, &l->target, l->plan->host)) {
    a->login.username = text_of(v->username);
    a->login.password = text_of(v->password);
    ask_both(p, a, v, reply);
  }
  asker_close(a);
  events_wait(l->events, 0);
  free(a);
  return reply->answered;
}

static bool
same_reply(const struct reply *a, const struct reply *b, size_t slack)
{
  return a->code == b->code && strcmp(a->reason, b->reason) == 0
         && a->len <= b->len + slack && b->len <= a->len + slack;
}

/* Does the server answer a user that cannot exist as it answers ours? */
static void
probe_user(struct probe *p)
{
  const struct settings *s = p->ladder->settings;
  struct check *check = p->ladder->check;
  char name[64];
  uint32_t number;
  const struct variant nobody = { name, s->password, NULL, false };
  const struct variant ours = { s->username, s->password, NULL, false };
  struct reply reply;

  random_bytes(&number, sizeof number);
  snprintf(name, sizeof name, "saturn-probe-%08x", number);
  if (!try_variant(p, &nobody, &p->bogus) || !try_variant(p, &ours, &reply))
    return;
  if (reply.success) {
    tell(check, "The same credentials were accepted from another port: nodes "
                "or rules differ, not the password.");
    return;
  }
  /* The user name may stand in the answer. */
  if (same_reply(&p->bogus, &reply, 64)) {
    tell(check,
         "A user that cannot exist is answered alike (%u): the answer "
         "does not tell an unknown user from a wrong password.",
         reply.code);
    return;
  }
  tell(check,
       "A user that cannot exist is answered otherwise (%u %s): so this "
       "user is known, and the password wrong.",
       p->bogus.code, p->bogus.reason);
  check->verdict = verdict(FINDING_PASSWORD);
}

/* Servers in the order of RFC 8489 look at the nonce only after the
   password. */
static void
probe_nonce(struct probe *p)
{
  const struct settings *s = p->ladder->settings;
  struct check *check = p->ladder->check;
  const struct variant nobody = { "saturn-probe-nobody", s->password, NULL,
                                  true };
  const struct variant ours = { s->username, s->password, NULL, true };
  struct reply reply;

  if (!try_variant(p, &ours, &reply))
    return;
  if (reply.code != 438) {
    tell(check,
         "With a wrong nonce the answer is %u, not 438: the server looks at "
         "user and password first, and refuses them%s.",
         reply.code,
         reply.code == 401 ? ", or it says 401 to an old nonce too" : "");
    return;
  }
  if (!try_variant(p, &nobody, &p->bogus_nonce))
    return;
  if (p->bogus_nonce.code == 438) {
    tell(check, "With a wrong nonce everyone is answered 438: that says "
                "nothing about the password.");
    return;
  }
  tell(check,
       "With a wrong nonce the answer is 438, and %u for a user that "
       "cannot exist: user and password are right, the refusal has "
       "another reason.",
       p->bogus_nonce.code);
}

/* A password as it may have been meant: without what was pasted with it. Null
   if there is nothing to take off. */
static char *
trimmed(const char *password, bool *quotes)
{
  size_t len = strlen(password), start = 0;
  char *copy;

  while (start < len && isspace((unsigned char)password[start]))
    start++;
  while (len > start && isspace((unsigned char)password[len - 1]))
    len--;
  *quotes = len - start >= 2 && password[start] == password[len - 1]
            && strchr("\"'", password[start]) != NULL;
  if (*quotes) {
    start++;
    len--;
  }
  if (len <= start || len - start == strlen(password))
    return NULL;
  copy = allocate(len - start + 1);
  memcpy(copy, password + start, len - start);
  return copy;
}

static void
probe_password(struct probe *p)
{
  const struct settings *s = p->ladder->settings;
  struct check *check = p->ladder->check;
  bool quotes;
  char *password = trimmed(s->password, &quotes);
  const struct variant v = { s->username, password, NULL, false };
  struct reply reply;

  if (password == NULL)
    return;
  if (try_variant(p, &v, &reply) && reply.success) {
    tell(check, "Without the %s around it the password is accepted.",
         quotes ? "quotes" : "blanks");
    check->verdict =
        verdict(quotes ? FINDING_PASSWORD_QUOTES : FINDING_PASSWORD_BLANK);
  }
  free(password);
}

static void
probe_case(struct probe *p)
{
  const struct settings *s = p->ladder->settings;
  struct check *check = p->ladder->check;
  char name[WORD_MAX];
  const struct variant v = { name, s->password, NULL, false };
  struct reply reply;
  size_t i;

  for (i = 0; s->username[i] != '\0' && i + 1 < sizeof name; i++)
    name[i] = (char)tolower((unsigned char)s->username[i]);
  name[i] = '\0';
  if (strcmp(name, s->username) == 0)
    return;
  if (try_variant(p, &v, &reply) && reply.success) {
    tell(check, "The user %s is accepted with this password.", name);
    check->verdict = verdict(FINDING_USER);
  }
}

static void
probe_realm(struct probe *p)
{
  const struct settings *s = p->ladder->settings;
  struct check *check = p->ladder->check;
  const struct variant v = { s->username, s->password, s->realm, false };
  struct reply reply;

  if (s->realm == NULL || strcmp(s->realm, check->realm) == 0
      || !try_variant(p, &v, &reply))
    return;
  if (reply.success)
    tell(check,
         "With the realm %.100s the server accepts them, though it "
         "offers %.100s.",
         s->realm, check->realm);
  else
    tell(check, "With the realm %.100s the answer is %u.", s->realm,
         reply.code);
}

/* What is known without asking. */
static void
tell_passively(struct ladder *l)
{
  const struct settings *s = l->settings;
  struct check *check = l->check;
  const struct wire *wire = &l->first.wire;
  int64_t ahead = (int64_t)wire->server_s - (int64_t)wall_clock_s();
  bool quotes;
  char *meant = trimmed(s->password, &quotes);

  if (meant != NULL)
    tell(check, "The password that was given has %s around it.",
         quotes ? "quotes" : "blanks");
  free(meant);
  if (wire->server_s != 0 && (ahead > 5 || ahead < -5))
    tell(check, "By its nonce the clock of the server is %lld s %s.",
         (long long)(ahead > 0 ? ahead : -ahead),
         ahead > 0 ? "ahead" : "behind");
  if (s->realm != NULL && strcmp(s->realm, check->realm) != 0)
    tell(check,
         "The server has the realm %.100s, not %.100s as was expected: it may "
         "be another server, or its keys were made for the other realm.",
         check->realm, s->realm);
  if (l->first.failed.verified)
    tell(check, "The refusal is signed with the key of this password: the "
                "server holds the same, and refuses for another reason.");
  else if (l->first.failed.code == 431)
    tell(check, "431 is about the password alone: to compare it, a server has "
                "to know the user.");
  else if (l->first.failed.code == 401 && !s->probe)
    tell(check,
         "A 401 does not tell an unknown user from a wrong password%s; "
         "--probe asks the server more.",
         s->secret != NULL ? " or another secret" : "");
}

void
probe_credentials(struct ladder *l)
{
  static void (*const probes[])(struct probe *) = { probe_user, probe_password,
                                                    probe_case, probe_realm,
                                                    probe_nonce };
  const struct verdict *before = l->check->verdict;
  struct probe p = { .ladder = l };

  if (l->settings->username == NULL || !l->first.failed.authenticated)
    return;
  tell_passively(l);
  if (!l->settings->probe)
    return;
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
    if (l->check->verdict == before)
      probes[i](&p);
}
