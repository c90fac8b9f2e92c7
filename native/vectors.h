/*
 * Vectors for generated programs: GCC's vector extension, which gcc and clang share, and what it lacks.
 *
 * f32x16 is 16 lanes of f32, and so on. i32x16 also holds u8 (0 to 255), bool and masks (lanes of 0 or -1). Scalars have
 * the same functions: f32_max as f32x16_max. Loops over lanes are written out by the compiler, which makes single
 * instructions of them where the machine has them: only those that end a row are named here.
 */
#ifndef CHAINRULE_VECTORS_H
#define CHAINRULE_VECTORS_H

/* A function has its type's parameters, whichever of them it needs. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

typedef float f32;
typedef double f64;
typedef int32_t i32;
typedef uint32_t u32;

#define INLINE static inline __attribute__((always_inline, unused))
#define VECTOR(bytes) __attribute__((vector_size(bytes)))
#define CONVERT(x, type) __builtin_convertvector(x, type)

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define EACH_LANE(n) UNROLL for (i32 lane = 0; lane < n; lane++)

/* Records a failed check: the lowest code stays, whichever thread comes first. */
INLINE void fail(word *block, i32 code) {
  i32 seen = __atomic_load_n(&block->status, __ATOMIC_RELAXED);
  while ((seen == 0 || code < seen) &&
         !__atomic_compare_exchange_n(&block->status, &seen, code, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

/* Scalars */

/* Maximum and minimum propagate NaN, and -0 < +0. Integers are truncated and saturate; NaN gives 0. */
#define SCALAR_FLOAT(T, fn) \
  INLINE T T##_sign(T x) { return (T)((x > 0) - (x < 0)); } \
  INLINE T T##_abs(T x) { return __builtin_fabs##fn(x); } \
  INLINE T T##_sqrt(T x) { return __builtin_sqrt##fn(x); } \
  INLINE T T##_floor(T x) { return __builtin_floor##fn(x); } \
  INLINE T T##_ceil(T x) { return __builtin_ceil##fn(x); } \
  INLINE T T##_round(T x) { return __builtin_rint##fn(x); } \
  INLINE T T##_trunc(T x) { return __builtin_trunc##fn(x); } \
  INLINE T T##_mod(T a, T b) { return __builtin_fmod##fn(a, b); } \
  INLINE T T##_greater(T a, T b) { return a > b ? a : b; } \
  INLINE T T##_less(T a, T b) { return a < b ? a : b; } \
  INLINE T T##_max(T a, T b) { \
    return a > b ? a : a < b ? b : a != b ? a + b : __builtin_signbit(a) ? b : a; \
  } \
  INLINE T T##_min(T a, T b) { \
    return a < b ? a : a > b ? b : a != b ? a + b : __builtin_signbit(a) ? a : b; \
  } \
  INLINE i32 i32_of_##T(T x) { \
    return x >= (T)2147483648.0 ? 2147483647 : x < (T)-2147483648.0 ? -2147483647 - 1 : x == x ? (i32)x : 0; \
  } \
  INLINE u32 u32_of_##T(T x) { return x >= (T)4294967296.0 ? 4294967295u : x >= 0 ? (u32)x : 0; }

SCALAR_FLOAT(f32, f)
SCALAR_FLOAT(f64, )

/* Division by zero gives 0, as does its remainder; quotients wrap; shifts are modulo 32. */
#define SCALAR_INT(T) \
  INLINE T T##_max(T a, T b) { return a > b ? a : b; } \
  INLINE T T##_min(T a, T b) { return a < b ? a : b; } \
  INLINE T T##_mod(T a, T b) { return b == 0 ? 0 : (T)((u32)a - (u32)T##_div(a, b) * (u32)b); } \
  INLINE T T##_shl(T a, T b) { return (T)((u32)a << (b & 31)); } \
  INLINE T T##_shr(T a, T b) { return a >> (b & 31); }

INLINE i32 i32_div(i32 a, i32 b) { return b == 0 ? 0 : b == -1 ? (i32)(0u - (u32)a) : a / b; }
INLINE u32 u32_div(u32 a, u32 b) { return b == 0 ? 0 : a / b; }
SCALAR_INT(i32)
SCALAR_INT(u32)
INLINE i32 i32_sign(i32 x) { return (x > 0) - (x < 0); }
INLINE u32 u32_sign(u32 x) { return x != 0; }
INLINE i32 i32_abs(i32 x) { return x < 0 ? (i32)(0u - (u32)x) : x; }

#define SAME_BITS(T, U) \
  INLINE T T##_bits_of_##U(U x) { \
    T bits; \
    __builtin_memcpy(&bits, &x, sizeof bits); \
    return bits; \
  }

SAME_BITS(i32, f32)
SAME_BITS(u32, f32)
SAME_BITS(f32, i32)
SAME_BITS(f32, u32)
SAME_BITS(int64_t, f64)
SAME_BITS(f64, int64_t)

INLINE u32 f64_low(f64 x) { return (u32)int64_t_bits_of_f64(x); }
INLINE u32 f64_high(f64 x) { return (u32)(int64_t_bits_of_f64(x) >> 32); }
INLINE f64 f64_join(u32 low, u32 high) { return f64_bits_of_int64_t((int64_t)((uint64_t)high << 32 | low)); }

/* Vectors of any number of lanes */

/* The lanes of a where the mask holds, else those of b: in this form compilers see one instruction. */
#define BLEND(T, INT, m, a, b) ((T)(((m) & (INT)(a)) + (~(m) & (INT)(b))))

/*
 * `greater` is a > b ? a : b, `less` a < b ? a : b: single instructions of x86. Where their operands' order matters (for
 * NaN, and for zeros of two signs) the results differ in bits, from which the sum or the difference makes NaN and a zero.
 */
#if defined(__aarch64__)
#define FORM_f32x4 ".4s"
#define FORM_f32x2 ".2s"
#define FORM_f64x2 ".2d"
#define SINGLE(T, name, instruction) \
  INLINE T T##_##name(T a, T b) { \
    T c; \
    __asm__(instruction " %0" FORM_##T ", %1" FORM_##T ", %2" FORM_##T : "=w"(c) : "w"(a), "w"(b)); \
    return c; \
  }
#define EXTREMES(T, INT, n) \
  CHOICES(T, INT) \
  SINGLE(T, max, "fmax") \
  SINGLE(T, min, "fmin")
#else
#define EXTREMES(T, INT, n) \
  CHOICES(T, INT) \
  INLINE T T##_max(T a, T b) { \
    INT most = (INT)T##_greater(a, b), differs = most ^ (INT)T##_greater(b, a); \
    return (T)(most | differs) - (T)differs; \
  } \
  INLINE T T##_min(T a, T b) { return (T)((INT)T##_less(a, b) | (INT)T##_less(b, a)); }
#endif

/* gcc has masks of a bit a lane in registers of their own, and does not see through them. */
#if defined(__AVX512F__) && !defined(__clang__)
#define FORM_f32x8 "ps"
#define FORM_f32x16 "ps"
#define FORM_f64x8 "pd"
#define CHOICES(T, INT) \
  CHOICE(T, greater, "vmax") \
  CHOICE(T, less, "vmin")
#define CHOICE(T, name, instruction) \
  INLINE T T##_##name(T a, T b) { \
    T c; \
    __asm__(instruction FORM_##T " %2, %1, %0" : "=v"(c) : "v"(a), "vm"(b)); \
    return c; \
  }
#else
#define CHOICES(T, INT) \
  INLINE T T##_greater(T a, T b) { return BLEND(T, INT, a > b, a, b); } \
  INLINE T T##_less(T a, T b) { return BLEND(T, INT, a < b, a, b); }
#endif

#define FLOATS(T, E, INT, n) \
  MOVES(T, E, INT, n) \
  EXTREMES(T, INT, n) \
  INLINE T T##_splat(E x) { return x - (T){0}; } \
  INLINE T T##_select(i32x##n m, T a, T b) { \
    INT mask = CONVERT(m, INT); \
    return BLEND(T, INT, mask, a, b); \
  } \
  INLINE T T##_abs(T x) { return (T)((INT)x & ~(INT)(-(T){0})); } \
  INLINE T T##_sign(T x) { \
    INT one = (INT)T##_splat(1); \
    return (T)((x > 0) & one) - (T)((x < 0) & one); \
  } \
  EACH(T, E, n, sqrt) \
  EACH(T, E, n, floor) \
  EACH(T, E, n, ceil) \
  EACH(T, E, n, round) \
  EACH(T, E, n, trunc) \
  INLINE T T##_mod(T a, T b) { \
    for (i32 lane = 0; lane < n; lane++) a[lane] = E##_mod(a[lane], b[lane]); \
    return a; \
  } \
  INLINE i32x##n i32x##n##_of_##E(T x) { \
    INT above = x >= (E)2147483648.0, below = x < (E)-2147483648.0, inside = (x >= (E)-2147483648.0) & ~above; \
    i32x##n most = CONVERT(above, i32x##n) & 2147483647, least = CONVERT(below, i32x##n) & (-2147483647 - 1); \
    return CONVERT((T)(inside & (INT)x), i32x##n) | most | least; \
  } \
  INLINE u32x##n u32x##n##_of_##E(T x) { \
    INT above = x >= (E)4294967296.0, inside = (x >= 0) & ~above; \
    return CONVERT((T)(inside & (INT)x), u32x##n) | (u32x##n)CONVERT(above, i32x##n); \
  }

#define EACH(T, E, n, f) \
  INLINE T T##_##f(T x) { \
    EACH_LANE(n) x[lane] = E##_##f(x[lane]); \
    return x; \
  }

#define INTS(T, E, n) \
  MOVES(T, E, i32x##n, n) \
  INLINE T T##_splat(E x) { return x + (T){0}; } \
  INLINE T T##_select(i32x##n m, T a, T b) { return BLEND(T, i32x##n, m, a, b); } \
  INLINE T T##_max(T a, T b) { return BLEND(T, i32x##n, a > b, a, b); } \
  INLINE T T##_min(T a, T b) { return BLEND(T, i32x##n, a < b, a, b); } \
  INLINE T T##_shl(T a, T b) { return a << (b & 31); } \
  INLINE T T##_shr(T a, T b) { return a >> (b & 31); } \
  INLINE T T##_div(T a, T b) { \
    for (i32 lane = 0; lane < n; lane++) a[lane] = E##_div(a[lane], b[lane]); \
    return a; \
  } \
  INLINE T T##_mod(T a, T b) { return (T)((b != 0) & (i32x##n)(a - T##_div(a, b) * b)); }

/* The lanes of x, then of y, at the positions `at`, which is a formula in `lane`. */
#ifdef __clang__
#define SHUFFLE(T, INT, n, x, y, at) \
  T shuffled = x; \
  EACH_LANE(n) shuffled[lane] = (at) < n ? x[(at) % n] : y[(at) % n]; \
  return shuffled;
#define AT(INT, at) at[lane]
#else
#define SHUFFLE(T, INT, n, x, y, at) \
  INT lane __attribute__((unused)) = {IOTA_##n}; \
  return __builtin_shuffle(x, y, at);
#define AT(INT, at) CONVERT(at, INT)
#endif

/*
 * `pick` has the lanes that `at` says, `from` lane k in the place of the first; `load_even` reads elements 0, 2, 4 ... and
 * none behind the last one.
 */
#define MOVES(T, E, INT, n) \
  INLINE T T##_load(const E *p) { \
    T x; \
    __builtin_memcpy(&x, p, sizeof x); \
    return x; \
  } \
  INLINE void T##_store(E *p, T x) { __builtin_memcpy(p, &x, sizeof x); } \
  INLINE T T##_load_even(const E *p) { \
    T x = T##_load(p), y = T##_load(p + n - 1); \
    SHUFFLE(T, INT, n, x, y, 2 * lane + 2 * lane / n) \
  } \
  INLINE T T##_even(T x, T y) { SHUFFLE(T, INT, n, x, y, 2 * lane) } \
  INLINE T T##_pick(T x, i32x##n at) { SHUFFLE(T, INT, n, x, x, AT(INT, at)) } \
  INLINE T T##_from(T x, i32 k) { SHUFFLE(T, INT, n, x, x, (lane + k) % n) }

/* The lanes where a mask holds: memory is touched nowhere else, and other lanes are 0. `load_even_some` reads every other element. */
#define SOME(T, E, n, LOAD, STORE) \
  INLINE T T##_load_some(const E *p, i32x##n m) { return (T)LOAD((const void *)p, m); } \
  INLINE void T##_store_some(E *p, T x, i32x##n m) { STORE((void *)p, x, m); } \
  INLINE T T##_load_even_some(const E *p, i32x##n m) { \
    i32x##n lane = i32x##n##_iota(), even = (lane & 1) - 1; \
    T x = T##_load_some(p, i32x##n##_pick(m, lane >> 1) & even); \
    T y = T##_load_some(p + n, i32x##n##_pick(m, (lane >> 1) + n / 2) & even); \
    return T##_even(x, y); \
  }

#define SOME_ONE_BY_ONE(T, E, n) \
  INLINE T T##_load_some(const E *p, i32x##n m) { \
    T x = {0}; \
    EACH_LANE(n) if (m[lane]) x[lane] = p[lane]; \
    return x; \
  } \
  INLINE void T##_store_some(E *p, T x, i32x##n m) { \
    EACH_LANE(n) if (m[lane]) p[lane] = x[lane]; \
  } \
  INLINE T T##_load_even_some(const E *p, i32x##n m) { \
    T x = {0}; \
    EACH_LANE(n) if (m[lane]) x[lane] = p[2 * lane]; \
    return x; \
  }

/* Elements that stand `stride` apart. */
#define APART(n) APART_OF(f32x##n, f32, n) APART_OF(i32x##n, i32, n) APART_OF(u32x##n, u32, n)
#define APART_OF(T, E, n) \
  INLINE T T##_load_apart_some(const E *p, i32 stride, i32x##n m) { \
    T x = {0}; \
    EACH_LANE(n) if (m[lane]) x[lane] = p[(int64_t)lane * stride]; \
    return x; \
  } \
  INLINE T T##_load_apart(const E *p, i32 stride) { \
    T x = {0}; \
    EACH_LANE(n) x[lane] = p[(int64_t)lane * stride]; \
    return x; \
  }

#define BYTES(n) \
  INLINE i32x##n i32x##n##_load_u8(const uint8_t *p) { \
    i32x##n x; \
    EACH_LANE(n) x[lane] = p[lane]; \
    return x; \
  } \
  INLINE i32x##n i32x##n##_load_u8_some(const uint8_t *p, i32x##n m) { \
    i32x##n x = {0}; \
    for (i32 lane = 0; lane < n; lane++) \
      if (m[lane]) x[lane] = p[lane]; \
    return x; \
  } \
  INLINE void i32x##n##_store_u8(uint8_t *p, i32x##n x) { \
    u8x##n bytes = CONVERT(x, u8x##n); \
    __builtin_memcpy(p, &bytes, sizeof bytes); \
  } \
  INLINE void i32x##n##_store_u8_some(uint8_t *p, i32x##n x, i32x##n m) { \
    for (i32 lane = 0; lane < n; lane++) \
      if (m[lane]) p[lane] = (uint8_t)x[lane]; \
  }

#define LANES(n) \
  typedef uint8_t u8x##n VECTOR(n); \
  typedef i32 i32x##n VECTOR(4 * n); \
  typedef u32 u32x##n VECTOR(4 * n); \
  typedef f32 f32x##n VECTOR(4 * n); \
  INLINE i32x##n i32x##n##_iota(void) { return (i32x##n){IOTA_##n}; } \
  INTS(i32x##n, i32, n) \
  INTS(u32x##n, u32, n) \
  FLOATS(f32x##n, f32, i32x##n, n) \
  BYTES(n) \
  INLINE i32x##n i32x##n##_sign(i32x##n x) { return (x < 0) - (x > 0); } \
  INLINE u32x##n u32x##n##_sign(u32x##n x) { return (u32x##n)(x != 0) & 1; } \
  INLINE i32x##n i32x##n##_abs(i32x##n x) { return i32x##n##_max(x, -x); } \
  INLINE i32x##n i32x##n##_first(int64_t count) { return i32x##n##_iota() < (i32)count; } \
  INLINE i32 i32x##n##_any(i32x##n m) { \
    m |= i32x##n##_from(m, 8 % n); \
    m |= i32x##n##_from(m, 4 % n); \
    m |= i32x##n##_from(m, 2 % n); \
    m |= i32x##n##_from(m, 1); \
    return m[0]; \
  }

#define LANES_64(n) \
  typedef int64_t i64x##n VECTOR(8 * n); \
  typedef f64 f64x##n VECTOR(8 * n); \
  FLOATS(f64x##n, f64, i64x##n, n) \
  INLINE u32x##n f64x##n##_low(f64x##n x) { return CONVERT((i64x##n)x, u32x##n); } \
  INLINE u32x##n f64x##n##_high(f64x##n x) { return CONVERT((i64x##n)x >> 32, u32x##n); } \
  INLINE f64x##n f64x##n##_join(u32x##n low, u32x##n high) { \
    return (f64x##n)(CONVERT(high, i64x##n) << 32 | CONVERT(low, i64x##n)); \
  }

#define IOTA_2 0, 1
#define IOTA_4 IOTA_2, 2, 3
#define IOTA_8 IOTA_4, 4, 5, 6, 7
#define IOTA_16 IOTA_8, 8, 9, 10, 11, 12, 13, 14, 15

/* Vectors of the machine */

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
LANES(16)
LANES(8)
LANES_64(8)
#define MASK_16(m) __builtin_ia32_cvtd2mask512((i32x16)(m))
#define MASK_8(m) __builtin_ia32_cvtd2mask256((i32x8)(m))
#define LOAD_I32X16(p, m) __builtin_ia32_loaddqusi512_mask(p, (i32x16){0}, MASK_16(m))
#define STORE_I32X16(p, x, m) __builtin_ia32_storedqusi512_mask(p, (i32x16)(x), MASK_16(m))
#define LOAD_I32X8(p, m) __builtin_ia32_loaddqusi256_mask(p, (i32x8){0}, MASK_8(m))
#define STORE_I32X8(p, x, m) __builtin_ia32_storedqusi256_mask(p, (i32x8)(x), MASK_8(m))
#define LOAD_F64X8(p, m) __builtin_ia32_loadupd512_mask(p, (f64x8){0}, MASK_8(m))
#define STORE_F64X8(p, x, m) __builtin_ia32_storeupd512_mask(p, x, MASK_8(m))
/* One instruction: sixteen loads, each into a lane, are much to compile. */
#define GATHER(T, E) \
  INLINE T T##_load_apart_some(const E *p, i32 stride, i32x16 m) { \
    return (T)__builtin_ia32_gathersiv16si((i32x16){0}, (const void *)p, i32x16_iota() * stride, MASK_16(m), 4); \
  } \
  INLINE T T##_load_apart(const E *p, i32 stride) { return T##_load_apart_some(p, stride, (i32x16){0} - 1); }
GATHER(f32x16, f32)
GATHER(i32x16, i32)
GATHER(u32x16, u32)
APART(8)
APART_OF(f64x8, f64, 8)
SOME(f32x16, f32, 16, LOAD_I32X16, STORE_I32X16)
SOME(i32x16, i32, 16, LOAD_I32X16, STORE_I32X16)
SOME(u32x16, u32, 16, LOAD_I32X16, STORE_I32X16)
SOME(f32x8, f32, 8, LOAD_I32X8, STORE_I32X8)
SOME(i32x8, i32, 8, LOAD_I32X8, STORE_I32X8)
SOME(u32x8, u32, 8, LOAD_I32X8, STORE_I32X8)
SOME(f64x8, f64, 8, LOAD_F64X8, STORE_F64X8)
#elif defined(__AVX2__)
LANES(8)
LANES(4)
LANES_64(4)
#define LOAD_I32X8(p, m) __builtin_ia32_maskloadd256(p, m)
#define STORE_I32X8(p, x, m) __builtin_ia32_maskstored256(p, m, (i32x8)(x))
#define LOAD_I32X4(p, m) __builtin_ia32_maskloadd(p, m)
#define STORE_I32X4(p, x, m) __builtin_ia32_maskstored(p, m, (i32x4)(x))
typedef long long mask64x4 VECTOR(32);
#define LOAD_F64X4(p, m) __builtin_ia32_maskloadpd256(p, CONVERT(m, mask64x4))
#define STORE_F64X4(p, x, m) __builtin_ia32_maskstorepd256(p, CONVERT(m, mask64x4), x)
APART(8)
APART(4)
APART_OF(f64x4, f64, 4)
SOME(f32x8, f32, 8, LOAD_I32X8, STORE_I32X8)
SOME(i32x8, i32, 8, LOAD_I32X8, STORE_I32X8)
SOME(u32x8, u32, 8, LOAD_I32X8, STORE_I32X8)
SOME(f32x4, f32, 4, LOAD_I32X4, STORE_I32X4)
SOME(i32x4, i32, 4, LOAD_I32X4, STORE_I32X4)
SOME(u32x4, u32, 4, LOAD_I32X4, STORE_I32X4)
SOME(f64x4, f64, 4, LOAD_F64X4, STORE_F64X4)
#else
LANES(4)
LANES(2)
LANES_64(2)
APART(4)
APART(2)
APART_OF(f64x2, f64, 2)
SOME_ONE_BY_ONE(f32x4, f32, 4)
SOME_ONE_BY_ONE(i32x4, i32, 4)
SOME_ONE_BY_ONE(u32x4, u32, 4)
SOME_ONE_BY_ONE(f32x2, f32, 2)
SOME_ONE_BY_ONE(i32x2, i32, 2)
SOME_ONE_BY_ONE(u32x2, u32, 2)
SOME_ONE_BY_ONE(f64x2, f64, 2)
#endif

#endif
