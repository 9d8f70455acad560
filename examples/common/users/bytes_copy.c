/* SPDX-License-Identifier: MIT
 *
 * bytes_copy.c - views of bytes that own their bytes.
 */
#include "bytes_copy.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

struct saturn_bytes
bytes_copy(struct saturn_bytes bytes)
{
  uint8_t *copy = allocate(bytes.len + 1);

  if (bytes.len > 0)
    memcpy(copy, bytes.data, bytes.len);
  return saturn_view(copy, bytes.len);
}

void
bytes_free(struct saturn_bytes *copy)
{
  void *memory = (void *)(uintptr_t)copy->data;

  if (memory != NULL)
    saturn_wipe(memory, copy->len);
  free(memory);
  copy->data = NULL;
  copy->len = 0;
}

int
bytes_compare(struct saturn_bytes a, struct saturn_bytes b)
{
  size_t len = a.len < b.len ? a.len : b.len;
  int order = len == 0 ? 0 : memcmp(a.data, b.data, len);

  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
