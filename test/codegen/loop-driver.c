/*
 * Runs kernels on what a file says and writes what they leave to another: node gives `kernels`, the table of those that
 * this program holds. Every buffer is memory of its own that ends where it ends and is aligned to its elements only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  phase *run;
  int64_t range, grain;
} kernel;
extern const kernel kernels[];

static FILE *in, *out;
static char scratch[1 << 16] __attribute__((aligned(64)));

static int64_t number(void) {
  int64_t n;
  if (fread(&n, sizeof n, 1, in) != 1) exit(1);
  return n;
}

enum { GUARD = 64 };

/* Room for `bytes` at the end of an allocation, with bytes that must not change before it. */
static char *room(int64_t bytes, int64_t element) {
  int64_t front = GUARD + element;
  char *memory = malloc(front + bytes);
  memset(memory, 0x5a, front);
  return memory + front;
}

static int intact(const char *data, int64_t element) {
  for (int64_t i = 1; i <= GUARD + element; i++)
    if (data[-i] != 0x5a) return 0;
  return 1;
}

typedef struct {
  int64_t bytes, element;
  char *first; /* its content at the start; null: a position */
} content;

static void run(const kernel *k, int64_t count, const content *words, const int32_t *ports, const int64_t *positions,
                int64_t cut) {
  word *block = malloc((1 + count) * sizeof *block);
  block[0].number = 0;
  for (int64_t i = 0; i < count; i++) {
    if (!words[i].first) block[1 + i].number = positions[i];
    else block[1 + i].pointer = memcpy(room(words[i].bytes, words[i].element), words[i].first, words[i].bytes);
  }
  int64_t step = cut ? cut * k->grain : k->range;
  /* Last runs first: the order must not matter. */
  if (k->range > 0)
    for (int64_t lo = (k->range - 1) / step * step; lo >= 0; lo -= step)
      k->run(block, ports, scratch, lo, lo + step < k->range ? lo + step : k->range);
  int64_t status = block[0].number;
  for (int64_t i = 0; i < count; i++)
    if (words[i].first && !intact(block[1 + i].pointer, words[i].element)) status = -1;
  fwrite(&status, sizeof status, 1, out);
  for (int64_t i = 0; i < count; i++) {
    if (!words[i].first) continue;
    fwrite(block[1 + i].pointer, 1, words[i].bytes, out);
    free(block[1 + i].pointer - GUARD - words[i].element);
  }
  free(block);
}

int main(int argc, char **argv) {
  if (argc != 3 || !(in = fopen(argv[1], "rb")) || !(out = fopen(argv[2], "wb"))) return 2;
  int64_t cases = number();
  for (int64_t c = 0; c < cases; c++) {
    int64_t at = number(), count = number(), used = number();
    content *words = calloc(count + 1, sizeof *words);
    int64_t *positions = calloc(count + 1, sizeof *positions);
    int32_t *ports = calloc(used + 1, sizeof *ports);
    for (int64_t i = 0; i < used; i++) ports[i] = (int32_t)number();
    for (int64_t i = 0; i < count; i++) {
      words[i].element = number();
      if (!words[i].element) {
        positions[i] = number();
        continue;
      }
      words[i].bytes = number();
      words[i].first = malloc(words[i].bytes + 1);
      if ((int64_t)fread(words[i].first, 1, words[i].bytes, in) != words[i].bytes) return 1;
    }
    for (int64_t cut = 0; cut < 4; cut++)
      if (cut != 2) run(&kernels[at], count, words, ports, positions, cut);
    for (int64_t i = 0; i < count; i++) free(words[i].first);
    free(words);
    free(positions);
    free(ports);
  }
  return fclose(out) != 0;
}
