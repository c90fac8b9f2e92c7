/*
 * How a contraction is computed: which operand is read in vectors, which tile, what is packed, and how the result is cut
 * into units for threads. Nothing here changes a bit of the result.
 *
 * `chainrule tune-kernels` sets TILE_ROWS, TILE_VECTORS, BLOCK_K, BLOCK_ROWS and BLOCK_COLS; the compiler is told the
 * bytes of the caches, L1 and L2.
 */
#ifndef CHAINRULE_CONTRACTION_PLAN_H
#define CHAINRULE_CONTRACTION_PLAN_H

#include "contraction-pack.h"

#ifndef L1
#define L1 (32 << 10)
#endif
#ifndef L2
#define L2 (512 << 10)
#endif
/* Most inner positions of a block: those of a panel of b, two vectors wide, that leaves a third of the first cache. */
#ifndef BLOCK_K
#define BLOCK_K (L1 * 2 / 3 / (8 * LANES))
#endif
/* Most rows of a block: packed, they take half of the second cache. */
#ifndef BLOCK_ROWS
#define BLOCK_ROWS (L2 / 8 / BLOCK_K)
#endif
/* Floats of a that are packed at a time. */
#define PACKED_FLOATS (BLOCK_ROWS * (BLOCK_K + STRIDE))
/* Most inner positions that are gone through together, and most blocks of them. */
#define MAX_DEPTH 4096
#define MAX_BLOCKS 64
/* With more rows than this a matrix b is packed, since it is read that often; with fewer it is read where it stands. */
#ifndef MANY_ROWS
#define MANY_ROWS 600
#endif
/* Columns that a unit of work has at least, so that packing a serves many. */
#ifndef BLOCK_COLS
#define BLOCK_COLS 256
#endif

/* Multiply-adds that take some 20 microseconds: less is not worth waking threads. */
#define WORTH_SHARING (1 << 21)

/* Where a stands when kernels read it. */
enum { PACKED, IN_PLACE_ROWS, IN_PLACE_RUNS };

/* The positions of a space that are computed. */
typedef struct {
  int64_t first, size;
} positions;

typedef struct {
  const contraction *c;
  space batch, rows, cols, inner;
  positions batches, row_range, col_range;
  const float *a, *b;
  float *out;
  int64_t end[2]; /* highest offset of operands A and B */
  int swapped;    /* rows are the caller's columns */
  int64_t part_size;
  int32_t vectors, tile_rows; /* of a tile, at most */
  int a_read;
  int b_in_place;
  int64_t block_k, block_rows;
  int64_t depth; /* inner positions that are gone through for a panel before the next: packed, a stays in the second cache */
  int64_t row_unit, row_units, col_unit, col_units;
} job;

/* Cycles of the kernels for one inner position, about: two multiply-adds and two loads a cycle, which take four. */
static double tile_cycles(int64_t rows, int32_t vectors) {
  const double multiply = (double)rows * vectors / 2, read = (double)(rows + vectors) / 2;
  const double most = multiply > read ? multiply : read;
  return (most > 4 ? most : 4) + 0.05 * (double)(rows + vectors);
}

static double rows_cycles(int64_t rows, int64_t most, int32_t vectors) {
  const int64_t tiles = ceil_div(rows, most);
  const int64_t small = rows / tiles, large = rows % tiles;
  return (double)large * tile_cycles(small + 1, vectors) + (double)(tiles - large) * tile_cycles(small, vectors);
}

/* Picks the tile for `rows` by `vectors` of results; returns the cycles that an inner position takes. */
static double choose_tile(job *j, int64_t rows, int64_t vectors) {
  double best = 0;
  for (int32_t v = 1; v <= MAX_VECTORS; v++) {
#ifdef TILE_VECTORS
    if (v != TILE_VECTORS) continue;
#endif
    int64_t most = most_rows[v - 1];
#ifdef TILE_ROWS
    most = smaller(most, TILE_ROWS);
#endif
    double cycles = (double)(vectors / v) * rows_cycles(rows, most, v);
    if (vectors % v) cycles += rows_cycles(rows, most, (int32_t)(vectors % v));
    if (best == 0 || cycles < best) {
      best = cycles;
      j->vectors = v;
      j->tile_rows = (int32_t)most;
    }
  }
  return best;
}

/* Cycles that packing an element takes, about. */
static double pack_cycles(const space *lanes, const space *inner, int o) {
  const int64_t lane_run = run_length(lanes, o), inner_run = run_length(inner, o);
  if (innermost(lanes)->step[o] == 1 && lane_run >= SHORT_RUN) return 1.5 / (double)smaller(lane_run, LANES);
  if (innermost(inner)->step[o] == 1 && inner_run >= SHORT_RUN) return 0.4 + 0.6 / (double)smaller(inner_run, LANES);
  return 1.5;
}

static positions whole(const space *s) { return (positions){0, s->size}; }

/* Where each of the positions of the outermost of a space's axes has an equal part: the part of those that are asked for. */
static positions asked(const contraction *c, const space *s, const axis *outermost) {
  if (c->to == 0) return whole(s);
  const int64_t each = s->size / outermost->size;
  return (positions){c->from * each, (c->to - c->from) * each};
}

static int affine(const space *s, int o) { return run_length(s, o) == s->size; }

/* Reads the spaces with one of the two roles of the operands, and estimates its cycles. */
static double take_roles(job *j, const contraction *c, int swapped) {
  j->swapped = swapped;
  const axis *axes = make_space(&j->batch, c->axes, c->batch, swapped);
  axes = make_space(swapped ? &j->cols : &j->rows, axes, c->rows, swapped);
  axes = make_space(swapped ? &j->rows : &j->cols, axes, c->cols, swapped);
  make_space(&j->inner, axes, c->inner, swapped);
  j->batches = c->batch ? asked(c, &j->batch, c->axes) : whole(&j->batch);
  j->row_range = c->batch || swapped ? whole(&j->rows) : asked(c, &j->rows, c->axes);
  j->col_range = c->batch || !swapped ? whole(&j->cols) : asked(c, &j->cols, c->axes);
  const int64_t m = j->row_range.size, n = j->col_range.size;
  const double k = (double)j->inner.size;
  double cycles = k * choose_tile(j, m, ceil_div(n, LANES));
  const int b_neighbours = innermost(&j->cols)->step[B] == 1;
  const int64_t b_run = run_length(&j->cols, B);
  const int64_t panels = ceil_div(n, j->vectors * LANES);

  // What is used by few tiles is read where it stands.
  if (innermost(&j->rows)->step[A] == 1 && affine(&j->rows, A) && affine(&j->inner, A) && panels <= 4)
    j->a_read = IN_PLACE_ROWS;
  else if (run_length(&j->inner, A) >= SHORT_RUN && panels <= 8) j->a_read = IN_PLACE_RUNS;
  else {
    j->a_read = PACKED;
    cycles += k * (double)m * pack_cycles(&j->rows, &j->inner, A);
  }
  const int image = !affine(&j->inner, B) || !affine(&j->cols, B);
  j->b_in_place = b_neighbours && (image ? j->a_read != IN_PLACE_RUNS && b_run % LANES == 0 : m <= MANY_ROWS);
  if (!j->b_in_place) cycles += k * (double)n * pack_cycles(&j->cols, &j->inner, B);
  if (innermost(&j->cols)->step[OUT] != 1) cycles += (innermost(&j->rows)->step[OUT] == 1 ? 0.4 : 2) * (double)m * (double)n;
  return cycles;
}

/* Blocks of equal size, none larger than `most`, in multiples of `grain`. */
static int64_t block_size(int64_t size, int64_t most, int64_t grain) {
  const int64_t blocks = larger(1, ceil_div(size, most));
  return ceil_div(ceil_div(size, blocks), grain) * grain;
}

/* Cuts the result into units: along batch and parts where that is enough, else also along columns, else rows. */
static void cut(job *j, int32_t threads) {
  const int64_t outer = j->batches.size * j->c->parts;
  const int64_t m = j->row_range.size, n = j->col_range.size, width = j->vectors * LANES;
  const int64_t wanted = threads == 1 ? 1 : ceil_div(4 * threads, outer);
  int64_t col_units = larger(1, smaller(wanted, n / BLOCK_COLS));
  // A result that is narrow is cut anyway, once a thread.
  if (outer < threads && col_units < threads) col_units = larger(1, smaller(threads, n / width));
  int64_t row_units = 1;
  if (outer * col_units < threads) row_units = larger(1, smaller(ceil_div(threads, outer * col_units), m / j->tile_rows));
  j->col_unit = block_size(n, ceil_div(n, col_units), width);
  j->col_units = ceil_div(n, j->col_unit);
  j->row_unit = ceil_div(m, row_units);
  j->row_units = ceil_div(m, j->row_unit);
}

static void plan(job *j, const contraction *c, const float *a, const float *b, float *out, int32_t threads) {
  j->c = c;
  const double straight = take_roles(j, c, 0);
  if (take_roles(j, c, 1) >= straight) take_roles(j, c, 0);
  j->a = j->swapped ? b : a;
  j->b = j->swapped ? a : b;
  j->out = out;
  j->end[A] = reach(&j->batch, A) + reach(&j->rows, A) + reach(&j->inner, A);
  j->end[B] = reach(&j->batch, B) + reach(&j->cols, B) + reach(&j->inner, B);
  j->part_size = ceil_div(j->inner.size, c->parts);
  const int64_t most_k = j->b_in_place ? BLOCK_K : BLOCK_K * 2 / j->vectors;
  j->block_k = block_size(j->part_size, most_k < BLOCK_K ? most_k : BLOCK_K, STRIDE);
  j->block_rows = block_size(j->row_range.size, BLOCK_ROWS, 1);
  const int64_t blocks = smaller(smaller(PACKED_FLOATS / j->block_rows, MAX_DEPTH) / j->block_k, MAX_BLOCKS);
  j->depth = larger(1, blocks) * j->block_k;
  cut(j, threads);
}

#endif
