/*
 * What programs, the kernel library and the loader share.
 *
 * A program owns a control block: an array of words, made by JavaScript. Word 0 is its status, words after it hold the
 * positions of its scans, then the addresses of its buffers. No header beyond the compiler's own is needed.
 */
#ifndef CHAINRULE_ABI_H
#define CHAINRULE_ABI_H

typedef __INT8_TYPE__ int8_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __INT32_TYPE__ int32_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT64_TYPE__ uint64_t;

typedef union {
  int64_t number;
  char *pointer;
  int32_t status; /* word 0: 0, or the lowest code of a check that failed */
} word;

/*
 * Iterations lo to hi - 1 of a kernel's outermost loop. `ports` says which words of the block it works on; `scratch` is
 * this thread's own memory, 64-byte aligned, whose content does not outlive the call.
 */
typedef void phase(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi);

/* One axis of a contraction: its size, and its stride in each operand, in elements. */
typedef struct {
  int64_t size, a, b, out;
} axis;

/*
 * What follows a contraction element by element. Called with the part of the result that has just been stored and is
 * still in the nearest cache: rows r0 to r1 - 1, columns c0 to c1 - 1 (flattened over their axes) of one batch.
 */
typedef void epilogue(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1, int64_t c0,
                      int64_t c1);

/*
 * out[batch, row, col] = sum over inner of a[batch, row, inner] * b[batch, inner, col], f32.
 *
 * The axes are those of batch, rows, cols and inner, one after another, outermost first. Order: inner positions
 * row-major and ascending, acc = fma(a, b, acc) from +0, in `parts` runs of ceil(K / parts), each of which leaves its
 * result `part_stride` elements after the one before.
 */
typedef struct {
  int32_t batch, rows, cols, inner; /* how many axes each has */
  int64_t parts, part_stride;
  const axis *axes;
  epilogue *then; /* may be null */
  const int32_t *ports; /* the epilogue's */
  /* if `to` is not 0: only these positions of its first axis, of the batch or else of the rows */
  int64_t from, to;
} contraction;

/* The operands of attention. A gradient's are all of them, what it starts from has no gradients. */
enum {
  ATTENTION_Q,    /* queries x width */
  ATTENTION_K,    /* keys x width */
  ATTENTION_V,    /* keys x value_width */
  ATTENTION_MASK, /* queries x keys, added to scores; may be null */
  ATTENTION_STATE, /* four u32: a key and a 64-bit counter, low word first; null where no weights are dropped */
  ATTENTION_OUT,  /* queries x value_width */
  ATTENTION_LSE,  /* queries: logarithm of the sum of the exponentials of a query's scores */
  ATTENTION_GRAD, /* of out */
  ATTENTION_DQ,
  ATTENTION_DK,
  ATTENTION_DV,
  ATTENTION_OPERANDS
};

typedef struct {
  int64_t size, step[ATTENTION_OPERANDS];
} attention_axis;

/* Constants of the order below, and the widest row of q, k and v that the kernels take. */
enum { ATTENTION_KEYS = 64, ATTENTION_DIAGONAL = 32, ATTENTION_WIDEST = 256 };

/*
 * out = softmax(q * k' * scale + mask) * v for each batch, f32; rows are `row[operand]` elements from each other, elements
 * of a row are neighbours (those of the mask `mask_column` apart).
 *
 * For each query, by itself, in this order. `fma(a, b, c)` rounds once where the machine can, sums of it are in ascending
 * order; everything else rounds on its own.
 *
 * exp(x) is 0 for x < -87.
 *
 * Scores: s[j] = sum over e of fma(k[j, e], q[e] * scale), + mask[j], or -infinity if `causal` and key j comes after the
 * query. Query i sees all keys, or if `causal` those before the next multiple of ATTENTION_DIAGONAL that is above i.
 *
 * What weights are multiplied by: r[j] = kept, or 0 where one is dropped; 1 without ATTENTION_STATE. Of n scores of all
 * batches (row-major, as axes stand) number x of quarter y, y * ceil(n / 4) + x, is dropped if half a word of
 * Threefry2x32-20 of the counter + x is less than drops_below: y = 0 and 1 have the halves of the first word, the lower one
 * first, 2 and 3 those of the second.
 *
 * Forward: most = the least float, sum = 0, o = 0; for each block of ATTENTION_KEYS keys that it sees:
 *   m = max(most, all s[j]), c = exp(most - m), p[j] = exp(s[j] - m), most = m
 *   sum = sum * c + p[0] + p[1] ..., o[e] = o[e] * c, then fma(v[j, e], p[j] * r[j], o[e]) for each j
 * out = o / sum, lse = most + log(sum); where sum is 0, out is o and lse is infinity.
 *
 * Backward, from the gradient g of out: delta = sum over e of fma(g[e], out[e]),
 *   p[j] = exp(s[j] - lse), d[j] = p[j] * ((sum over e of fma(v[j, e], g[e])) * r[j] - delta) * scale
 *   dq[e] = sum over j of fma(k[j, e], d[j]), for all keys that the query sees
 *   dk[j, e] = sum over queries that see j of fma(d[j], q[e]), dv[j, e] = the same of fma(p[j] * r[j], g[e]).
 */
typedef struct {
  int32_t batch; /* how many axes */
  int32_t causal;
  int64_t queries, keys, width, value_width;
  int64_t mask_column, row[ATTENTION_OPERANDS];
  const attention_axis *axes; /* of the batch, outermost first */
  float scale, kept;
  int32_t drops_below;
} attention;

typedef struct runtime runtime;

/* What the loader and the kernel library do for a program. */
struct runtime {
  int32_t threads;
  /* the calling thread's */
  char *scratch;
  /* runs iterations 0 to range - 1 on all threads, in chunks of multiples of `grain`; returns when all are done */
  void (*share)(runtime *, phase *, word *block, const int32_t *ports, int64_t range, int64_t grain);
  void (*contract)(runtime *, word *block, const contraction *, const float *a, const float *b, float *out);
  /* `at`: where the operands stand */
  void (*attend)(runtime *, const attention *, float *const *at);
  void (*attend_grad)(runtime *, const attention *, float *const *at);
  /* the stable ascending order of each row of u32 keys; scratch holds 4 * length words and is
   8-byte aligned */
  void (*argsort)(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length);
  /* is told after each kernel which one it was, in programs that are rendered with marks */
  void (*mark)(runtime *, int32_t kernel);
};

/* What a program exports: runs once and gives its status. */
typedef int32_t program(runtime *, word *block);

/* What the kernel library exports. `scratch` is how many bytes of its own memory each thread needs. */
#define EXPORTED __attribute__((visibility("default")))
extern EXPORTED const int64_t chainrule_contract_scratch;
EXPORTED void chainrule_contract(runtime *, word *block, const contraction *, const float *a, const float *b, float *out);
EXPORTED void chainrule_argsort(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length);
extern EXPORTED const int64_t chainrule_attention_scratch;
EXPORTED void chainrule_attention(runtime *, const attention *, float *const *at);
EXPORTED void chainrule_attention_grad(runtime *, const attention *, float *const *at);
/* Does so many rounds of multiply-adds on registers; how many operations that was. */
EXPORTED double chainrule_probe(int64_t rounds);

#endif
