/* SPDX-License-Identifier: MIT
 *
 * script.h - rows of conformance checks, in files that read like the table
 * they come of. See README in this directory for the language.
 */
#ifndef SATURN_TESTS_SCRIPT_H
#define SATURN_TESTS_SCRIPT_H

#include "world.h"

#define WORDS_MAX 128
#define WORD_MAX 512
#define LINE_MAX_LEN 4096

/** A line cut into words. */
struct words {
  char text[LINE_MAX_LEN];
  char *word[WORDS_MAX];
  int n;
};

/** A row while it runs. */
struct script {
  struct world w;
  const char *id;
  int line;
  struct {
    char name[16], value[WORD_MAX];
  } variables[16];
  int n_variables;
  /* Who signed the last request: for MI in expectations. */
  struct saturn_key key;
};

/** Fail the test, saying the row and the line. */
#define FAIL_UNLESS(s, condition, ...)                                         \
  do {                                                                         \
    if (!(condition)) {                                                        \
      char why_[1024];                                                         \
      snprintf(why_, sizeof why_, __VA_ARGS__);                                \
      ck_abort_msg("%s, line %d: %s", (s)->id, (s)->line, why_);               \
    }                                                                          \
  } while (0)

/** An attribute as scripts call it. */
struct name {
  const char *name;
  uint16_t type;
};

/** The type that a script means by NAME, which ends at END: RT, LT, or four
    hexadecimal digits. */
uint16_t script_type(const struct script *s, const char *name, size_t len);

/** Address of P1, P2, P6, a client's name, or as text; port 0 if it has
    none. */
struct saturn_address script_address(struct script *s, const char *text);

/** Bytes of "text", of *N (that many x), or of hexadecimal digits. */
struct saturn_bytes script_bytes(const struct script *s, const char *text);

/** Set a variable; get one, which must be there. */
void script_set(struct script *s, const char *name, const char *value);
const char *script_get(const struct script *s, const char *name);

/** Does a word start with PREFIX? Then REST is what follows. */
bool script_starts(const char *word, const char *prefix, const char **rest);

/** Build a request or indication into the client's last request. */
void script_encode(struct script *s, struct endpoint *client,
                   const struct words *words, int first, int end);

/** Put together with a nonce, does it ask for another try? */
bool script_again(struct script *s, struct endpoint *client,
                  const struct words *words, int first, int end);

/** Check the outbox against words FIRST to END - 1 of a line. */
void script_expect(struct script *s, struct endpoint *client,
                   const struct words *words, int first, int end);

/** The lines of a row, or of a definition. */
struct row {
  const char *head; /* id, configuration, definitions */
  const char *lines;
  int first_line;
};

/** The text of a file of this directory, kept for ever. */
char *script_file(const char *name);

/** Read a file of rows of this directory; how many rows there are now. */
int script_load(const char *name);
const struct row *script_row(int index);

/** The definition of a name; null if there is none. */
const struct row *script_definition(const char *name);

/** Do what a row says. */
void script_run(const struct row *row);

/** Do what a statement about a client says; END is where its words end. */
void script_say(struct script *s, const struct words *words, int end);

/** Do what a statement about the world says; false if it is none. */
bool script_happen(struct script *s, const struct words *words);

/** Configure the world: one word of the head of a row. */
void script_configure(struct script *s, const char *word);

#endif
