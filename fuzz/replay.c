/* SPDX-License-Identifier: MIT
 *
 * replay.c - run a harness over files, for compilers without libFuzzer.
 * Usage: replay_NAME FILE-OR-FOLDER...
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static unsigned long runs;

/* Feed the first LEN bytes of DATA, in a block of their own. */
static void
run(const uint8_t *data, size_t len)
{
  uint8_t *copy = malloc(len > 0 ? len : 1);

  if (copy == NULL)
    exit(3);
  if (len > 0)
    memcpy(copy, data, len);
  LLVMFuzzerTestOneInput(copy, len);
  free(copy);
  runs++;
}

static bool
run_file(const char *path)
{
  static uint8_t data[1 << 17];
  FILE *file = fopen(path, "rb");
  size_t len;

  if (file == NULL) {
    fprintf(stderr, "replay: cannot read %s\n", path);
    return false;
  }
  len = fread(data, 1, sizeof data, file);
  fclose(file);
  run(data, len);
  if (len > 0)
    run(data, len - 1);
  return true;
}

static bool
run_folder(DIR *folder, const char *path)
{
  const struct dirent *entry;
  char name[4096];

  while ((entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] == '.')
      continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (!run_file(name))
      return false;
  }
  return true;
}

int
main(int argc, char **argv)
{
  DIR *folder;
  bool good = true;
  int i;

  for (i = 1; i < argc; i++) {
    folder = opendir(argv[i]);
    if (folder == NULL) {
      good = run_file(argv[i]) && good;
      continue;
    }
    good = run_folder(folder, argv[i]) && good;
    closedir(folder);
  }
  printf("replayed %lu inputs\n", runs);
  return good && runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
