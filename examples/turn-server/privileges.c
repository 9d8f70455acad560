/* SPDX-License-Identifier: MIT
 *
 * privileges.c - be somebody else than root once everything is open.
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

static uid_t
find_user(const char *text, gid_t *group)
{
  const struct passwd *found = getpwnam(text);
  uint64_t number;

  if (found == NULL && number_read(text, &number) && number <= INT32_MAX)
    found = getpwuid((uid_t)number);
  if (found == NULL)
    die(EXIT_USAGE, "proc-user: there is no user %s", text);
  *group = found->pw_gid;
  return found->pw_uid;
}

static gid_t
find_group(const char *text)
{
  const struct group *found = getgrnam(text);
  uint64_t number;

  if (found == NULL && number_read(text, &number) && number <= INT32_MAX)
    found = getgrgid((gid_t)number);
  if (found == NULL)
    die(EXIT_USAGE, "proc-group: there is no group %s", text);
  return found->gr_gid;
}

/* Does it hold, and is there no way back? */
static bool
is_done(bool user, uid_t uid, bool group, gid_t gid)
{
  if (group && (getgid() != gid || getegid() != gid))
    return false;
  return !user
         || (getuid() == uid && geteuid() == uid
             && (uid == 0 || setuid(0) != 0));
}

void
privileges_drop(const char *user, const char *group)
{
  gid_t gid = getgid();
  uid_t uid = user == NULL ? getuid() : find_user(user, &gid);
  bool good = true;

  if (user == NULL && group == NULL)
    return;
  if (group != NULL)
    gid = find_group(group);
  if (gid != getgid() || (geteuid() == 0 && uid != 0))
    good = setgroups(1, &gid) == 0 && setgid(gid) == 0;
  if (good && uid != getuid())
    good = setuid(uid) == 0;
  if (!good || !is_done(user != NULL, uid, true, gid))
    die(EXIT_CANNOT, "cannot become %s%s%s: %s", user == NULL ? "" : user,
        user == NULL ? "group " : "", user == NULL ? group : "",
        strerror(errno));
}
