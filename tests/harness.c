/* SPDX-License-Identifier: MIT
 *
 * harness.c - the tools of all suites.
 */
#define _DEFAULT_SOURCE
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARDED_MAX ((size_t)1 << 18)

struct table {
  char *text; /* cells end with nulls */
  int rows, columns;
  char **cells; /* the header is row 0 */
};

static _Noreturn void
give_up(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  exit(99);
}

static void *
grab(size_t size)
{
  void *memory = malloc(size > 0 ? size : 1);

  if (memory == NULL)
    give_up("malloc", "out of memory");
  return memory;
}

/* Memory that stays for ever, held by a list so that no checker misses it. */
static void *
keep(size_t size)
{
  struct kept {
    struct kept *next;
  };
  static struct kept *all;
  struct kept *memory = grab(sizeof *memory + size);

  memory->next = all;
  all = memory;
  return memory + 1;
}

struct copy
exact_copy(struct saturn_bytes bytes, size_t offset)
{
  struct copy copy;

  copy.block = grab(offset + bytes.len);
  if (bytes.len > 0)
    memcpy(copy.block + offset, bytes.data, bytes.len);
  copy.bytes = saturn_view(copy.block + offset, bytes.len);
  return copy;
}

uint8_t *
guarded_room(size_t len)
{
  static uint8_t *start;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  if (start == NULL) {
    start = mmap(NULL, GUARDED_MAX + page, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED
        || mprotect(start + GUARDED_MAX, page, PROT_NONE) != 0)
      give_up("mmap", "no guard page");
  }
  if (len > GUARDED_MAX)
    give_up("guarded_room", "too large");
  return start + GUARDED_MAX - len;
}

uint8_t *
guarded_copy(struct saturn_bytes bytes)
{
  uint8_t *room = guarded_room(bytes.len);

  if (bytes.len > 0)
    memcpy(room, bytes.data, bytes.len);
  return room;
}

bool
same_bytes(struct saturn_bytes a, struct saturn_bytes b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int
digit(int c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool
is_nothing(const char *text)
{
  return strcmp(text, "-") == 0 || strcmp(text, "<empty>") == 0;
}

struct saturn_bytes
unhex(const char *digits)
{
  uint8_t *bytes = keep(strlen(digits) / 2 + 1);
  size_t n = 0;

  if (is_nothing(digits))
    return saturn_view(bytes, 0);
  for (; *digits != '\0'; digits++) {
    if (strchr(" \t\r\n", *digits) != NULL)
      continue;
    if (digit(digits[0]) < 0 || digit(digits[1]) < 0)
      give_up(digits, "no hexadecimal digits");
    bytes[n++] = (uint8_t)(digit(digits[0]) << 4 | digit(digits[1]));
    digits++;
  }
  return saturn_view(bytes, n);
}

const char *
hex(struct saturn_bytes bytes)
{
  static char *texts[8];
  static unsigned turn;
  char **text = &texts[turn++ % 8];
  size_t i;

  free(*text);
  *text = grab(2 * bytes.len + 1);
  (*text)[0] = '\0';
  for (i = 0; i < bytes.len; i++)
    sprintf(*text + 2 * i, "%02x", bytes.data[i]);
  return *text;
}

static size_t
put_character(uint8_t *out, unsigned long c)
{
  if (c < 0x80) {
    out[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (uint8_t)(0xC0 | c >> 6);
    out[1] = (uint8_t)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (uint8_t)(0xE0 | c >> 12);
    out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (uint8_t)(0xF0 | c >> 18);
  out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3F));
  out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
  out[3] = (uint8_t)(0x80 | (c & 0x3F));
  return 4;
}

/* Read the escape at TEXT, behind its backslash, and say how long it is. */
static size_t
read_escape(const char *text, unsigned long *character)
{
  size_t digits = *text == 'u' ? 4 : 8;
  char number[9] = "";

  if (*text == '\\') {
    *character = '\\';
    return 1;
  }
  if (*text != 'u' && *text != 'U')
    give_up(text, "unknown escape");
  strncpy(number, text + 1, digits);
  *character = strtoul(number, NULL, 16);
  return 1 + digits;
}

struct saturn_bytes
unescape(const char *text)
{
  uint8_t *bytes = keep(strlen(text) + 1);
  unsigned long character;
  size_t n = 0;

  if (is_nothing(text))
    return saturn_view(bytes, 0);
  while (*text != '\0') {
    if (*text != '\\') {
      bytes[n++] = (uint8_t)*text++;
      continue;
    }
    text += 1 + read_escape(text + 1, &character);
    n += put_character(bytes + n, character);
  }
  return saturn_view(bytes, n);
}

struct saturn_bytes
text_of(const char *text)
{
  return saturn_view(text, strlen(text));
}

static char *
read_file(const char *folder, const char *name)
{
  char path[1024];
  FILE *file;
  long size;
  char *text;

  snprintf(path, sizeof path, "%s/%s%s", TESTS_DIR, folder, name);
  file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
    give_up(path, "cannot be read");
  rewind(file);
  text = grab((size_t)size + 1);
  if (fread(text, 1, (size_t)size, file) != (size_t)size)
    give_up(path, "cannot be read");
  text[size] = '\0';
  fclose(file);
  return text;
}

struct saturn_bytes
vector_file(const char *name)
{
  char *text = read_file("vectors/", name), *line, *rest = NULL;
  char *digits = grab(strlen(text) + 1);
  struct saturn_bytes bytes;

  digits[0] = '\0';
  for (line = strtok_r(text, "\n", &rest); line != NULL;
       line = strtok_r(NULL, "\n", &rest))
    if (*line != '#')
      strcat(digits, line);
  bytes = unhex(digits);
  free(digits);
  free(text);
  return bytes;
}

static int
count(const char *text, const char *end, char what)
{
  int n = 0;

  for (; text < end; text++)
    n += *text == what;
  return n;
}

/* Cut LINE into the cells of ROW; missing ones are empty. */
static void
cut_line(struct table *table, int row, char *line)
{
  static char empty[] = "";
  int column;
  char *tab;

  for (column = 0; column < table->columns; column++) {
    table->cells[row * table->columns + column] = line != NULL ? line : empty;
    if (line == NULL)
      continue;
    tab = strchr(line, '\t');
    if (tab != NULL)
      *tab++ = '\0';
    line = tab;
  }
}

const struct table *
table_load(const char *name)
{
  struct table *table = keep(sizeof *table);
  char *line, *rest = NULL;
  int row = 0, lines;

  table->text = read_file("", name);
  line = strchr(table->text, '\n');
  if (line == NULL)
    give_up(name, "no lines");
  table->columns = 1 + count(table->text, line, '\t');
  lines = count(table->text, table->text + strlen(table->text), '\n') + 1;
  table->cells = keep((size_t)lines * (size_t)table->columns * sizeof(char *));
  for (line = strtok_r(table->text, "\n", &rest); line != NULL;
       line = strtok_r(NULL, "\n", &rest))
    cut_line(table, row++, line);
  table->rows = row - 1;
  return table;
}

int
table_rows(const struct table *table)
{
  return table->rows;
}

const char *
table_cell(const struct table *table, int row, const char *column)
{
  int i;

  for (i = 0; i < table->columns; i++)
    if (strcmp(table->cells[i], column) == 0)
      return table->cells[(row + 1) * table->columns + i];
  give_up(column, "no such column");
}

bool
next_word(const char **list, char separator, char *word, size_t cap)
{
  const char *end;
  size_t len;

  if (**list == '\0' || strcmp(*list, "none") == 0 || strcmp(*list, "-") == 0)
    return false;
  end = strchr(*list, separator);
  len = end != NULL ? (size_t)(end - *list) : strlen(*list);
  if (len >= cap)
    give_up(*list, "word too long");
  memcpy(word, *list, len);
  word[len] = '\0';
  *list += end != NULL ? len + 1 : len;
  return true;
}
