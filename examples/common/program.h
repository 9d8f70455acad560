/* SPDX-License-Identifier: MIT
 *
 * program.h - what every program needs: start and end, clocks, randomness,
 * colour, passwords, addresses of the system.
 */
#ifndef EXAMPLES_PROGRAM_H
#define EXAMPLES_PROGRAM_H

#include <stdio.h>
#include <sys/socket.h>

#include "saturn/address.h"

#include "options.h"

/** How programs end. */
enum exit_code {
  EXIT_GOOD = 0,            /**< all good */
  EXIT_FOUND = 1,           /**< ran, and found a fault */
  EXIT_USAGE = 2,           /**< was called wrongly */
  EXIT_CANNOT = 3,          /**< could not run here */
  EXIT_NO_ANSWER = 10,      /**< no answer, or unreachable */
  EXIT_REJECTED = 11,       /**< credentials rejected */
  EXIT_NONCE_LOOP = 12,     /**< every nonce is stale */
  EXIT_CAPACITY = 13,       /**< quota or capacity (486, 508) */
  EXIT_PEER_FORBIDDEN = 14, /**< peer forbidden (403) */
  EXIT_DATA_LOST = 15,      /**< allocated, but data was lost */
  EXIT_TLS = 16,            /**< TLS failure */
  EXIT_PROTOCOL = 17        /**< protocol error */
};

/** A program, as its command line sees it. */
struct program {
  const char *name;          /**< as it is typed */
  const char *help;          /**< at most 25 lines, examples first */
  struct option_table table; /**< --help and --version are added to it */
  struct texts *arguments;   /**< collects what is no option; may be null */
};

/**
 * Read the command line of a program. Answers --help and --version on stdout
 * and exits 0; says on stderr what is wrong and exits 2.
 */
void program_start(const struct program *program, int argc, char **argv);

/** Say one line on stderr, behind the name of the program. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Say one line on stderr, behind the name of the program, and exit. */
_Noreturn void die(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** As realloc, but never null: without memory the program ends. */
void *reallocate(void *memory, size_t size);

/** As reallocate of nothing, zeroed. */
void *allocate(size_t size);

/**
 * Read a whole file of text, without the byte-order mark of UTF-8.
 *
 * @return its text with a null behind it, to be freed; null, with errno, if it
 *         cannot be read; EILSEQ if there are nulls in it
 */
char *file_read(const char *path);

/** Milliseconds of a clock that never goes back. */
saturn_ms now_ms(void);

/** The same in microseconds, for measuring. */
uint64_t now_us(void);

/** Seconds since 1970. */
uint64_t wall_clock_s(void);

/** Fill LEN bytes from the system's generator; the program ends if it
    fails. */
void random_bytes(void *out, size_t len);

/** May FILE be written to in colour? Not with NO_COLOR, nor off a terminal. */
bool wants_colour(FILE *file);

/**
 * The password of a program: that of --password, else the first line of
 * --password-file, else SATURN_PASSWORD.
 *
 * @param given  from the command line, or null
 * @param file   a path, or null
 * @return null if there is none; the program ends if the file cannot be read
 */
const char *password_of(const char *given, const char *file);

/** View a string without its null. */
struct saturn_bytes text_of(const char *text);

/** Take an address over from the system; "no address" for other families. */
struct saturn_address address_of(const struct sockaddr *address);

/** Hand an address over to the system: the size of what was written. */
socklen_t address_to(const struct saturn_address *address,
                     struct sockaddr_storage *out);

/** Print an address into OUT, which is returned. */
const char *address_text(const struct saturn_address *address,
                         char out[SATURN_ADDRESS_TEXT]);

#endif
