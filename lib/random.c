/* SPDX-License-Identifier: MIT
 *
 * random.c - unpredictable bytes out of one secret.
 */
#include "random.h"

#include <string.h>

#include "bytes.h"
#include "crypto.h"

void
saturn_random_init(struct saturn_random *random, const uint8_t secret[32])
{
  memset(random, 0, sizeof *random);
  saturn_hmac_sha256_prepare(random->states, saturn_view(secret, 32));
  random->used = sizeof random->block;
}

void
saturn_random_mac(const struct saturn_random *random, const char *label,
                  struct saturn_bytes bytes, uint8_t mac[32])
{
  const struct saturn_bytes pieces[] = {
    saturn_view(label, strlen(label) + 1), /* its null ends the label */
    bytes,
  };

  saturn_hmac_sha256(random->states, pieces, 2, mac);
}

static void
refill(struct saturn_random *random)
{
  uint8_t counter[8];

  store64(counter, random->counter++);
  saturn_random_mac(random, "stream", saturn_view(counter, sizeof counter),
                    random->block);
  random->used = 0;
}

void
saturn_random_bytes(struct saturn_random *random, uint8_t *out, size_t len)
{
  size_t i;

  for (i = 0; i < len; i++) {
    if (random->used == sizeof random->block)
      refill(random);
    out[i] = random->block[random->used];
    random->block[random->used++] = 0;
  }
}

uint32_t
saturn_random_u32(struct saturn_random *random)
{
  uint8_t bytes[4];

  saturn_random_bytes(random, bytes, sizeof bytes);
  return load32(bytes);
}
