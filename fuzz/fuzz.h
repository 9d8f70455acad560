/* SPDX-License-Identifier: MIT
 *
 * fuzz.h - the entry of every harness, and the checks they share.
 */
#ifndef SATURN_FUZZ_FUZZ_H
#define SATURN_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "saturn/saturn.h"

/** What libFuzzer, the replayer and the tests call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Print every form of M, with counting, in full and cut off. */
void fuzz_check_printing(const struct saturn_message *m);

/** Build M again, attribute by attribute, and compare. */
void fuzz_check_building(const struct saturn_message *m);

/** Split INPUT as a stream, and read it as ChannelData. */
void fuzz_check_stream(struct saturn_bytes input);

#endif
