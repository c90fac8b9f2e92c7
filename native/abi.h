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
} contraction;

typedef struct runtime runtime;

/* What the loader and the kernel library do for a program. */
struct runtime {
  int32_t threads;
  /* the calling thread's */
  char *scratch;
  /* runs iterations 0 to range - 1 on all threads, in chunks of multiples of `grain`; returns when all are done */
  void (*share)(runtime *, phase *, word *block, const int32_t *ports, int64_t range, int64_t grain);
  void (*contract)(runtime *, word *block, const contraction *, const float *a, const float *b, float *out);
  /* the stable ascending order of each row of u32 keys; scratch holds 4 * length words and is
   8-byte aligned */
  void (*argsort)(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length);
  /* is told after each kernel which one it was, in programs that are rendered with marks */
  void (*mark)(runtime *, int32_t kernel);
};

/* What a program exports: runs once and gives its status. */
typedef int32_t program(runtime *, word *block);

/* What the kernel library exports. The first is how many bytes of scratch memory a contraction needs of each thread. */
#define EXPORTED __attribute__((visibility("default")))
extern EXPORTED const int64_t chainrule_contract_scratch;
EXPORTED void chainrule_contract(runtime *, word *block, const contraction *, const float *a, const float *b, float *out);
EXPORTED void chainrule_argsort(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length);
/* Does so many rounds of multiply-adds on registers; how many operations that was. */
EXPORTED double chainrule_probe(int64_t rounds);

#endif
