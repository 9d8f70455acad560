/* SPDX-License-Identifier: MIT
 *
 * system_log.h - the log of the system: its names of levels are not ours.
 */
#ifndef TURN_SERVER_SYSTEM_LOG_H
#define TURN_SERVER_SYSTEM_LOG_H

/** The number of a facility like LOG_DAEMON or local1; -1 for others. */
int system_log_facility(const char *name);

/** Start to write there.
 *
 * @param facility  null: that of daemons
 */
void system_log_open(const char *facility);

/** Write a line.
 *
 * @param level  enum log_level
 */
void system_log_write(int level, const char *line);

#endif
