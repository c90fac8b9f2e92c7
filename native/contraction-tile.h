/*
 * The innermost loops: a tile of the result, some rows by a few vectors, stays in registers while inner positions pass.
 *
 * Every element is one chain acc = fma(a, b, acc) in ascending order, whatever the tile, so that tiles change no bit.
 * Compiled with -ffp-contract=fast: each a * b + c below is meant to be one instruction.
 */
#ifndef CHAINRULE_CONTRACTION_TILE_H
#define CHAINRULE_CONTRACTION_TILE_H

#include "contraction-space.h"

#if defined(__AVX512F__)
#define LANES 16
#define REGISTERS 32
#elif defined(__AVX2__) || defined(__AVX__)
#define LANES 8
#define REGISTERS 16
#elif defined(__aarch64__)
#define LANES 4
#define REGISTERS 32
#else
#define LANES 4
#define REGISTERS 16
#endif

#if REGISTERS == 32
#define ROWS_1 14 /* most rows of a tile that is 1, 2, 3 and 4 vectors wide */
#define ROWS_2 14
#define ROWS_3 9
#define ROWS_4 6
#else
#define ROWS_1 12
#define ROWS_2 6
#define ROWS_3 4
#define ROWS_4 2
#endif
#define MAX_VECTORS 4
#define MAX_WIDTH (MAX_VECTORS * LANES)
#define MAX_LANES (ROWS_1 > MAX_WIDTH ? ROWS_1 : MAX_WIDTH) /* of a packed panel of either operand */

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

typedef float vec __attribute__((vector_size(LANES * 4)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* Parts of a vector, for what is narrower. */
typedef float half __attribute__((vector_size(LANES * 2), aligned(4), may_alias));

INLINE vec load(const float *p) { return *(const loose *)p; }
INLINE void store(float *p, vec x) { *(loose *)p = x; }

INLINE void copy_half(float *to, const float *from) { *(half *)to = *(const half *)from; }

/* Keeps the compiler from computing addresses ahead of a loop that it then has no registers for. */
#define HOLD(pointer) __asm__("" : "+r"(pointer))

INLINE vec multiply_add(float x, vec y, vec z) { return x * y + z; }

/* One call of a kernel. Steps and offsets are in elements. */
typedef struct {
  int64_t size;           /* inner positions */
  const float *a;
  int64_t a_step;         /* from one inner position to the next */
  const int64_t *a_row;   /* BY_RUNS: offset of each row */
  const run *a_run;       /* BY_RUNS: the runs of inner positions */
  const float *b;
  int64_t b_step;
  const float *b_vector[MAX_VECTORS]; /* BY_TABLE: where each vector's columns start */
  const int64_t *b_at;    /* BY_TABLE: offset of each inner position */
  float *c;
  const int64_t *c_row;   /* offset of each row */
  int fresh;              /* starts from +0, not from what c holds */
} tile;

/*
 * How the operands are read:
 * PLAIN: rows of a are neighbours, vectors of b are neighbours, both at a fixed step over inner positions: packed or not;
 * BY_TABLE: a like that, b where a table says: an image, in place;
 * BY_RUNS: b like that, the rows of a each at its own place, and inner positions in runs: a matrix or an image, in place.
 */
enum { PLAIN, BY_TABLE, BY_RUNS, WAYS };

typedef void kernel(const tile *);

/* Inner positions that BY_RUNS takes at once, to load each row's offset once for all of them. */
#define STRIDE 4

/* `steps` inner positions for every row: rows in groups, so that each row's chain does not wait for itself. */
INLINE void multiply_rows(const int rows, const int vectors, const int steps, vec acc[ROWS_1][MAX_VECTORS],
                          const int64_t *row, const float *a, int64_t a_step, const float *b, int64_t b_step) {
  vec right[STRIDE][MAX_VECTORS];
  UNROLL for (int s = 0; s < steps; s++) {
    UNROLL for (int j = 0; j < vectors; j++) right[s][j] = load(b + s * b_step + j * LANES);
  }
  HOLD(row);
  UNROLL for (int group = 0; group < rows; group += 4) {
    const float *left[4];
    UNROLL for (int i = 0; i < 4; i++) {
      left[i] = group + i < rows ? a + row[group + i] : a;
      HOLD(left[i]);
    }
    UNROLL for (int s = 0; s < steps; s++) {
      UNROLL for (int i = 0; i < 4; i++) {
        if (group + i >= rows) continue;
        const float x = left[i][s * a_step];
        UNROLL for (int j = 0; j < vectors; j++) acc[group + i][j] = multiply_add(x, right[s][j], acc[group + i][j]);
      }
    }
  }
}

INLINE void compute(const tile *t, const int rows, const int vectors, const int way) {
  vec acc[ROWS_1][MAX_VECTORS];
  float *c = t->c;
  const int64_t *c_row = t->c_row;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) acc[i][j] = t->fresh ? (vec){0} : load(c + c_row[i] + j * LANES);
  }
  int64_t left = t->size;
  const float *a = t->a, *b = t->b;
  const int64_t a_step = t->a_step, b_step = t->b_step;
  if (way == BY_RUNS) {
    const int64_t *row = t->a_row;
    const int steps = vectors <= 1 ? 4 : vectors <= 2 ? 2 : 1;
    for (const run *r = t->a_run; left > 0; r++) {
      int64_t n = r->size;
      left -= n;
      const float *from = a + r->at;
      for (; n >= steps; n -= steps) {
        multiply_rows(rows, vectors, steps, acc, row, from, a_step, b, b_step);
        from += steps * a_step;
        b += steps * b_step;
      }
      for (; n > 0; n--) {
        multiply_rows(rows, vectors, 1, acc, row, from, a_step, b, b_step);
        from += a_step;
        b += b_step;
      }
    }
  } else {
    const float *column[MAX_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) column[j] = t->b_vector[j];
    const int64_t *at = t->b_at;
    for (; left > 0; left--) {
      vec right[MAX_VECTORS];
      UNROLL for (int j = 0; j < vectors; j++) right[j] = load(way == BY_TABLE ? column[j] + *at : b + j * LANES);
      UNROLL for (int i = 0; i < rows; i++) {
        const float x = a[i];
        UNROLL for (int j = 0; j < vectors; j++) acc[i][j] = multiply_add(x, right[j], acc[i][j]);
      }
      a += a_step;
      if (way == BY_TABLE) at++;
      else b += b_step;
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) store(c + c_row[i] + j * LANES, acc[i][j]);
  }
}

#define EACH_2(X, v) X(1, v) X(2, v)
#define EACH_4(X, v) EACH_2(X, v) X(3, v) X(4, v)
#define EACH_6(X, v) EACH_4(X, v) X(5, v) X(6, v)
#define EACH_9(X, v) EACH_6(X, v) X(7, v) X(8, v) X(9, v)
#define EACH_12(X, v) EACH_9(X, v) X(10, v) X(11, v) X(12, v)
#define EACH_14(X, v) EACH_12(X, v) X(13, v) X(14, v)
#define EACH_OF(n) EACH_##n
#define EACH(n) EACH_OF(n)

/* The kernels of one way, by vectors - 1 and rows - 1: they take longest to compile, so each way does by itself. */
typedef kernel *const kernels[MAX_VECTORS][ROWS_1];
extern kernels chainrule_plain, chainrule_by_table, chainrule_by_runs;

#define ENTRY(r, v) kernel_##r##_##v,
#define DEFINE_KERNELS(name, way)                                                                                    \
  EACH(ROWS_1)(way, 1) EACH(ROWS_2)(way, 2) EACH(ROWS_3)(way, 3) EACH(ROWS_4)(way, 4)                                \
  kernels name = {{EACH(ROWS_1)(ENTRY, 1)}, {EACH(ROWS_2)(ENTRY, 2)}, {EACH(ROWS_3)(ENTRY, 3)}, {EACH(ROWS_4)(ENTRY, 4)}};
#define KERNEL_OF(r, v, way) \
  static void kernel_##r##_##v(const tile *t) { compute(t, r, v, way); }

static const int8_t most_rows[MAX_VECTORS] = {ROWS_1, ROWS_2, ROWS_3, ROWS_4};

#endif
