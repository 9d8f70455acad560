/* SPDX-License-Identifier: MIT
 *
 * log.h - one line for each event, in the words of docs/diagnosis.md.
 */
#ifndef TURN_SERVER_LOG_H
#define TURN_SERVER_LOG_H

#include "saturn/address.h"

/** Lines below LOG_INFO are written only if the operator wants them. */
enum log_level { LOG_DETAIL, LOG_INFO, LOG_WARNING, LOG_ERROR };

/**
 * Write to a file instead of stderr.
 *
 * @param path  null: to stderr; "stdout" or "-": there, as coturn does
 * @return false, with errno, if it cannot be opened
 */
bool log_open(const char *path, bool verbose);

/** Write to the log of the system as well, or instead of stderr.
 *
 * @param facility  as system_log_facility knows it; null: that of daemons
 */
void log_to_system(const char *facility);

/** Open the file again, which may have been moved away. On failure the old one
    is written on: false, with errno. */
bool log_reopen(void);

/** Once a second: say how often events were repeated within the last minute. */
void log_tick(saturn_ms now);

/** Say what was left out and not yet counted, and close the file. */
void log_close(void);

/** Write a line: time, level, the stable ID of the event, text. Control
    characters in it become question marks. */
void log_event(enum log_level level, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * The same, but of what is equal except for ports and numbers only the first
 * is written, and a count every minute while it goes on (B-41).
 *
 * @param from  the IP address that it is about; may be null
 * @param what  anything else that makes it another event
 */
void log_repeated(enum log_level level, const char *id,
                  const struct saturn_address *from, const char *what,
                  const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** Room for a text that came over the network. */
#define LOG_TEXT 128

/** Make bytes fit for one line of a log: what does not print is written as
    \xNN, and what is too long is cut. Returns OUT. */
const char *log_text(struct saturn_bytes bytes, char out[LOG_TEXT]);

#endif
