/* SPDX-License-Identifier: MIT
 *
 * privileges.h - be somebody else than root once everything is open.
 */
#ifndef TURN_SERVER_PRIVILEGES_H
#define TURN_SERVER_PRIVILEGES_H

/**
 * Become a user and a group for good; the program ends if that fails.
 *
 * @param user   proc-user: a name or a number; null: stay
 * @param group  proc-group; null: the group of the user, or stay
 */
void privileges_drop(const char *user, const char *group);

#endif
