/* SPDX-License-Identifier: MIT
 *
 * when.h - times and spans of time for people.
 */
#ifndef TURN_CREDENTIALS_WHEN_H
#define TURN_CREDENTIALS_WHEN_H

#include <stdint.h>

/** Room for a date and a span. */
#define DATE_TEXT 40
#define SPAN_TEXT 64

/** Write seconds since 1970 as 2030-01-01 00:00:00 UTC into OUT, which is
    returned. */
const char *date_text(uint64_t s, char out[DATE_TEXT]);

/** Write seconds as "2 d 3 h", two units at most, into OUT, which is
    returned. */
const char *span_text(uint64_t s, char out[SPAN_TEXT]);

#endif
