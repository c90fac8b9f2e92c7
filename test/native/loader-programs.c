/* Programs, and a kernel library, that the loader's tests run. Word 0 of a block is the status. */
#include <time.h>

#include "../../native/abi.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int32_t give_status(runtime *rt, word *block) {
  (void)rt;
  return block[0].status;
}

static void add_one(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)scratch;
  for (int64_t i = lo; i < hi; i++) ((float *)(void *)block[ports[0]].pointer)[i] += 1;
}

/* Adds 1 to word 2's count of floats at word 1, on all threads, in multiples of word 3. */
EXPORT int32_t increment(runtime *rt, word *block) {
  rt->share(rt, add_one, block, (const int32_t[]){1}, block[2].number, block[3].number);
  return 0;
}

/* Rests for word 3 nanoseconds, then appends word 2 to a list at word 1 (its first word is its length). */
EXPORT int32_t append(runtime *rt, word *block) {
  (void)rt;
  int64_t *list = (int64_t *)(void *)block[1].pointer, rest = block[3].number;
  nanosleep(&(struct timespec){.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000}, 0);
  list[++list[0]] = block[2].number;
  return 0;
}

/* Writes the bytes from word 1 on, word 2 of them, a page at a time and the last one. */
EXPORT int32_t touch(runtime *rt, word *block) {
  (void)rt;
  for (int64_t i = 0; i < block[2].number; i += 4096) block[1].pointer[i] = 1;
  block[1].pointer[block[2].number - 1] = 1;
  return 0;
}

/* Fills word 1 bytes of the thread's scratch memory and looks whether they stay. */
static void use_scratch(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)ports, (void)hi;
  int64_t bytes = block[1].number;
  if ((__UINTPTR_TYPE__)scratch % 64) block[0].status = 1;
  for (int64_t i = 0; i < bytes; i++) scratch[i] = (char)(lo + i);
  for (int64_t i = 0; i < bytes; i++)
    if (scratch[i] != (char)(lo + i)) block[0].status = 2;
}

EXPORT int32_t fill_scratch(runtime *rt, word *block) {
  rt->share(rt, use_scratch, block, 0, 64, 1);
  return block[0].status;
}

/* Three marks of two kernels, with a rest of a millisecond before each. */
EXPORT int32_t mark_kernels(runtime *rt, word *block) {
  (void)block;
  const int32_t kernels[] = {0, 1, 0};
  for (int i = 0; i < 3; i++) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, 0);
    rt->mark(rt, kernels[i]);
  }
  return 0;
}

EXPORT const int64_t chainrule_contract_scratch = 1 << 20;

/* Of matrices: one axis of each kind but batch. */
EXPORT void chainrule_contract(runtime *rt, word *block, const contraction *c, const float *a, const float *b,
                               float *out) {
  (void)block;
  const axis *row = c->axes, *col = row + 1, *inner = col + 1;
  for (int64_t i = 0; i < chainrule_contract_scratch; i += 4096) rt->scratch[i] = 1;
  for (int64_t i = 0; i < row->size; i++)
    for (int64_t j = 0; j < col->size; j++) {
      float sum = 0;
      for (int64_t k = 0; k < inner->size; k++) sum += a[i * row->a + k * inner->a] * b[j * col->b + k * inner->b];
      out[i * row->out + j * col->out] = sum;
    }
}

EXPORT double chainrule_probe(int64_t rounds) { return (double)rounds; }

EXPORT const int64_t chainrule_attention_scratch = 1 << 21;

/* What it was given, of the last batch. */
static void show_operands(runtime *rt, const attention *c, float *const *at, int operand) {
  for (int64_t i = 0; i < chainrule_attention_scratch; i += 4096) rt->scratch[i] = 1;
  int64_t batch = 0;
  for (int32_t i = 0; i < c->batch; i++) batch += (c->axes[i].size - 1) * c->axes[i].step[operand];
  for (int64_t i = 0; i < c->queries; i++)
    for (int64_t e = 0; e < c->width; e++)
      at[operand][batch + i * c->row[operand] + e] = at[ATTENTION_Q][i * c->row[ATTENTION_Q] + e] * c->scale;
}

EXPORT void chainrule_attention(runtime *rt, const attention *c, float *const *at) {
  show_operands(rt, c, at, ATTENTION_OUT);
}

EXPORT void chainrule_attention_grad(runtime *rt, const attention *c, float *const *at) {
  show_operands(rt, c, at, ATTENTION_DQ);
}

EXPORT void chainrule_argsort(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length) {
  (void)keys, (void)out, (void)scratch, (void)rows, (void)length;
}
