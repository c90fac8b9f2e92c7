/*
 * The contraction template: every f32 matmul and convolution, forward and backward.
 *
 * A unit of work walks blocks of rows and of inner positions. Rows of a are packed once a block, columns of b once a
 * panel, or both are read where they stand; between blocks of inner positions the accumulators wait in the result, or
 * beside it where the result does not have its columns next to each other. Both ways are exact.
 */
#include "contraction-plan.h"

/* Floats of results that may wait beside the result: at least those of a panel. */
#define CARRY larger_of(64 << 10, BLOCK_ROWS * MAX_WIDTH)
#define larger_of(x, y) ((x) > (y) ? (x) : (y))

/* Some inner positions: as many as a panel of b keeps in the first cache. */
typedef struct {
  int64_t size;
  stretch a, b;
  const int64_t *b_at;
} block;

/* A thread's own memory. */
typedef struct {
  float a[PACKED_FLOATS + LANES] __attribute__((aligned(64)));
  float b[MAX_WIDTH * (BLOCK_K + STRIDE) + LANES] __attribute__((aligned(64)));
  float carry[CARRY] __attribute__((aligned(64)));
  int64_t a_row[BLOCK_ROWS], out_row[BLOCK_ROWS], dense_row[ROWS_1];
  int64_t b_at[MAX_DEPTH];
  run a_inner[MAX_DEPTH], b_inner[MAX_DEPTH];
  block blocks[MAX_BLOCKS];
} memory;

const int64_t chainrule_contract_scratch = sizeof(memory);

/* What a unit of work computes: some rows and columns of one batch and part. */
typedef struct {
  const job *j;
  memory *m;
  const float *a, *b;
  float *out;
  int64_t a_end, b_end;
  int64_t row, rows; /* the block of rows */
  int64_t c0, c1;
  int32_t blocks;  /* of inner positions, that are gone through together */
  int fresh, last; /* whether they are the first, the last of the part */
  int64_t known_row, known_rows, known_k; /* what the tables in m are for */
  int beside;      /* results wait in m->carry until the last */
} work;

/* How many rows the tile at `row` has, of `rows` in tiles of nearly the same size. */
static inline int32_t rows_of_tile(int64_t rows, int32_t most, int64_t row) {
  const int64_t tiles = ceil_div(rows, most), small = rows / tiles, larger_ones = rows % tiles;
  return (int32_t)(row < larger_ones * (small + 1) ? small + 1 : small);
}

static void block_rows(work *w) {
  const job *j = w->j;
  if (w->known_row == w->row && w->known_rows == w->rows) return; /* those of the batch before */
  w->known_row = w->row;
  w->known_rows = w->rows;
  cursor c;
  seek(&j->rows, &c, w->row);
  for (int64_t i = 0; i < w->rows; i++) {
    w->m->a_row[i] = c.offset[A];
    w->m->out_row[i] = c.offset[OUT];
    advance(&j->rows, &c, 1);
  }
}

/* Inner positions k to k + size - 1 as blocks. */
static void block_inner(work *w, int64_t k, int64_t size) {
  const space *inner = &w->j->inner;
  const dimension *last = innermost(inner);
  memory *m = w->m;
  run *a = m->a_inner, *b = m->b_inner;
  int64_t *at = m->b_at;
  if (w->known_k == k) return;
  w->known_k = k;
  cursor c;
  seek(inner, &c, k);
  w->blocks = 0;
  do {
    block *x = &m->blocks[w->blocks++];
    x->size = smaller(w->j->block_k, size);
    x->a = (stretch){a, runs_from(inner, &c, x->size, A, a), x->size, last->step[A]};
    x->b = (stretch){b, runs_from(inner, &c, x->size, B, b), x->size, last->step[B]};
    x->b_at = at;
    if (w->j->b_in_place && x->b.count > 1) {
      for (int32_t i = 0; i < x->b.count; i++) {
        for (int64_t l = 0; l < b[i].size; l++) *at++ = b[i].at + l * last->step[B];
      }
    }
    a += x->a.count;
    b += x->b.count;
    skip(inner, &c, x->size);
    size -= x->size;
  } while (size > 0);
}

/* Packs all rows of all blocks. */
static void pack_rows(work *w) {
  const job *j = w->j;
  float *panel = w->m->a;
  for (int32_t k = 0; k < w->blocks; k++) {
    const block *x = &w->m->blocks[k];
    cursor c;
    seek(&j->rows, &c, w->row);
    for (int64_t i = 0; i < w->rows;) {
      const int32_t rows = rows_of_tile(w->rows, j->tile_rows, i);
      run runs[ROWS_1];
      const stretch lanes = {runs, runs_from(&j->rows, &c, rows, A, runs), rows, innermost(&j->rows)->step[A]};
      pack(panel, rows, w->a, w->a_end, &lanes, &x->a);
      panel += rows * x->size;
      skip(&j->rows, &c, rows);
      i += rows;
    }
  }
}

/* Narrower than a vector: two copies that overlap, where two are enough. */
INLINE void copy_few(float *to, const float *from, int64_t size) {
  if (size >= LANES / 2) {
    const half first = *(const half *)from, second = *(const half *)(from + size - LANES / 2);
    *(half *)to = first;
    *(half *)(to + size - LANES / 2) = second;
    return;
  }
  for (int64_t l = 0; l < size; l++) to[l] = from[l];
}

INLINE void copy_floats(float *to, const float *from, int64_t size) {
  for (; size >= LANES; size -= LANES, to += LANES, from += LANES) store(to, load(from));
  if (size > 0) copy_few(to, from, size);
}

/* Whether LANES rows from `row` on stand next to each other. */
static inline int neighbours(const int64_t *row) {
  int all = 1;
  for (int l = 1; l < LANES; l++) all &= row[l] - row[0] == l;
  return all;
}

/* LANES rows that are neighbours in the result, by LANES columns that are not. */
INLINE void swap_block(float *out, int64_t step, float *dense, int64_t width, int to_out) {
  vec x[LANES];
  UNROLL for (int l = 0; l < LANES; l++) x[l] = load(to_out ? dense + l * width : out + l * step);
  transpose(x);
  UNROLL for (int l = 0; l < LANES; l++) store(to_out ? out + l * step : dense + l * width, x[l]);
}

/* One row, whose columns stand at a step in the result. */
INLINE void spread_row(float *out, int64_t step, float *dense, int64_t size, int to_out) {
  for (; size >= 4; size -= 4, out += 4 * step, dense += 4) {
    UNROLL for (int l = 0; l < 4; l++) {
      if (to_out) out[l * step] = dense[l];
      else dense[l] = out[l * step];
    }
  }
  for (int64_t l = 0; l < size; l++) {
    if (to_out) out[l * step] = dense[l];
    else dense[l] = out[l * step];
  }
}

INLINE void spread_scattered(float *out, const int64_t *row, int64_t rows, int64_t step, int64_t size, float *dense,
                             int64_t width, int to_out) {
  for (int64_t i = 0; i < rows;) {
    const int block = size >= LANES && rows - i >= LANES && neighbours(row + i);
    int64_t l = 0;
    if (block)
      for (; l + LANES <= size; l += LANES)
        swap_block(out + row[i] + l * step, step, dense + i * width + l, width, to_out);
    const int64_t end = i + (block ? LANES : 1);
    for (; i < end; i++) spread_row(out + row[i] + l * step, step, dense + i * width + l, size - l, to_out);
  }
}

/* Some columns: where b and the result have them. */
typedef struct {
  stretch b, out;
  int32_t vectors;
  float *dense; /* where results wait, null where the result itself can hold them */
  run b_runs[MAX_WIDTH], out_runs[MAX_WIDTH];
} panel;

/* Moves rows between the result, where the columns stand in runs, and `dense`, where they are neighbours. */
INLINE void spread(float *out, const int64_t *row, int64_t rows, const panel *p, int to_out) {
  const stretch *cols = &p->out;
  const int64_t width = p->vectors * LANES;
  float *dense = p->dense;
  for (int32_t r = 0; r < cols->count; r++) {
    const int64_t size = cols->runs[r].size;
    float *at = out + cols->runs[r].at;
    if (cols->step == 1) {
      for (int64_t i = 0; i < rows; i++) {
        float *x = at + row[i], *y = dense + i * width;
        copy_floats(to_out ? x : y, to_out ? y : x, size);
      }
    } else spread_scattered(at, row, rows, cols->step, size, dense, width, to_out);
    dense += size;
  }
}

/* Points `t` at the columns of `p` in one block, packing them unless they can be read in place; returns the way. */
static int columns(const work *w, const panel *p, const block *x, tile *t) {
  const job *j = w->j;
  const int way = j->a_read == IN_PLACE_RUNS ? BY_RUNS : PLAIN;
  const int64_t width = p->vectors * LANES;
  const run *runs = p->b.runs;
  if (j->b_in_place && p->b.size == width) {
    if (p->b.count == 1 && x->b.count == 1) {
      t->b = w->b + runs[0].at + x->b.runs[0].at;
      t->b_step = x->b.step;
      return way;
    }
    int whole = way == PLAIN && x->b.count > 1;
    for (int32_t r = 0, v = 0; r < p->b.count && whole; r++) {
      whole = runs[r].size % LANES == 0;
      for (int64_t l = 0; l < runs[r].size && whole; l += LANES) t->b_vector[v++] = w->b + runs[r].at + l;
    }
    if (whole) {
      t->b_at = x->b_at;
      return BY_TABLE;
    }
  }
  pack(w->m->b, width, w->b, w->b_end, &p->b, &x->b);
  t->b = w->m->b;
  t->b_step = width;
  return way;
}

/* All rows of the work times the columns of `p`, for one block; `a` is what has been packed of it. */
static void tiles(const work *w, const panel *p, const block *x, const float *a, int fresh) {
  const job *j = w->j;
  memory *m = w->m;
  const int64_t width = p->vectors * LANES;
  float *dense = p->dense;
  tile t;
  const int way = columns(w, p, x, &t);
  kernels *const ways[WAYS] = {&chainrule_plain, &chainrule_by_table, &chainrule_by_runs};
  kernel *const *const of_rows = (*ways[way])[p->vectors - 1];
  t.size = x->size;
  t.a = w->a;
  t.a_step = x->a.step;
  t.a_run = x->a.runs;
  t.fresh = fresh;
  for (int64_t i = 0; i < w->rows;) {
    const int32_t rows = rows_of_tile(w->rows, j->tile_rows, i);
    const int64_t *out_row = m->out_row + i;
    if (j->a_read == PACKED) {
      t.a = a;
      t.a_step = rows;
      a += rows * x->size;
    } else if (j->a_read == IN_PLACE_ROWS) t.a = w->a + m->a_row[i] + x->a.runs[0].at;
    else t.a_row = m->a_row + i;
    if (dense) {
      for (int32_t r = 0; r < rows; r++) m->dense_row[r] = r * width;
      t.c = dense;
      t.c_row = m->dense_row;
      of_rows[rows - 1](&t);
      dense += rows * width;
    } else {
      t.c = w->out + p->out.runs[0].at;
      t.c_row = out_row;
      of_rows[rows - 1](&t);
    }
    i += rows;
  }
}

/* Results of so many floats are handed on while they are in the first cache. */
#define HANDED_ON (L1 / 8)

static void hand_on(const work *w, word *words, int64_t batch, int64_t c0, int64_t c1) {
  const contraction *c = w->j->c;
  char *scratch = (char *)w->m + sizeof(memory);
  if (w->j->swapped) c->then(words, c->ports, scratch, batch, c0, c1, w->row, w->row + w->rows);
  else c->then(words, c->ports, scratch, batch, w->row, w->row + w->rows, c0, c1);
}

/* The next columns, at most as many as fill a tile. */
static void next_columns(const work *w, panel *p, cursor *c, int64_t most) {
  const job *j = w->j;
  const int64_t n = smaller(most, j->vectors * LANES);
  p->vectors = (int32_t)ceil_div(n, LANES);
  p->b.count = runs_from(&j->cols, c, n, B, p->b_runs);
  p->out.count = runs_from(&j->cols, c, n, OUT, p->out_runs);
  p->b.size = p->out.size = n;
  skip(&j->cols, c, n);
}

/* Asks for the cache lines of the result before they are written, if each takes several columns. */
static void fetch_results(const work *w, const panel *p) {
  const int64_t step = p->out.step;
  if (step < 1 || step > LANES / 4) return;
  for (int32_t r = 0; r < p->out.count; r++) {
    const float *at = w->out + p->out.runs[r].at;
    for (int64_t i = 0; i < w->rows; i++) {
      for (int64_t l = 0; l < p->out.runs[r].size * step; l += LANES) __builtin_prefetch(at + w->m->out_row[i] + l, 1);
    }
  }
}

static void all_panels(work *w, word *words, int64_t batch) {
  const job *j = w->j;
  const int hands_on = w->last && j->c->then;
  panel p;
  p.b = (stretch){p.b_runs, 0, 0, innermost(&j->cols)->step[B]};
  p.out = (stretch){p.out_runs, 0, 0, innermost(&j->cols)->step[OUT]};
  int64_t handed = w->c0;
  cursor c;
  seek(&j->cols, &c, w->c0);
  float *beside = w->m->carry;
  for (int64_t col = w->c0; col < w->c1;) {
    next_columns(w, &p, &c, w->c1 - col);
    col += p.out.size;
    const int dense = p.out.size % LANES != 0 || p.out.count != 1 || p.out.step != 1;
    p.dense = dense ? beside : 0;
    if (w->beside) beside += w->rows * p.vectors * LANES;
    fetch_results(w, &p);
    if (dense && !w->fresh && !w->beside) spread(w->out, w->m->out_row, w->rows, &p, 0);
    const float *a = w->m->a;
    for (int32_t k = 0; k < w->blocks; k++) {
      const block *x = &w->m->blocks[k];
      tiles(w, &p, x, a, w->fresh && k == 0);
      a += w->rows * x->size;
    }
    if (dense && (w->last || !w->beside)) spread(w->out, w->m->out_row, w->rows, &p, 1);
    if (hands_on && (col == w->c1 || (col - handed) * w->rows >= HANDED_ON)) {
      hand_on(w, words, batch, handed, col);
      handed = col;
    }
  }
}

/* Rows r0 to r1 - 1 of the columns of `w`. */
static void all_blocks(work *w, word *words, int64_t batch, int64_t part, int64_t r0, int64_t r1) {
  const job *j = w->j;
  const int64_t k0 = smaller(part * j->part_size, j->inner.size);
  const int64_t k1 = smaller(k0 + j->part_size, j->inner.size);
  const int scattered = innermost(&j->cols)->step[OUT] != 1;
  for (w->row = r0; w->row < r1; w->row += w->rows) {
    w->rows = smaller(j->block_rows, r1 - w->row);
    w->beside = scattered && w->rows * ceil_div(w->c1 - w->c0, LANES) * LANES <= CARRY;
    block_rows(w);
    int64_t k = k0;
    do {
      const int64_t size = smaller(j->depth, k1 - k);
      w->fresh = k == k0;
      w->last = k + size == k1;
      block_inner(w, k, size);
      if (j->a_read == PACKED) pack_rows(w);
      all_panels(w, words, batch);
      k += size;
    } while (k < k1);
  }
}

/* Units lo to hi - 1; those that differ only in their columns, or only in their rows, are taken together. */
static void units(word *words, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  const job *j = (const job *)(const void *)ports;
  const int64_t inside = j->col_units > 1 ? j->col_units : j->row_units;
  const int64_t outside = j->col_units > 1 ? j->row_units : 1;
  work w = {0};
  w.j = j;
  w.m = (memory *)(void *)scratch;
  w.known_k = w.known_row = -1;
  while (lo < hi) {
    const int64_t first = lo % inside, row = lo / inside % outside, outer = lo / inside / outside;
    const int64_t count = smaller(hi - lo, inside - first);
    const int64_t part = outer % j->c->parts, batch = j->batches.first + outer / j->c->parts;
    cursor c;
    seek(&j->batch, &c, batch);
    w.a = j->a + c.offset[A];
    w.b = j->b + c.offset[B];
    w.out = j->out + c.offset[OUT] + part * j->c->part_stride;
    w.a_end = j->end[A] - c.offset[A];
    w.b_end = j->end[B] - c.offset[B];
    const int64_t first_row = j->row_range.first, end_row = first_row + j->row_range.size;
    const int64_t end_col = j->col_range.first + j->col_range.size;
    w.c0 = j->col_range.first;
    w.c1 = end_col;
    int64_t r0 = first_row + row * j->row_unit, r1 = r0 + j->row_unit;
    if (j->col_units > 1) {
      w.c0 += first * j->col_unit;
      w.c1 = smaller(w.c0 + count * j->col_unit, end_col);
    } else {
      r0 = first_row + first * j->row_unit;
      r1 = r0 + count * j->row_unit;
    }
    all_blocks(&w, words, batch, part, r0, smaller(r1, end_row));
    lo += count;
  }
}

void chainrule_contract(runtime *rt, word *words, const contraction *c,
                                                                const float *a, const float *b, float *out) {
  for (int32_t i = 0; i < c->batch + c->rows + c->cols; i++) {
    if (c->axes[i].size == 0) return;
  }
  job j;
  plan(&j, c, a, b, out, rt->threads);
  const double work = (double)j.batches.size * (double)j.row_range.size * (double)j.col_range.size * (double)j.inner.size;
  const int64_t range = j.batches.size * c->parts * j.row_units * j.col_units;
  const int32_t *ports = (const int32_t *)(const void *)&j;
  if (rt->threads == 1 || work < WORTH_SHARING) units(words, ports, rt->scratch, 0, range);
  else rt->share(rt, units, words, ports, range, 1);
}
