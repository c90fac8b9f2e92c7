/*
 * What attention is made of: small products whose result stays in registers, transposed blocks, exp and log.
 *
 * Compiled with -ffp-contract=fast: products that add up are meant to be one instruction where the machine has it. A
 * product that is rounded on its own before something is added to it says so.
 */
#ifndef CHAINRULE_ATTENTION_TILE_H
#define CHAINRULE_ATTENTION_TILE_H

#include "abi.h"

#if defined(__AVX512F__)
#define LANES 16
#define ROWS 8 /* most rows of a tile, two vectors wide */
#define LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define IN_REGISTER "v"
#elif defined(__AVX2__)
#define LANES 8
#define ROWS 6
#define LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7
#define IN_REGISTER "x"
#else
#define LANES 4
#define LANE_NUMBERS 0, 1, 2, 3
#if defined(__aarch64__)
#define ROWS 8
#define IN_REGISTER "w"
#else
#define ROWS 6
#define IN_REGISTER "x"
#endif
#endif

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

typedef float vec __attribute__((vector_size(LANES * 4)));
typedef int32_t ivec __attribute__((vector_size(LANES * 4)));
typedef uint32_t uvec __attribute__((vector_size(LANES * 4)));
typedef uint8_t bytes __attribute__((vector_size(LANES)));
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

INLINE vec load(const float *p) { return *(const loose *)p; }
INLINE void store(float *p, vec x) { *(loose *)p = x; }
INLINE vec splat(float x) { return x - (vec){0}; }

/* x, so that nothing before it and after it becomes one instruction. */
INLINE vec rounded(vec x) {
  __asm__("" : "+" IN_REGISTER(x));
  return x;
}

/* The lanes of a where the mask (lanes of 0 or -1) holds, else those of b. */
INLINE vec blend(ivec mask, vec a, vec b) { return (vec)((mask & (ivec)a) | (~mask & (ivec)b)); }

/* a > b ? a : b. gcc has masks in registers of their own, and does not see the one instruction through them. */
INLINE vec greater(vec a, vec b) {
#if defined(__AVX512F__) && !defined(__clang__)
  vec c;
  __asm__("vmaxps %2, %1, %0" : "=v"(c) : "v"(a), "vm"(b));
  return c;
#else
  return blend(a > b, a, b);
#endif
}

/* The formulas of src/core/numerics.ts. */

/* exp(x) for x <= 0, -infinity and NaN; 0 below x = -87, so that nothing on the way is subnormal, which is slow. */
INLINE vec exp_below(vec x) {
  const vec near = greater(splat(-87), x);
  const float integer = 12582912 + 127; /* the bias of an exponent */
  const vec shifted = rounded(near * 1.4426950216293335f) + integer;
  const vec n = shifted - integer;
  const vec r = near - rounded(n * 0.693145751953125f) - rounded(n * 1.428606765330187e-6f);
  vec sum = splat(0.001383673632517457f);
  sum = rounded(sum * r) + 0.008367106318473816f;
  sum = rounded(sum * r) + 0.04166775196790695f;
  sum = rounded(sum * r) + 0.16666539013385773f;
  sum = rounded(sum * r) + 0.4999999701976776f;
  const vec power = r + rounded(rounded(r * r) * sum) + 1;
  const vec result = rounded(power * (vec)((ivec)shifted << 23));
  return (vec)(~(x < -87) & (ivec)result);
}

/* For finite x >= 1 and NaN. */
INLINE vec log_above(vec x) {
  const ivec k = ((ivec)x - 0x3f3504f3) >> 23;
  const vec n = __builtin_convertvector(k, vec);
  const vec f = (vec)((ivec)x - (k << 23)) - 1;
  const vec half_square = rounded(rounded(f * f) * 0.5f);
  const vec quotient = f / (f + 2);
  const vec z = rounded(quotient * quotient);
  vec sum = rounded(splat(0.29870694875717163f) * z) + 0.3997758626937866f;
  sum = rounded(sum * z) + 0.6666677594184875f;
  const vec rest = rounded(quotient * (half_square + rounded(z * sum)));
  const vec low = rest + rounded(n * 1.428606765330187e-6f);
  const vec result = rounded(n * 0.693145751953125f) + (f - (half_square - low));
  return blend(x == x, result, x);
}

/* Threefry2x32-20: both words of a block of random numbers in place of its counter. */
INLINE void threefry(const uint32_t key[2], uvec *low, uvec *high) {
  const int rotations[] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t keys[] = {key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda};
  uvec a = *low + keys[0], b = *high + keys[1];
  UNROLL for (int round = 0; round < 20; round++) {
    const int by = rotations[round % 8], injection = (round + 1) / 4;
    a += b;
    b = (b << by | b >> (32 - by)) ^ a;
    if (round % 4 < 3) continue;
    a += keys[injection % 3];
    b += keys[(injection + 1) % 3] + (uint32_t)injection;
  }
  *low = a;
  *high = b;
}

/* Transposed blocks */

/* Of two rows, `half` apart: their lanes with that bit clear, and those with it set. */
#ifdef __clang__
#define PICK(name, at_x, at_y)                                                                                       \
  INLINE vec name(vec x, vec y, const int half) {                                                                   \
    vec z = x;                                                                                                       \
    UNROLL for (int lane = 0; lane < LANES; lane++) z[lane] = lane & half ? y[(at_y) % LANES] : x[(at_x) % LANES];    \
    return z;                                                                                                        \
  }
PICK(lower, lane, lane - half + LANES)
PICK(upper, lane + half, lane)
#else
INLINE vec lower(vec x, vec y, const int half) {
  const ivec lane = {LANE_NUMBERS}, second = (lane & half) != 0;
  return __builtin_shuffle(x, y, lane + (second & (LANES - half)));
}
INLINE vec upper(vec x, vec y, const int half) {
  const ivec lane = {LANE_NUMBERS}, second = (lane & half) != 0;
  return __builtin_shuffle(x, y, lane + (second & LANES) + (~second & half));
}
#endif

INLINE void transpose(vec x[LANES]) {
  UNROLL for (int half = 1; half < LANES; half *= 2) {
    UNROLL for (int i = 0; i < LANES; i++) {
      if (i & half) continue;
      const vec low = lower(x[i], x[i + half], half), high = upper(x[i], x[i + half], half);
      x[i] = low;
      x[i + half] = high;
    }
  }
}

/* Products */

/*
 * c[row, lane] += sum over k of a[row, k] * b[k, lane], each element one chain in ascending order of k.
 * APART: a's rows stand `by` from each other and its ks are neighbours; TOGETHER: the other way round.
 */
typedef struct {
  int64_t size; /* ks */
  const float *a;
  int64_t by;
  const float *b;
  int64_t b_step;
  float *c;
  int64_t c_row;
  int fresh; /* starts from +0, not from what c holds */
} product;

enum { APART, TOGETHER, WAYS };

typedef void tile(const product *);

INLINE void multiply_tile(const product *p, const int way, const int rows, const int vectors) {
  vec acc[ROWS][2];
  float *c = p->c;
  const int64_t by = p->by, b_step = p->b_step, c_row = p->c_row;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) acc[i][j] = p->fresh ? (vec){0} : load(c + i * c_row + j * LANES);
  }
  const float *a = p->a, *b = p->b;
  for (int64_t k = p->size; k > 0; k--, a += way == APART ? 1 : by, b += b_step) {
    vec right[2];
    UNROLL for (int j = 0; j < vectors; j++) right[j] = load(b + j * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      const float left = a[way == APART ? i * by : i];
      UNROLL for (int j = 0; j < vectors; j++) acc[i][j] += left * right[j];
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) store(c + i * c_row + j * LANES, acc[i][j]);
  }
}

#if ROWS == 8
#define EACH_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#else
#define EACH_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#endif
#define TILES(r)                                                                                                     \
  static void apart_##r##_1(const product *p) { multiply_tile(p, APART, r, 1); }                                     \
  static void apart_##r##_2(const product *p) { multiply_tile(p, APART, r, 2); }                                     \
  static void together_##r##_1(const product *p) { multiply_tile(p, TOGETHER, r, 1); }                               \
  static void together_##r##_2(const product *p) { multiply_tile(p, TOGETHER, r, 2); }
EACH_ROWS(TILES)
#define APART_1(r) apart_##r##_1,
#define APART_2(r) apart_##r##_2,
#define TOGETHER_1(r) together_##r##_1,
#define TOGETHER_2(r) together_##r##_2,

/* by way, vectors - 1 and rows - 1 */
static tile *const tiles[WAYS][2][ROWS] = {{{EACH_ROWS(APART_1)}, {EACH_ROWS(APART_2)}},
                                           {{EACH_ROWS(TOGETHER_1)}, {EACH_ROWS(TOGETHER_2)}}};

/* `rows` rows in tiles. */
static void multiply(product p, const int way, int64_t rows, const int vectors) {
  while (rows > 0) {
    const int64_t now = rows < ROWS ? rows : ROWS;
    tiles[way][vectors - 1][now - 1](&p);
    p.a += way == APART ? now * p.by : now;
    p.c += now * p.c_row;
    rows -= now;
  }
}

#endif
