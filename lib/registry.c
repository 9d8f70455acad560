/* SPDX-License-Identifier: MIT
 *
 * registry.c - what IANA numbers, straight from the .def tables.
 */
#include "saturn/registry.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum row {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  ROW_##name,
#include "saturn/attributes.def"
#undef ATTR
  ROWS
};

/* clang-format off */
static const struct saturn_attr_info rows[] = {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  { type, min, max, send, SATURN_KIND_##kind, SATURN_##status,                 \
    SATURN_##repeat, text, ref, sec },
#include "saturn/attributes.def"
#undef ATTR
};
/* clang-format on */

static const uint16_t reason_codes[] = {
#define ERROR(code, phrase, reference) code,
#include "saturn/errors.def"
#undef ERROR
};

/* A type that is in the table twice does not compile. */
const struct saturn_attr_info *
saturn_attr_info(uint16_t type)
{
  switch (type) {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  case type:                                                                   \
    return &rows[ROW_##name];
#include "saturn/attributes.def"
#undef ATTR
  default:
    return NULL;
  }
}

const struct saturn_attr_info *
saturn_attr_row(size_t index)
{
  return index < ROWS ? &rows[index] : NULL;
}

const char *
saturn_method_name(uint16_t method)
{
  switch (method) {
#define METHOD(name, text, number, classes, reference)                         \
  case number:                                                                 \
    return text;
#include "saturn/methods.def"
#undef METHOD
  default:
    return NULL;
  }
}

bool
saturn_method_has(uint16_t method, enum saturn_class cls)
{
  switch (method) {
#define METHOD(name, text, number, classes, reference)                         \
  case number:                                                                 \
    return ((classes) >> cls & 1) != 0;
#include "saturn/methods.def"
#undef METHOD
  default:
    return false;
  }
}

const char *
saturn_reason(unsigned code)
{
  switch (code) {
#define ERROR(code, phrase, reference)                                         \
  case code:                                                                   \
    return phrase;
#include "saturn/errors.def"
#undef ERROR
  default:
    return "";
  }
}

unsigned
saturn_reason_code(size_t index)
{
  return index < COUNT(reason_codes) ? reason_codes[index] : 0;
}

/* The bits of the class stand at 4 and 8, among those of the method. */
uint16_t
saturn_type(uint16_t method, enum saturn_class cls)
{
  const unsigned m = method, c = cls;

  return (uint16_t)((m & 0xF80) << 2 | (m & 0x070) << 1 | (m & 0x00F)
                    | (c & 2) << 7 | (c & 1) << 4);
}

uint16_t
saturn_type_method(uint16_t type)
{
  const unsigned t = type;

  return (uint16_t)((t & 0x3E00) >> 2 | (t & 0x00E0) >> 1 | (t & 0x000F));
}

enum saturn_class
saturn_type_class(uint16_t type)
{
  const unsigned t = type;

  return (enum saturn_class)((t & 0x0100) >> 7 | (t & 0x0010) >> 4);
}
