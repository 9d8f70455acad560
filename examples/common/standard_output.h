/* SPDX-License-Identifier: MIT
 *
 * standard_output.h - what a program says on stdout, and whether it got there.
 */
#ifndef EXAMPLES_STANDARD_OUTPUT_H
#define EXAMPLES_STANDARD_OUTPUT_H

#include <stdbool.h>

/**
 * Look after stdout from the start: stdin, stdout and stderr that are closed
 * become /dev/null, so that no socket takes their place; and at the end of a
 * program that could not write all, one line says so, and it exits with
 * EXIT_CANNOT. That nobody reads any more is no fault.
 */
void output_watch(void);

/**
 * Write what waits to be written.
 *
 * @return false if more is of no use: nobody reads it, or it cannot be written
 */
bool output_flush(void);

#endif
