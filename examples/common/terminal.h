/* SPDX-License-Identifier: MIT
 *
 * terminal.h - asking for a password where it is not shown.
 */
#ifndef EXAMPLES_TERMINAL_H
#define EXAMPLES_TERMINAL_H

/**
 * Ask on the terminal, whatever stdin and stdout are, for a line that is not
 * echoed. A signal that ends or stops the program restores the echo first.
 *
 * @return the line without its end, to be wiped and freed; null if there is no
 *         terminal, or the input ended
 */
char *terminal_ask(const char *prompt);

#endif
