/*
 * Runs programs on what a file says and writes what they leave to another: node gives `programs`, those of this process.
 * Every buffer is memory of its own that ends where it ends and is aligned to its elements only, or to a cache line if
 * it is a temporary one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern program *const programs[];
enum { THREADS = 3, GUARD = 64, UNSET = 0x5a };

static FILE *in, *out;
static char *scratches[THREADS];

/* Threads take turns here: the last part of the range first, since the order must not matter. */
static void share(runtime *rt, phase *run, word *block, const int32_t *ports, int64_t range, int64_t grain) {
  (void)rt;
  int64_t part = (range / grain + 4) / 5 * grain;
  if (part == 0) part = grain;
  int32_t turn = 0;
  for (int64_t lo = (range - 1) / part * part; lo >= 0; lo -= part)
    run(block, ports, scratches[turn++ % THREADS], lo, lo + part < range ? lo + part : range);
}

static int64_t number(void) {
  int64_t n;
  if (fread(&n, sizeof n, 1, in) != 1) exit(1);
  return n;
}

typedef struct {
  int64_t bytes, alignment, given, wanted; /* whether its content is in the file, and whether it is to be written */
  char *memory;
} buffer;

static int intact(const buffer *b) {
  for (int64_t i = 0; i < GUARD + b->alignment; i++)
    if (b->memory[i] != UNSET) return 0;
  return 1;
}

static void run(program *p) {
  const int64_t pointers = number(), count = number();
  word *block = calloc((size_t)(pointers + count), sizeof *block);
  buffer *buffers = calloc((size_t)count + 1, sizeof *buffers);
  for (int64_t i = 0; i < count; i++) {
    buffer *b = &buffers[i];
    b->bytes = number();
    b->alignment = number();
    b->given = number();
    b->wanted = number();
    const size_t front = (size_t)(GUARD + b->alignment), bytes = (size_t)b->bytes;
    if (posix_memalign((void **)&b->memory, 64, front + bytes)) exit(1);
    memset(b->memory, UNSET, front + bytes);
    block[pointers + i].pointer = b->memory + front;
    if (b->given && fread(b->memory + front, 1, bytes, in) != bytes) exit(1);
  }
  runtime rt = {.threads = THREADS,
                .scratch = scratches[0],
                .share = share,
                .contract = chainrule_contract,
                .argsort = chainrule_argsort,
                .attend = chainrule_attention,
                .attend_grad = chainrule_attention_grad};
  int64_t status = p(&rt, block);
  for (int64_t i = 0; i < count; i++)
    if (!intact(&buffers[i])) status = -1;
  fwrite(&status, sizeof status, 1, out);
  for (int64_t i = 0; i < count; i++) {
    if (buffers[i].wanted) fwrite(block[pointers + i].pointer, 1, (size_t)buffers[i].bytes, out);
    free(buffers[i].memory);
  }
  free(buffers);
  free(block);
}

int main(int argc, char **argv) {
  if (argc != 3 || !(in = fopen(argv[1], "rb")) || !(out = fopen(argv[2], "wb"))) return 2;
  const int64_t contract = chainrule_contract_scratch, attend = chainrule_attention_scratch;
  const int64_t count = number(), scratch = ((contract > attend ? contract : attend) + number() + 63) / 64 * 64;
  for (int i = 0; i < THREADS; i++) scratches[i] = aligned_alloc(64, (size_t)scratch);
  for (int64_t i = 0; i < count; i++) run(programs[i]);
  for (int i = 0; i < THREADS; i++) free(scratches[i]);
  return fclose(out) != 0;
}
