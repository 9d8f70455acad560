/* SPDX-License-Identifier: MIT
 *
 * refusals.c - how often what was refused, and why. Nothing in it comes from
 * the network but the choice among texts of ours, so that it stays small.
 */
#include "refusals.h"

#include <stdlib.h>
#include <string.h>

#include "saturn/registry.h"

static struct refusal *
find(struct refusals *r, uint16_t method, uint16_t code, const char *why)
{
  for (size_t i = 0; i < r->n; i++)
    if (r->items[i].method == method && r->items[i].code == code
        && strcmp(r->items[i].why, why) == 0)
      return &r->items[i];
  return NULL;
}

static struct refusal *
add(struct refusals *r, uint16_t method, uint16_t code, const char *why)
{
  struct refusal *item = &r->items[r->n++];

  item->method = method;
  item->code = code;
  item->why = why;
  return item;
}

void
refusals_add(struct refusals *refusals, uint16_t method, uint16_t code,
             const char *why, uint64_t n)
{
  struct refusal *item;

  if (saturn_method_name(method) == NULL)
    method = 0;
  item = find(refusals, method, code, why);
  if (item == NULL && refusals->n == REFUSALS_MAX)
    item = &refusals->items[REFUSALS_MAX - 1];
  if (item == NULL && refusals->n == REFUSALS_MAX - 1)
    item = add(refusals, 0, 0, "other reasons");
  if (item == NULL)
    item = add(refusals, method, code, why);
  item->n += n;
}

static int
by_number(const void *a, const void *b)
{
  const struct refusal *x = a, *y = b;

  if (x->n != y->n)
    return x->n < y->n ? 1 : -1;
  return x->code != y->code ? x->code - y->code : strcmp(x->why, y->why);
}

void
refusals_sort(struct refusals *refusals)
{
  qsort(refusals->items, refusals->n, sizeof *refusals->items, by_number);
}
