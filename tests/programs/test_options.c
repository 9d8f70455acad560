/* SPDX-License-Identifier: MIT
 *
 * test_options.c - the table-driven reader of command lines and
 * configuration files.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "saturn/address.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Room for words that may be written to. */
#define WORDS 8

static struct {
  bool flag, bare_called;
  const char *text, *secret, *called;
  struct texts texts;
  uint64_t number, any, ms;
  struct saturn_address address;
} got;

static bool
take(void *target, const char *value, char fault[OPTION_FAULT])
{
  *(const char **)target = value;
  if (strcmp(value, "bad") != 0)
    return true;
  snprintf(fault, OPTION_FAULT, "is bad");
  return false;
}

static bool
take_bare(void *target, const char *value, char fault[OPTION_FAULT])
{
  (void)fault;
  *(bool *)target = value == NULL;
  return true;
}

static const struct option rows[] = {
  OPTION("flag", 'f', OPTION_FLAG, &got.flag),
  OPTION("text", 't', OPTION_TEXT, &got.text),
  OPTION("secret", 's', OPTION_SECRET, &got.secret),
  OPTION("user", 'u', OPTION_TEXTS, &got.texts),
  OPTION_WITHIN("listening-port", 'p', OPTION_NUMBER, &got.number, 0, 65535),
  OPTION("any", 0, OPTION_NUMBER, &got.any),
  OPTION_WITHIN("time", 0, OPTION_DURATION, &got.ms, 1, 86400000),
  OPTION("address", 0, OPTION_ADDRESS, &got.address),
  OPTION_TAKEN_BY("call", 'c', take, &got.called, false),
  OPTION_TAKEN_BY("bare", 'b', take_bare, &got.bare_called, true),
};
static const struct option_table table = OPTION_TABLE(rows);

/* Read a command line of words, which are copied: secrets are overwritten. */
static bool
read_words(const char *const *words, struct texts *arguments, char *fault)
{
  static char copies[WORDS + 1][128];
  char *argv[WORDS + 2] = { copies[0] };
  int argc = 1;

  texts_clear(&got.texts);
  memset(&got, 0, sizeof got);
  fault[0] = '\0';
  for (; words[argc - 1] != NULL; argc++) {
    ck_assert_int_le(argc, WORDS);
    snprintf(copies[argc], sizeof copies[argc], "%s", words[argc - 1]);
    argv[argc] = copies[argc];
  }
  return options_read(&table, argc, argv, arguments, fault);
}

#define READ(fault, ...)                                                       \
  read_words((const char *const[]){ __VA_ARGS__, NULL }, NULL, fault)

START_TEST(every_way_to_give_a_value)
{
  char fault[OPTION_FAULT];

  ck_assert(READ(fault, "--listening-port=1", "-f", "--text", "a b"));
  ck_assert_uint_eq(got.number, 1);
  ck_assert(got.flag);
  ck_assert_str_eq(got.text, "a b");
  ck_assert(READ(fault, "-p65535", "-t", "x", "--flag=no"));
  ck_assert_uint_eq(got.number, 65535);
  ck_assert_str_eq(got.text, "x");
  ck_assert(!got.flag);
  ck_assert(READ(fault, "-fbp", "7", "--text="));
  ck_assert(got.flag && got.bare_called);
  ck_assert_uint_eq(got.number, 7);
  ck_assert_str_eq(got.text, "");
  ck_assert(READ(fault, "--text=a=b", "--call", "--flag"));
  ck_assert_str_eq(got.text, "a=b");
  ck_assert_str_eq(got.called, "--flag");
  ck_assert(READ(fault, "--time=5m", "--address=[::1]:80", "--any=0"));
  ck_assert_uint_eq(got.ms, 300000);
  ck_assert_uint_eq(got.address.family, SATURN_IPV6);
  ck_assert_uint_eq(got.address.port, 80);
}
END_TEST

START_TEST(repeated_options)
{
  char fault[OPTION_FAULT];

  ck_assert(READ(fault, "-u", "a", "--user=b", "-uc", "-p1", "-p2"));
  ck_assert_uint_eq(got.texts.n, 3);
  ck_assert_str_eq(got.texts.items[0], "a");
  ck_assert_str_eq(got.texts.items[1], "b");
  ck_assert_str_eq(got.texts.items[2], "c");
  ck_assert_uint_eq(got.number, 2);
}
END_TEST

START_TEST(words_that_are_no_options)
{
  char fault[OPTION_FAULT];
  struct texts words = { 0 };

  ck_assert(read_words(
      (const char *const[]){ "one", "-f", "-", "--", "-f", "--x", NULL },
      &words, fault));
  ck_assert_uint_eq(words.n, 4);
  ck_assert_str_eq(words.items[0], "one");
  ck_assert_str_eq(words.items[1], "-");
  ck_assert_str_eq(words.items[2], "-f");
  ck_assert_str_eq(words.items[3], "--x");
  texts_clear(&words);
}
END_TEST

START_TEST(a_secret_is_kept_and_its_word_overwritten)
{
  char fault[OPTION_FAULT], word[] = "--secret=north", other[] = "south";
  char flag[] = "-s", *argv[] = { flag, word, flag, other, NULL };

  ck_assert(options_read(&table, 2, argv, NULL, fault));
  ck_assert_str_eq(got.secret, "north");
  ck_assert_str_eq(word, "--secret=*****");
  ck_assert(options_read(&table, 4, argv, NULL, fault));
  ck_assert_str_eq(got.secret, "south");
  ck_assert_str_eq(other, "*****");
}
END_TEST

static const struct {
  const char *words[3], *fault;
} faults[] = {
  { { "--listening-port=65536" },
    "--listening-port: 65536 is no number from 0 to 65535" },
  { { "--listening-port=12x" },
    "--listening-port: 12x is no number from 0 to 65535" },
  { { "--listening-port=-1" },
    "--listening-port: -1 is no number from 0 to 65535" },
  { { "--listening-port=" },
    "--listening-port:  is no number from 0 to 65535" },
  { { "--any=18446744073709551616" },
    "--any: 18446744073709551616 is no number from 0" },
  { { "--time=0" }, "--time: 0 is less than 1 ms" },
  { { "--time=1w" }, "--time: 1w is no duration like 500ms, 30s or 1h" },
  { { "--time=2d" }, "--time: 2d is more than 86400 s" },
  { { "--flag=maybe" }, "--flag: maybe is neither yes nor no" },
  { { "--text" }, "--text: needs a value" },
  { { "-t" }, "-t: needs a value" },
  { { "--call=bad" }, "--call: is bad" },
  { { "--address=1.2.3.4.5" },
    "--address: 1.2.3.4.5 is no address like 192.0.2.1:3478 or "
    "[2001:db8::1]:3478" },
  { { "--listenin-port=1" },
    "unknown option --listenin-port; did you mean --listening-port?" },
  { { "--txet" }, "unknown option --txet; did you mean --text?" },
  { { "--zzzzzz" }, "unknown option --zzzzzz" },
  { { "-x" }, "unknown option -x" },
  { { "-fx" }, "unknown option -x" },
  { { "-f", "word" }, "unexpected word word" },
};

START_TEST(a_fault_names_the_culprit)
{
  char fault[OPTION_FAULT];

  ck_assert(!read_words(faults[_i].words, NULL, fault));
  ck_assert_str_eq(fault, faults[_i].fault);
}
END_TEST

START_TEST(a_fault_of_any_length_fits)
{
  char fault[OPTION_FAULT], word[1000] = "--";
  char *argv[] = { word, word, NULL };

  memset(word + 2, 'x', sizeof word - 3);
  ck_assert(!options_read(&table, 2, argv, NULL, fault));
  ck_assert_uint_lt(strlen(fault), OPTION_FAULT);
  memcpy(word, "--listening-port=", 17);
  ck_assert(!options_read(&table, 2, argv, NULL, fault));
  ck_assert_uint_lt(strlen(fault), OPTION_FAULT);
}
END_TEST

static const struct {
  const char *line, *name, *value, *fault;
} lines[] = {
  { "", NULL, NULL, NULL },
  { "   \t\r", NULL, NULL, NULL },
  { "# user=x", NULL, NULL, NULL },
  { "  #x", NULL, NULL, NULL },
  { "fingerprint", "fingerprint", NULL, NULL },
  { "  fingerprint  \r", "fingerprint", NULL, NULL },
  { "realm=example.org", "realm", "example.org", NULL },
  { "realm = example.org ", "realm", "example.org", NULL },
  { "realm example.org", "realm", "example.org", NULL },
  { "realm=", "realm", "", NULL },
  { "user=a:b=c#d", "user", "a:b=c#d", NULL },
  { "realm=\"two words\"", "realm", "two words", NULL },
  { "realm='a \"b\"'", "realm", "a \"b\"", NULL },
  { "realm=\"\"", "realm", "", NULL },
  { "realm=a\"b\"", "realm", "a\"b\"", NULL },
  { "realm=\"open", "realm", "\"open", "the quote is not closed" },
  { "realm=\"a\" b", "realm", "\"a\" b",
    "something follows the closing quote" },
  { "=x", "", "x", "there is no name in front of '='" },
};

START_TEST(a_line_of_a_configuration_file)
{
  char copy[128];
  struct option_line line;

  snprintf(copy, sizeof copy, "%s", lines[_i].line);
  line = option_line(copy);
  ck_assert_pstr_eq(line.name, lines[_i].name);
  ck_assert_pstr_eq(line.value, lines[_i].value);
  ck_assert_pstr_eq(line.fault, lines[_i].fault);
}
END_TEST

static void
collect(void *context, const char *path, unsigned line, const char *fault)
{
  char *all = context;

  (void)path;
  snprintf(all + strlen(all), 512 - strlen(all), "%u %s\n", line, fault);
}

START_TEST(a_configuration_file)
{
  static const char text[] = "# coturn's grammar\n"
                             "listening-port=3479\n"
                             "flag\n"
                             "user=alice:a b\n"
                             "relm=x\n"
                             "user=\"bob:c\"\n"
                             "any=many\n"
                             "text=last line without an end";
  char path[] = "/tmp/saturn-options-XXXXXX", all[512] = "", *file;
  int fd = mkstemp(path);

  memset(&got, 0, sizeof got);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, sizeof text - 1), sizeof text - 1);
  close(fd);
  ck_assert_uint_eq(options_read_file(&table, path, collect, all, &file), 2);
  unlink(path);
  ck_assert_str_eq(all, "5 unknown option relm\n"
                        "7 any: many is no number from 0\n");
  ck_assert_uint_eq(got.number, 3479);
  ck_assert(got.flag);
  ck_assert_uint_eq(got.texts.n, 2);
  ck_assert_str_eq(got.texts.items[0], "alice:a b");
  ck_assert_str_eq(got.texts.items[1], "bob:c");
  ck_assert_str_eq(got.text, "last line without an end");
  texts_clear(&got.texts);
  free(file);
}
END_TEST

START_TEST(a_file_that_cannot_be_read)
{
  char all[512] = "", *file;

  ck_assert_uint_eq(
      options_read_file(&table, "/nowhere/x", collect, all, &file), 1);
  ck_assert_ptr_null(file);
  ck_assert_str_eq(all, "0 No such file or directory\n");
}
END_TEST

START_TEST(numbers_are_strict)
{
  static const char *const wrong[] = { "",   "x",   "1x",
                                       " 1", "1 ",  "+1",
                                       "-1", "0x1", "18446744073709551616" };
  uint64_t number = 5;

  for (size_t i = 0; i < COUNT(wrong); i++)
    ck_assert_msg(!number_read(wrong[i], &number), "%s", wrong[i]);
  ck_assert_uint_eq(number, 5);
  ck_assert(number_read("18446744073709551615", &number));
  ck_assert_uint_eq(number, UINT64_MAX);
  ck_assert(!duration_read("ms", &number));
  ck_assert(!duration_read("99999999999999999s", &number));
  ck_assert(duration_read("250ms", &number) && number == 250);
  ck_assert(duration_read("2", &number) && number == 2000);
  ck_assert(duration_read("1h", &number) && number == 3600000);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("options");
  TCase *c = tcase_create("options");
  SRunner *runner;
  int failed;

  tcase_add_test(c, every_way_to_give_a_value);
  tcase_add_test(c, repeated_options);
  tcase_add_test(c, words_that_are_no_options);
  tcase_add_test(c, a_secret_is_kept_and_its_word_overwritten);
  tcase_add_loop_test(c, a_fault_names_the_culprit, 0, COUNT(faults));
  tcase_add_test(c, a_fault_of_any_length_fits);
  tcase_add_loop_test(c, a_line_of_a_configuration_file, 0, COUNT(lines));
  tcase_add_test(c, a_configuration_file);
  tcase_add_test(c, a_file_that_cannot_be_read);
  tcase_add_test(c, numbers_are_strict);
  suite_add_tcase(suite, c);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
