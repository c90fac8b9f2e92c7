/*
 * The contraction template: every f32 matmul and convolution, forward and backward.
 *
 * A unit of work walks blocks of rows and of inner positions. Rows of a are packed once a block, columns of b once a
 * panel, or both are read where they stand; between blocks of inner positions the accumulators wait in the result, or
 * beside it where the result does not have its columns next to each other. Both ways are exact.
 */
#include "contraction-plan.h"

/* Floats of results that may wait beside the result. */
#define CARRY (64 << 10)

/* A thread's own memory. */
typedef struct {
  float a[BLOCK_ROWS * (BLOCK_K + STRIDE) + LANES] __attribute__((aligned(64)));
  float b[MAX_WIDTH * (BLOCK_K + STRIDE) + LANES] __attribute__((aligned(64)));
  float carry[CARRY] __attribute__((aligned(64)));
  float edge[ROWS_1 * MAX_WIDTH] __attribute__((aligned(64)));
  int64_t a_row[BLOCK_ROWS], out_row[BLOCK_ROWS], edge_row[ROWS_1];
  int64_t b_at[BLOCK_K + STRIDE];
  run a_inner[BLOCK_K + STRIDE], b_inner[BLOCK_K + STRIDE];
} memory;

__attribute__((visibility("default"))) const int64_t chainrule_contract_scratch = sizeof(memory);

/* Rows r0 to r1 - 1 and columns c0 to c1 - 1 of one batch and part: what a unit of work computes. */
typedef struct {
  const job *j;
  memory *m;
  const float *a, *b;
  float *out;
  int64_t a_end, b_end;
  int64_t row, rows; /* the block of rows */
  int64_t c0, c1;
  int64_t k, size; /* the block of inner positions */
  int fresh, last;
  stretch a_inner, b_inner;
  int carries; /* results wait in m->carry */
  float *carry;
} work;

/* How many rows the tile at `row` has, of `rows` in tiles of nearly the same size. */
static inline int32_t rows_of_tile(int64_t rows, int32_t most, int64_t row) {
  const int64_t tiles = ceil_div(rows, most), small = rows / tiles, larger_ones = rows % tiles;
  return (int32_t)(row < larger_ones * (small + 1) ? small + 1 : small);
}

static void block_rows(work *w) {
  const job *j = w->j;
  cursor c;
  seek(&j->rows, &c, w->row);
  for (int64_t i = 0; i < w->rows; i++) {
    w->m->a_row[i] = c.offset[A];
    w->m->out_row[i] = c.offset[OUT];
    advance(&j->rows, &c, 1);
  }
}

static void block_inner(work *w) {
  const space *inner = &w->j->inner;
  memory *m = w->m;
  cursor c;
  seek(inner, &c, w->k);
  w->a_inner = (stretch){m->a_inner, runs_from(inner, &c, w->size, A, m->a_inner), w->size, innermost(inner)->step[A]};
  w->b_inner = (stretch){m->b_inner, runs_from(inner, &c, w->size, B, m->b_inner), w->size, innermost(inner)->step[B]};
  if (!w->j->b_in_place) return;
  int64_t at = 0;
  for (int32_t i = 0; i < w->b_inner.count; i++) {
    for (int64_t l = 0; l < m->b_inner[i].size; l++) m->b_at[at++] = m->b_inner[i].at + l * w->b_inner.step;
  }
}

static void pack_rows(work *w) {
  const job *j = w->j;
  cursor c;
  seek(&j->rows, &c, w->row);
  float *panel = w->m->a;
  for (int64_t i = 0; i < w->rows;) {
    const int32_t rows = rows_of_tile(w->rows, j->tile_rows, i);
    run runs[ROWS_1];
    const stretch lanes = {runs, runs_from(&j->rows, &c, rows, A, runs), rows, innermost(&j->rows)->step[A]};
    pack(panel, rows, w->a, w->a_end, &lanes, &w->a_inner);
    panel += rows * w->size;
    skip(&j->rows, &c, rows);
    i += rows;
  }
}

/* Moves a tile between the result, where its columns stand in runs, and `dense`, where they are neighbours. */
static void spread(float *out, const int64_t *row, int32_t rows, const stretch *cols, float *dense, int64_t width,
                   int to_out) {
  for (int32_t r = 0; r < cols->count; r++) {
    const int64_t size = cols->runs[r].size, step = cols->step;
    float *at = out + cols->runs[r].at;
    if (step == 1 || rows == 1) {
      for (int32_t i = 0; i < rows; i++) {
        float *x = at + row[i], *y = dense + i * width;
        if (to_out)
          for (int64_t l = 0; l < size; l++) x[l * step] = y[l];
        else
          for (int64_t l = 0; l < size; l++) y[l] = x[l * step];
      }
    } else {
      for (int64_t l = 0; l < size; l++) {
        float *x = at + l * step, *y = dense + l;
        if (to_out)
          for (int32_t i = 0; i < rows; i++) x[row[i]] = y[i * width];
        else
          for (int32_t i = 0; i < rows; i++) y[i * width] = x[row[i]];
      }
    }
    dense += size;
  }
}

/* All rows of the block times the columns at `c`, `n` of them. */
static void panel(work *w, const cursor *c, int64_t n) {
  const job *j = w->j;
  memory *m = w->m;
  run b_runs[MAX_WIDTH], out_runs[MAX_WIDTH];
  const stretch b_lanes = {b_runs, runs_from(&j->cols, c, n, B, b_runs), n, innermost(&j->cols)->step[B]};
  const stretch out = {out_runs, runs_from(&j->cols, c, n, OUT, out_runs), n, innermost(&j->cols)->step[OUT]};
  const int32_t vectors = (int32_t)ceil_div(n, LANES);
  const int64_t width = vectors * LANES;
  const int whole = n == width;

  tile t;
  t.size = w->size;
  t.a_step = w->a_inner.step;
  t.a_run = w->a_inner.runs;
  t.b_step = width;
  t.b_at = m->b_at;
  t.b = m->b;
  int way = j->a_read == IN_PLACE_RUNS ? BY_RUNS : PLAIN;
  int packed = !j->b_in_place || !whole;
  if (!packed) {
    if (b_lanes.count == 1 && w->b_inner.count == 1) {
      t.b = w->b + b_runs[0].at + w->b_inner.runs[0].at;
      t.b_step = w->b_inner.step;
    } else if (way == BY_RUNS) packed = 1;
    else {
      way = BY_TABLE;
      int32_t v = 0;
      for (int32_t r = 0; r < b_lanes.count && !packed; r++) {
        packed = b_runs[r].size % LANES != 0;
        for (int64_t l = 0; l < b_runs[r].size && !packed; l += LANES) t.b_vector[v++] = w->b + b_runs[r].at + l;
      }
    }
  }
  if (packed) {
    way = j->a_read == IN_PLACE_RUNS ? BY_RUNS : PLAIN;
    pack(m->b, width, w->b, w->b_end, &b_lanes, &w->b_inner);
  }
  const int dense = !whole || out.count != 1 || out.step != 1;
  const float *a = m->a;
  for (int64_t i = 0; i < w->rows;) {
    const int32_t rows = rows_of_tile(w->rows, j->tile_rows, i);
    const int64_t *out_row = m->out_row + i;
    if (j->a_read == PACKED) {
      t.a = a;
      t.a_step = rows;
      a += rows * w->size;
    } else if (j->a_read == IN_PLACE_ROWS) t.a = w->a + m->a_row[i] + w->a_inner.runs[0].at;
    else {
      t.a = w->a;
      t.a_row = m->a_row + i;
    }
    t.fresh = w->fresh;
    float *edge = w->carries ? w->carry : m->edge;
    if (dense) {
      if (!w->fresh && !w->carries) spread(w->out, out_row, rows, &out, edge, width, 0);
      t.c = edge;
      t.c_row = m->edge_row;
      for (int32_t r = 0; r < rows; r++) m->edge_row[r] = r * width;
    } else {
      t.c = w->out + out_runs[0].at;
      t.c_row = out_row;
    }
    kernels[way][vectors - 1][rows - 1](&t);
    if (dense && (w->last || !w->carries)) spread(w->out, out_row, rows, &out, edge, width, 1);
    if (w->carries) w->carry += rows * width;
    i += rows;
  }
}

/* Results of so many floats are handed on while they are in the first cache. */
#define HANDED_ON (L1 / 8)

static void hand_on(const work *w, word *block, int64_t batch, int64_t c0, int64_t c1) {
  const contraction *c = w->j->c;
  char *scratch = (char *)w->m + sizeof(memory);
  if (w->j->swapped) c->then(block, c->ports, scratch, batch, c0, c1, w->row, w->row + w->rows);
  else c->then(block, c->ports, scratch, batch, w->row, w->row + w->rows, c0, c1);
}

static void all_panels(work *w, word *block, int64_t batch) {
  const job *j = w->j;
  const int64_t width = j->vectors * LANES;
  const int hands_on = w->last && j->c->then;
  w->carry = w->m->carry;
  cursor c;
  seek(&j->cols, &c, w->c0);
  int64_t handed = w->c0;
  for (int64_t col = w->c0; col < w->c1;) {
    const int64_t n = smaller(width, w->c1 - col);
    panel(w, &c, n);
    skip(&j->cols, &c, n);
    col += n;
    if (hands_on && (col == w->c1 || (col - handed) * w->rows >= HANDED_ON)) {
      hand_on(w, block, batch, handed, col);
      handed = col;
    }
  }
}

/* Rows r0 to r1 - 1 of the columns of `w`. */
static void all_blocks(work *w, word *block, int64_t batch, int64_t part, int64_t r0, int64_t r1) {
  const job *j = w->j;
  const int64_t k0 = smaller(part * j->part_size, j->inner.size);
  const int64_t k1 = smaller(k0 + j->part_size, j->inner.size);
  const int beside = innermost(&j->cols)->step[OUT] != 1 && k1 - k0 > j->block_k;
  for (w->row = r0; w->row < r1; w->row += w->rows) {
    w->rows = smaller(j->block_rows, r1 - w->row);
    w->carries = beside && w->rows * ceil_div(w->c1 - w->c0, LANES) * LANES <= CARRY;
    block_rows(w);
    w->k = k0;
    do {
      w->size = smaller(j->block_k, k1 - w->k);
      w->fresh = w->k == k0;
      w->last = w->k + w->size == k1;
      block_inner(w);
      if (j->a_read == PACKED) pack_rows(w);
      all_panels(w, block, batch);
      w->k += w->size;
    } while (w->k < k1);
  }
}

/* Units lo to hi - 1; those that differ only in their columns, or only in their rows, are taken together. */
static void units(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  const job *j = (const job *)(const void *)ports;
  const int64_t inside = j->col_units > 1 ? j->col_units : j->row_units;
  const int64_t outside = j->col_units > 1 ? j->row_units : 1;
  while (lo < hi) {
    const int64_t first = lo % inside, row = lo / inside % outside, outer = lo / inside / outside;
    const int64_t count = smaller(hi - lo, inside - first);
    const int64_t part = outer % j->c->parts, batch = outer / j->c->parts;
    work w;
    w.j = j;
    w.m = (memory *)(void *)scratch;
    cursor c;
    seek(&j->batch, &c, batch);
    w.a = j->a + c.offset[A];
    w.b = j->b + c.offset[B];
    w.out = j->out + c.offset[OUT] + part * j->c->part_stride;
    w.a_end = j->end[A] - c.offset[A];
    w.b_end = j->end[B] - c.offset[B];
    w.c0 = 0;
    w.c1 = j->cols.size;
    int64_t r0 = row * j->row_unit, r1 = r0 + j->row_unit;
    if (j->col_units > 1) {
      w.c0 = first * j->col_unit;
      w.c1 = smaller(w.c0 + count * j->col_unit, j->cols.size);
    } else {
      r0 = first * j->row_unit;
      r1 = r0 + count * j->row_unit;
    }
    all_blocks(&w, block, batch, part, r0, smaller(r1, j->rows.size));
    lo += count;
  }
}

__attribute__((visibility("default"))) void chainrule_contract(runtime *rt, word *block, const contraction *c,
                                                                const float *a, const float *b, float *out) {
  for (int32_t i = 0; i < c->batch + c->rows + c->cols; i++) {
    if (c->axes[i].size == 0) return;
  }
  job j;
  plan(&j, c, a, b, out, rt->threads);
  const double work = (double)j.batch.size * (double)j.rows.size * (double)j.cols.size * (double)j.inner.size;
  const int64_t range = j.batch.size * c->parts * j.row_units * j.col_units;
  const int32_t *ports = (const int32_t *)(const void *)&j;
  if (rt->threads == 1 || work < WORTH_SHARING) units(block, ports, rt->scratch, 0, range);
  else rt->share(rt, units, block, ports, range, 1);
}
