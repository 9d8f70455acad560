/* SPDX-License-Identifier: MIT
 *
 * options.h - one table of options for the command line and for configuration
 * files, with strict values and faults that name the culprit.
 *
 *     static struct settings { bool json; uint64_t port; ... } settings;
 *     static const struct option options[] = {
 *       OPTION("json", 'j', OPTION_FLAG, &settings.json),
 *       OPTION_WITHIN("port", 'p', OPTION_NUMBER, &settings.port, 0, 65535),
 *       OPTION("user", 'u', OPTION_TEXTS, &settings.users),
 *     };
 *
 * On the command line --key=value, --key value, -k value and -kvalue mean the
 * same, and "--" ends the options. Of an option that is given twice the last
 * counts, except for OPTION_TEXTS and OPTION_CALL.
 */
#ifndef EXAMPLES_OPTIONS_H
#define EXAMPLES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Texts in the order in which they were given. Zeroed, it is empty. */
struct texts {
  const char **items;
  size_t n;
};

/** Add a text, which is not copied. */
void texts_add(struct texts *texts, const char *text);

/** Forget all texts and release the table. */
void texts_clear(struct texts *texts);

/** Room for the one line that explains a fault. */
#define OPTION_FAULT 320

/**
 * Take the value of an option of kind OPTION_CALL.
 *
 * @param target  of the option's row
 * @param value   null if none was given; not copied
 * @param fault   on failure: what is wrong with the value, without its name
 * @return false if the value is wrong
 */
typedef bool option_call(void *target, const char *value,
                         char fault[OPTION_FAULT]);

/** What the value of an option is, and what its target points to. */
enum option_kind {
  OPTION_FLAG,     /**< none, or yes and no: bool */
  OPTION_TEXT,     /**< const char * */
  OPTION_SECRET,   /**< const char *; overwritten in the list of processes */
  OPTION_TEXTS,    /**< may be repeated: struct texts */
  OPTION_NUMBER,   /**< decimal, from min to max: uint64_t */
  OPTION_DURATION, /**< 500ms, 30s, 5m, 1h, 2d, or seconds; min and max in
                        milliseconds: uint64_t, milliseconds */
  OPTION_ADDRESS,  /**< IP, or IP:PORT: struct saturn_address */
  OPTION_CALL      /**< whatever CALL makes of it, each time it is given */
};

/** A row of a program's table. */
struct option {
  const char *name; /**< without the dashes */
  char alias;       /**< of one dash; 0 if there is none */
  enum option_kind kind;
  void *target;
  uint64_t min, max; /**< of numbers and durations; max 0: no limit */
  option_call *call; /**< of OPTION_CALL */
  bool bare;         /**< of OPTION_CALL: takes no value but with '=' */
  bool secret;       /**< of OPTION_CALL: as OPTION_SECRET */
};

/** Rows: an option that takes any value; one whose number or duration lies
    within limits; one that a function takes, with or without a value. */
#define OPTION(name, alias, kind, target)                                      \
  {                                                                            \
    name, alias, kind, target, 0, 0, NULL, false, false                        \
  }
#define OPTION_WITHIN(name, alias, kind, target, min, max)                     \
  {                                                                            \
    name, alias, kind, target, min, max, NULL, false, false                    \
  }
#define OPTION_TAKEN_BY(name, alias, call, target, bare)                       \
  {                                                                            \
    name, alias, OPTION_CALL, target, 0, 0, call, bare, false                  \
  }
#define OPTION_SECRET_TAKEN_BY(name, alias, call, target)                      \
  {                                                                            \
    name, alias, OPTION_CALL, target, 0, 0, call, false, true                  \
  }

/** A program's options. */
struct option_table {
  const struct option *rows;
  size_t n;
};

/** View an array of options as a table. */
#define OPTION_TABLE(rows)                                                     \
  {                                                                            \
    rows, sizeof(rows) / sizeof *(rows)                                        \
  }

/**
 * Set one option by its name.
 *
 * @param value  null if none was given; not copied
 * @param fault  on failure one line, without a program name or line end
 * @return false if there is no such option, or the value is wrong
 */
bool option_set(const struct option_table *table, const char *name,
                const char *value, char fault[OPTION_FAULT]);

/**
 * Read a command line.
 *
 * @param argv       the values of OPTION_SECRET are overwritten in it
 * @param arguments  collects the words that are no options; null if there may
 *                   be none
 * @return false on the first fault
 */
bool options_read(const struct option_table *table, int argc, char **argv,
                  struct texts *arguments, char fault[OPTION_FAULT]);

/** A line of a configuration file, taken apart in place. */
struct option_line {
  char *name;        /**< null on an empty line or a comment */
  char *value;       /**< null after a bare name */
  const char *fault; /**< null if the line is well-formed */
};

/**
 * Take a line of a configuration file apart as coturn does: blanks around it
 * do not count, '#' at its start makes a comment, the name ends at '=' or a
 * blank, and quotes around the value are taken off.
 */
struct option_line option_line(char *line);

/** Be told of each line of a file that has a fault. */
typedef void option_report(void *context, const char *path, unsigned line,
                           const char *fault);

/**
 * Read a configuration file.
 *
 * @param path    of a file
 * @param report  called for each fault; reading goes on behind it
 * @param text    the text that the values point into: free it when they are
 *                not used any more; null if the file cannot be read
 * @return how many faults were reported; a file that cannot be read is one, in
 *         line 0
 */
unsigned options_read_file(const struct option_table *table, const char *path,
                           option_report *report, void *context, char **text);

/** Read a decimal number of digits only. */
bool number_read(const char *text, uint64_t *number);

/** Read yes or no, in one of the words for them; false if it is neither. */
bool flag_read(const char *text, bool *flag);

/** Read a duration as OPTION_DURATION has it, in milliseconds. */
bool duration_read(const char *text, uint64_t *ms);

/**
 * The row whose name is nearest to a mistyped one.
 *
 * @param questions  a command line: --help and --version may be meant as well
 * @return null if none is near
 */
const char *option_nearest(const struct option_table *table, const char *name,
                           size_t len, bool questions);

#endif
