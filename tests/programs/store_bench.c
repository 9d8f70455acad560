/* SPDX-License-Identifier: MIT
 *
 * store_bench.c - a user store on a loop of the test, and servers for it.
 */
#include "store_bench.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

#define PATIENCE_MS 20000
#define CHILDREN 8

struct user_store *store;
uv_loop_t loop;
char notes[4096];
struct user_store_config config;

static char directory[64];
static int children[CHILDREN];

static void
take_note(void *context, const char *text)
{
  size_t len = strlen(notes);

  ck_assert_ptr_eq(context, notes);
  snprintf(notes + len, sizeof notes - len, "%s\n", text);
}

void
bench_start(void)
{
  memset(&config, 0, sizeof config);
  config.realm = REALM;
  config.note = take_note;
  config.note_context = notes;
  notes[0] = '\0';
  store = NULL;
  strcpy(directory, "/tmp/saturn-users-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(directory));
  ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
remove_directory(void)
{
  DIR *d = opendir(directory);
  struct dirent *entry;
  char path[400];

  while (d != NULL && (entry = readdir(d)) != NULL) {
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    unlink(path);
  }
  if (d != NULL)
    closedir(d);
  rmdir(directory);
}

void
bench_end(void)
{
  user_store_close(store);
  store = NULL;
  for (int i = 0; i < CHILDREN; i++)
    if (children[i] != 0)
      bench_stop(children[i]);
  uv_run(&loop, UV_RUN_DEFAULT);
  ck_assert_int_eq(uv_loop_close(&loop), 0);
  texts_clear(&config.users);
  texts_clear(&config.htdigests);
  texts_clear(&config.secrets);
  remove_directory();
}

void
bench_open(void)
{
  char fault[OPTION_FAULT] = "";

  store = user_store_open(&loop, &config, fault);
  ck_assert_msg(store != NULL, "%s", fault);
  ck_assert_str_eq(fault, "");
}

const char *
bench_fault(void)
{
  static char fault[OPTION_FAULT];

  fault[0] = '\0';
  if (store != NULL)
    ck_assert(!user_store_reload(store, &config, fault));
  else
    ck_assert_ptr_null(user_store_open(&loop, &config, fault));
  ck_assert_str_ne(fault, "");
  ck_assert_ptr_null(strchr(fault, '\n'));
  return fault;
}

void
bench_reload(void)
{
  char fault[OPTION_FAULT] = "";

  ck_assert_msg(user_store_reload(store, &config, fault), "%s", fault);
}

struct user_wish
wish_for(const char *name)
{
  struct user_wish wish = { .realm = SATURN_TEXT(REALM),
                            .username = text_of(name),
                            .algorithm = SATURN_MD5,
                            .now_s = NOW };

  return wish;
}

static void
copy_text(char out[800], struct saturn_bytes text)
{
  ck_assert_uint_lt(text.len, 800);
  if (text.len > 0)
    memcpy(out, text.data, text.len);
  out[text.len] = '\0';
}

static void
take_answer(void *context, const struct user_answer *a)
{
  struct answer *answer = context;

  ck_assert_uint_le(a->n_keys, KEPT_KEYS);
  ck_assert((a->why == SATURN_WHY_NOTHING) == (a->n_keys > 0));
  answer->times++;
  answer->why = a->why;
  answer->source = a->source;
  answer->n_keys = a->n_keys;
  if (a->n_keys > 0)
    memcpy(answer->keys, a->keys, a->n_keys * sizeof *a->keys);
  copy_text(answer->name, a->name);
  copy_text(answer->account, a->account);
  answer->expiry_s = a->expiry_s;
}

struct user_question *
bench_ask(const struct user_wish *wish, struct answer *answer)
{
  struct user_question *question;

  memset(answer, 0, sizeof *answer);
  question = user_store_find(store, wish, take_answer, answer);
  ck_assert_int_eq(answer->times, question == NULL);
  answer->late = question != NULL;
  return question;
}

static void
stop_waiting(uv_timer_t *timer)
{
  *(bool *)timer->data = true;
}

bool
bench_wait(bool (*holds)(void *context), void *context, unsigned ms)
{
  bool over = false;
  uv_timer_t timer, tick;

  uv_timer_init(&loop, &timer);
  uv_timer_init(&loop, &tick);
  timer.data = &over;
  tick.data = &(bool){ false };
  uv_timer_start(&timer, stop_waiting, ms, 0);
  uv_timer_start(&tick, stop_waiting, 5, 5);
  while (!over && !holds(context))
    uv_run(&loop, UV_RUN_ONCE);
  uv_close((uv_handle_t *)&timer, NULL);
  uv_close((uv_handle_t *)&tick, NULL);
  uv_run(&loop, UV_RUN_NOWAIT);
  return holds(context);
}

static bool
is_answered(void *context)
{
  return ((struct answer *)context)->times > 0;
}

const struct answer *
bench_find(const struct user_wish *wish)
{
  static struct answer answer;

  if (bench_ask(wish, &answer) != NULL)
    ck_assert_msg(bench_wait(is_answered, &answer, PATIENCE_MS), "no answer");
  ck_assert_int_eq(answer.times, 1);
  return &answer;
}

const struct answer *
bench_user(const char *name)
{
  const struct user_wish wish = wish_for(name);

  return bench_find(&wish);
}

bool
is_key_of(const struct answer *answer, enum saturn_algorithm algorithm,
          const char *name, const char *password)
{
  struct saturn_key key;

  saturn_key_long_term(&key, algorithm, text_of(name), SATURN_TEXT(REALM),
                       text_of(password));
  return answer->why == SATURN_WHY_NOTHING && answer->n_keys == 1
         && memcmp(&key, answer->keys, sizeof key) == 0;
}

const char *
bench_path(const char *name)
{
  static char paths[8][256];
  static unsigned n;
  char *path = paths[n++ % 8];

  snprintf(path, sizeof *paths, "%s/%s", directory, name);
  return path;
}

const char *
bench_file(const char *name, const char *text)
{
  const char *path = bench_path(name);
  FILE *file = fopen(path, "w");

  ck_assert_ptr_nonnull(file);
  ck_assert_int_ge(fputs(text, file), 0);
  ck_assert_int_eq(fclose(file), 0);
  return path;
}

const char *
bench_program(const char *name)
{
  static const char *const directories[] = { "/usr/bin", "/usr/sbin",
                                             "/usr/local/bin" };
  static char path[128];

  for (int i = 0; i < COUNT(directories); i++) {
    snprintf(path, sizeof path, "%s/%s", directories[i], name);
    if (access(path, X_OK) == 0)
      return path;
  }
  return NULL;
}

static void
run_child(const char *const *command, int in)
{
  int null = open("/dev/null", O_RDWR);

  dup2(in >= 0 ? in : null, 0);
  dup2(null, 1);
  dup2(null, 2);
  execv(command[0], (char *const *)(uintptr_t)command);
  _exit(127);
}

bool
bench_feed(const char *const *command, const char *lines)
{
  int ends[2], status;
  pid_t pid;

  ck_assert_int_eq(pipe(ends), 0);
  pid = fork();
  if (pid == 0) {
    close(ends[1]);
    run_child(command, ends[0]);
  }
  close(ends[0]);
  ck_assert_int_eq(write(ends[1], lines, strlen(lines)), (int)strlen(lines));
  close(ends[1]);
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
bench_launch(const char *const *command)
{
  pid_t pid = fork();

  if (pid == 0)
    run_child(command, -1);
  for (int i = 0; i < CHILDREN; i++)
    if (children[i] == 0) {
      children[i] = pid;
      return pid;
    }
  ck_abort_msg("too many programs");
}

void
bench_stop(int pid)
{
  kill(pid, SIGTERM);
  kill(pid, SIGCONT);
  waitpid(pid, NULL, 0);
  for (int i = 0; i < CHILDREN; i++)
    if (children[i] == pid)
      children[i] = 0;
}

static int
tcp_socket(unsigned port, struct sockaddr_in *address)
{
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address->sin_port = htons((uint16_t)port);
  return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

unsigned
bench_port(void)
{
  struct sockaddr_in address;
  socklen_t len = sizeof address;
  int fd = tcp_socket(0, &address);

  ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
  ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
  close(fd);
  return ntohs(address.sin_port);
}

bool
bench_listens(unsigned port)
{
  struct sockaddr_in address;
  bool good = false;

  for (int i = 0; i < 200 && !good; i++) {
    int fd = tcp_socket(port, &address);

    good = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    if (!good)
      usleep(50000);
  }
  return good;
}
