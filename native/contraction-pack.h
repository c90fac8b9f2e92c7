/*
 * Packing: the elements of some lanes (rows of a, columns of b) are gathered so that a kernel reads them one after
 * another, panel[position * width + lane]. What stands in memory next to each other decides how: lanes are copied in
 * vectors, or inner positions are loaded in vectors and transposed in registers.
 */
#ifndef CHAINRULE_CONTRACTION_PACK_H
#define CHAINRULE_CONTRACTION_PACK_H

#include "contraction-tile.h"

typedef int32_t shuffle __attribute__((vector_size(LANES * 4)));

#ifdef __clang__
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (shuffle){__VA_ARGS__})
#endif

#if LANES == 16
#define QUARTERS(...) FOUR_TIMES(__VA_ARGS__)
#define FOUR_TIMES(a, b, c, d)                                                                                       \
  a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12, d + 12
#elif LANES == 8
#define QUARTERS(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#else
#define QUARTERS(a, b, c, d) a, b, c, d
#endif

/* Transposes LANES vectors in place: quarters of four lanes first, which is one instruction each, then the quarters. */
INLINE void transpose(vec x[LANES]) {
  vec y[LANES];
  UNROLL for (int i = 0; i < LANES; i += 2) {
    y[i] = SHUFFLE(x[i], x[i + 1], QUARTERS(0, LANES, 1, LANES + 1));
    y[i + 1] = SHUFFLE(x[i], x[i + 1], QUARTERS(2, LANES + 2, 3, LANES + 3));
  }
  UNROLL for (int i = 0; i < LANES; i += 4) {
    x[i] = SHUFFLE(y[i], y[i + 2], QUARTERS(0, 1, LANES, LANES + 1));
    x[i + 1] = SHUFFLE(y[i], y[i + 2], QUARTERS(2, 3, LANES + 2, LANES + 3));
    x[i + 2] = SHUFFLE(y[i + 1], y[i + 3], QUARTERS(0, 1, LANES, LANES + 1));
    x[i + 3] = SHUFFLE(y[i + 1], y[i + 3], QUARTERS(2, 3, LANES + 2, LANES + 3));
  }
#if LANES == 8
  UNROLL for (int i = 0; i < 4; i++) {
    y[i] = SHUFFLE(x[i], x[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    y[i + 4] = SHUFFLE(x[i], x[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  UNROLL for (int i = 0; i < 8; i++) x[i] = y[i];
#elif LANES == 16
#define FIRST 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27 /* and third quarter of both */
#define SECOND 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
  UNROLL for (int i = 0; i < 4; i++) {
    UNROLL for (int half = 0; half < 16; half += 8) {
      y[half + i] = SHUFFLE(x[half + i], x[half + i + 4], FIRST);
      y[half + i + 4] = SHUFFLE(x[half + i], x[half + i + 4], SECOND);
    }
  }
  UNROLL for (int i = 0; i < 8; i++) {
    x[i] = SHUFFLE(y[i], y[i + 8], FIRST);
    x[i + 8] = SHUFFLE(y[i], y[i + 8], SECOND);
  }
#endif
}

/* Some lanes or inner positions of one operand: runs, and the step inside a run. */
typedef struct {
  const run *runs;
  int32_t count;
  int64_t size, step;
} stretch;

/* Shorter runs are not worth vectors. */
#define SHORT_RUN 4

static inline int long_runs(const stretch *s, int64_t step) {
  return s->step == step && s->size >= s->count * SHORT_RUN;
}

/* The highest offset of a stretch. */
static int64_t far_end(const stretch *s) {
  int64_t far = s->runs[0].at;
  for (int32_t i = 0; i < s->count; i++) {
    const run *r = &s->runs[i];
    far = larger(far, r->at + larger(0, (r->size - 1) * s->step));
  }
  return far;
}

/* A vector's worth of lanes, or less, that stand next to each other or at every second place. */
typedef struct {
  int64_t at;
  int32_t lane;
  int32_t size; /* 0: a whole vector may be read and written */
} piece;

INLINE vec load_spaced(const float *p, int step) {
#if LANES == 16
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#elif LANES == 8
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#else
#define EVEN 0, 2, 4, 6
#endif
  if (step == 1) return load(p);
  const vec x = load(p), y = load(p + LANES);
  return SHUFFLE(x, y, EVEN);
}

/* How a piece is copied: its step, or HALVES where none is longer than half a vector. */
enum { HALVES = 0, DENSE = 1, EVERY_SECOND = 2 };

/* One run of inner positions, all pieces whole. With `count` known to the compiler nothing is left but loads and stores. */
INLINE void copy_whole(float *panel, int64_t width, const float *row, int64_t row_step, int64_t size, const piece *pieces,
                       int32_t count, int how) {
  for (; size > 0; size--, row += row_step, panel += width) {
    UNROLL for (int32_t p = 0; p < count; p++) {
      if (how == HALVES) copy_half(panel + pieces[p].lane, row + pieces[p].at);
      else store(panel + pieces[p].lane, load_spaced(row + pieces[p].at, how));
    }
  }
}

static void copy_ragged(float *panel, int64_t width, const float *row, int64_t row_step, int64_t size, const piece *pieces,
                        int32_t count, int step) {
  for (; size > 0; size--, row += row_step, panel += width) {
    for (int32_t p = 0; p < count; p++) {
      const float *from = row + pieces[p].at;
      float *to = panel + pieces[p].lane;
      if (pieces[p].size == 0) store(to, load_spaced(from, step));
      else
        for (int32_t l = 0; l < pieces[p].size; l++) to[l] = from[l * step];
    }
  }
}

INLINE void copy_counted(float *panel, int64_t width, const float *row, int64_t row_step, int64_t size,
                         const piece *pieces, int32_t count, int how) {
  switch (count) {
    case 1: copy_whole(panel, width, row, row_step, size, pieces, 1, how); break;
    case 2: copy_whole(panel, width, row, row_step, size, pieces, 2, how); break;
    case 3: copy_whole(panel, width, row, row_step, size, pieces, 3, how); break;
    case 4: copy_whole(panel, width, row, row_step, size, pieces, 4, how); break;
    case 5: copy_whole(panel, width, row, row_step, size, pieces, 5, how); break;
    case 6: copy_whole(panel, width, row, row_step, size, pieces, 6, how); break;
    case 8: copy_whole(panel, width, row, row_step, size, pieces, 8, how); break;
    default: copy_ragged(panel, width, row, row_step, size, pieces, count, how == HALVES ? DENSE : how);
  }
}

/*
 * Lanes that are neighbours. A piece's vector may spoil lanes behind it, all of which are written after it.
 * `end` is the operand's highest offset: vectors may read further than the lanes they are for, but no further than that.
 */
INLINE void copy_lanes(float *panel, int64_t width, const float *from, int64_t end, const stretch *lanes,
                       const stretch *inner, int step) {
  piece pieces[MAX_LANES];
  int32_t count = 0, lane = 0, longest = 0, ragged = 0;
  const int64_t room = end - far_end(inner);
  for (int32_t i = 0; i < lanes->count; i++) {
    const run r = lanes->runs[i];
    for (int64_t done = 0; done < r.size; done += LANES) {
      const int32_t size = (int32_t)smaller(LANES, r.size - done);
      const int64_t at = r.at + done * step;
      const int whole = at + step * LANES - 1 <= room;
      ragged |= !whole;
      longest = size > longest ? size : longest;
      pieces[count++] = (piece){at, lane, whole ? 0 : size};
      lane += size;
    }
  }
  const int64_t row_step = inner->step;
  for (int32_t i = 0; i < inner->count; i++) {
    const float *row = from + inner->runs[i].at;
    const int64_t size = inner->runs[i].size;
    if (ragged) copy_ragged(panel, width, row, row_step, size, pieces, count, step);
    else if (step == 1 && longest <= LANES / 2) copy_counted(panel, width, row, row_step, size, pieces, count, HALVES);
    else copy_counted(panel, width, row, row_step, size, pieces, count, step);
    panel += size * width;
  }
}

static int32_t lane_offsets(const stretch *lanes, int64_t *at) {
  int32_t count = 0;
  for (int32_t i = 0; i < lanes->count; i++) {
    for (int64_t l = 0; l < lanes->runs[i].size; l++) at[count++] = lanes->runs[i].at + l * lanes->step;
  }
  return count;
}

static void gather(float *panel, int64_t width, const float *from, const int64_t *at, int32_t lanes, int64_t step,
                   int64_t size) {
  for (; size > 0; size--, from += step, panel += width) {
    for (int32_t l = 0; l < lanes; l++) panel[l] = from[at[l]];
  }
}

/*
 * Inner positions that are neighbours: LANES of them for LANES lanes at a time. A group of lanes that is wider than the
 * panel spoils lanes of later positions, so the last group goes first.
 */
static void transpose_lanes(float *panel, int64_t width, const float *from, int64_t end, const stretch *lanes,
                            const stretch *inner) {
  int64_t at[MAX_LANES + LANES];
  const int32_t count = lane_offsets(lanes, at);
  const int32_t groups = (int32_t)ceil_div(count, LANES);
  for (int32_t l = count; l < groups * LANES; l++) at[l] = at[count - 1];
  const int64_t room = end - far_end(lanes);
  for (int32_t i = 0; i < inner->count; i++) {
    int64_t left = inner->runs[i].size, position = inner->runs[i].at;
    while (left > 0) {
      const int64_t size = smaller(left, LANES);
      if (position + LANES - 1 <= room) {
        for (int32_t g = groups - 1; g >= 0; g--) {
          vec x[LANES];
          UNROLL for (int l = 0; l < LANES; l++) x[l] = load(from + position + at[g * LANES + l]);
          transpose(x);
          float *to = panel + g * LANES;
          if (size == LANES) {
            UNROLL for (int l = 0; l < LANES; l++) store(to + l * width, x[l]);
          } else {
            UNROLL for (int l = 0; l < LANES; l++) {
              if (l < size) store(to + l * width, x[l]);
            }
          }
        }
      } else gather(panel, width, from + position, at, count, 1, size);
      left -= size;
      position += size;
      panel += size * width;
    }
  }
}

/* Packs a panel. It needs LANES floats more than inner->size * width. */
static void pack(float *panel, int64_t width, const float *from, int64_t end, const stretch *lanes, const stretch *inner) {
  if (long_runs(lanes, 1)) copy_lanes(panel, width, from, end, lanes, inner, 1);
  else if (long_runs(inner, 1)) transpose_lanes(panel, width, from, end, lanes, inner);
  else if (long_runs(lanes, 2)) copy_lanes(panel, width, from, end, lanes, inner, 2);
  else {
    int64_t at[MAX_LANES];
    const int32_t count = lane_offsets(lanes, at);
    for (int32_t i = 0; i < inner->count; i++) {
      const run *r = &inner->runs[i];
      gather(panel, width, from + r->at, at, count, inner->step, r->size);
      panel += r->size * width;
    }
  }
}

#endif
