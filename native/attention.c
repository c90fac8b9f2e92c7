/*
 * softmax(q * k' * scale + mask) * v and its gradients, without the table of all scores: blocks of queries meet blocks of
 * keys, and the softmax of what has been seen so far is corrected as larger scores come.
 * Sources: Milakov and Gimelshein, "Online normalizer calculation for softmax" (2018); Dao et al., "FlashAttention" (2022).
 *
 * The queries of a block are a vector's lanes: scores stand as (key, query), results as (feature, query), and what is
 * done for one query is done in the order of its keys, whatever the width of a vector. native/abi.h states that order.
 */
#include "attention-tile.h"

enum { KEYS = ATTENTION_KEYS, QUERIES = 2 * LANES, WIDEST = ATTENTION_WIDEST, DRAWN = 4096 };

/* Multiply-adds that take some 5 microseconds: less is not worth waking threads. */
#define WORTH_SHARING (1 << 18)

/* A thread's own memory. */
typedef struct {
  /* of a block of queries: (feature, query) */
  float q[WIDEST * QUERIES] __attribute__((aligned(64)));    /* times scale */
  float grad[WIDEST * QUERIES] __attribute__((aligned(64))); /* of the result */
  float out[WIDEST * QUERIES] __attribute__((aligned(64)));
  float lse[QUERIES] __attribute__((aligned(64)));
  float delta[QUERIES] __attribute__((aligned(64)));
  /* (query, feature), in whole vectors */
  float q_rows[QUERIES * WIDEST] __attribute__((aligned(64)));
  float grad_rows[QUERIES * WIDEST] __attribute__((aligned(64)));
  /* with a block of keys: (key, query) */
  float p[KEYS * QUERIES] __attribute__((aligned(64)));
  float dp[KEYS * QUERIES] __attribute__((aligned(64)));
  float mask[KEYS * QUERIES] __attribute__((aligned(64)));
  float kept[KEYS * QUERIES] __attribute__((aligned(64))); /* what weights are multiplied by */
  float edge[KEYS * LANES] __attribute__((aligned(64)));
  /* Of blocks of keys modulo DRAWN: the fates of weights, and where among a quarter's scores they begin. */
  uint8_t fates[DRAWN * QUERIES];
  int64_t drawn[DRAWN / KEYS];
} memory;

const int64_t chainrule_attention_scratch = sizeof(memory);

typedef struct {
  const attention *c;
  float *const *at;
  int64_t batches, blocks;        /* of queries, in one batch */
  int64_t group;                  /* batches that share random words, a quarter of all batches apart: 4, or 1 alone */
  int64_t key_unit, key_units;    /* keys whose gradients one unit of work computes */
} job;

/* Rows that will be needed: the next batch's, which stand in strides that the processor does not foresee. */
typedef struct {
  const float *at[ATTENTION_OPERANDS]; /* null: none of these */
  int64_t row;
} foreseen;

/* A block of queries. */
typedef struct {
  const attention *c;
  foreseen next;
  memory *m;
  float *at[ATTENTION_OPERANDS]; /* of its batch */
  int64_t batch, quarter;        /* of all scores, rounded up */
  int shares;                    /* whether what is drawn for one batch serves others */
  int64_t first, count;
  int vectors;
  int64_t end; /* of the keys that it sees */
} block;

static int64_t smaller(int64_t x, int64_t y) { return x < y ? x : y; }
static int64_t larger(int64_t x, int64_t y) { return x > y ? x : y; }
static int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }

static void enter_batch(block *b, const job *j, int64_t batch) {
  b->batch = batch;
  b->quarter = ceil_div(j->batches * j->c->queries * j->c->keys, 4);
  b->shares = j->group > 1;
  for (int o = 0; o < ATTENTION_OPERANDS; o++) b->at[o] = j->at[o];
  for (int32_t i = j->c->batch - 1; i >= 0; i--) {
    const attention_axis *axis = &j->c->axes[i];
    const int64_t index = batch % axis->size;
    batch /= axis->size;
    for (int o = 0; o < ATTENTION_OPERANDS; o++) {
      if (b->at[o]) b->at[o] += index * axis->step[o];
    }
  }
}

static void enter_block(block *b, int64_t number) {
  const attention *c = b->c;
  b->first = number * QUERIES;
  b->count = smaller(QUERIES, c->queries - b->first);
  b->vectors = b->count > LANES ? 2 : 1;
  /* a block is a part of ATTENTION_DIAGONAL queries */
  const int64_t seen = (b->first / ATTENTION_DIAGONAL + 1) * ATTENTION_DIAGONAL;
  b->end = c->causal ? smaller(c->keys, seen) : c->keys;
}

/* Blocks that share random words come after one another. */
static void enter_unit(block *b, const job *j, int64_t unit) {
  const int64_t others = j->batches / j->group, rest = unit / j->group;
  enter_batch(b, j, unit % j->group * others + rest / j->blocks);
  enter_block(b, rest % j->blocks);
}

/* Nothing is drawn yet. */
static void begin(block *b) {
  for (int slot = 0; slot < DRAWN / KEYS; slot++) b->m->drawn[slot] = -1;
}

/* to[column, row] = from[row, column] * factor; lanes behind the last row are spoiled. */
static void transpose_in(float *to, const float *from, int64_t step, int64_t rows, int64_t columns, float factor) {
  for (int64_t r = 0; r < rows; r += LANES) {
    int64_t e = 0;
    for (; e + LANES <= columns; e += LANES) {
      vec x[LANES];
      UNROLL for (int l = 0; l < LANES; l++) x[l] = load(from + smaller(r + l, rows - 1) * step + e);
      transpose(x);
      UNROLL for (int l = 0; l < LANES; l++) store(to + (e + l) * QUERIES + r, x[l] * factor);
    }
    for (; e < columns; e++) {
      for (int l = 0; l < LANES; l++) to[e * QUERIES + r + l] = from[smaller(r + l, rows - 1) * step + e] * factor;
    }
  }
}

/* to[row, column] = from[column, row] */
static void transpose_out(float *to, int64_t step, const float *from, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r += LANES) {
    const int64_t lanes = smaller(LANES, rows - r);
    int64_t e = 0;
    for (; e + LANES <= columns; e += LANES) {
      vec x[LANES];
      UNROLL for (int l = 0; l < LANES; l++) x[l] = load(from + (e + l) * QUERIES + r);
      transpose(x);
      UNROLL for (int l = 0; l < LANES; l++) {
        if (l < lanes) store(to + (r + l) * step + e, x[l]);
      }
    }
    for (; e < columns; e++) {
      for (int64_t l = 0; l < lanes; l++) to[(r + l) * step + e] = from[e * QUERIES + r + l];
    }
  }
}

static void add_mask(const block *b, int64_t key, int64_t keys) {
  const attention *c = b->c;
  const int64_t row = c->row[ATTENTION_MASK], column = c->mask_column;
  const float *mask = b->at[ATTENTION_MASK] + b->first * row + key * column;
  float *p = b->m->p, *block_mask = b->m->mask;
  if (row == 0) {
    for (int64_t x = 0; x < keys * QUERIES; x += LANES) store(p + x, load(p + x) + mask[x / QUERIES * column]);
    return;
  }
  if (column == 1) transpose_in(block_mask, mask, row, b->count, keys, 1);
  else
    for (int64_t j = 0; j < keys; j++) {
      for (int64_t i = 0; i < QUERIES; i++) {
        block_mask[j * QUERIES + i] = mask[smaller(i, b->count - 1) * row + j * column];
      }
    }
  for (int64_t x = 0; x < keys * QUERIES; x += LANES) store(p + x, load(p + x) + load(block_mask + x));
}

/* Scores of keys that come after a query are minus infinity. */
static void hide_later_keys(const block *b, int64_t key, int64_t keys) {
  const ivec lane = {LANE_NUMBERS};
  for (int64_t j = larger(0, b->first - key + 1); j < keys; j++) {
    const int32_t hidden = (int32_t)(key + j - b->first); /* so many queries do not see it */
    for (int v = 0; v < 2; v++) {
      float *p = b->m->p + j * QUERIES + v * LANES;
      store(p, blend(lane + v * LANES < hidden, splat(-__builtin_inff()), load(p)));
    }
  }
}

/* Asks for some rows of the next batch while there is other work. */
static void look_ahead(block *b, int64_t rows) {
  const attention *c = b->c;
  const int64_t end = smaller(b->next.row + rows, larger(c->queries, c->keys));
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    if (!b->next.at[o]) continue;
    const int64_t width = larger(c->width, c->value_width);
    for (int64_t r = b->next.row; r < end; r++) {
      for (int64_t e = 0; e < width; e += 16) __builtin_prefetch(b->next.at[o] + r * c->row[o] + e, 0, 2);
    }
  }
  b->next.row = end;
}

/* m->p = the scores of a block of keys. */
static void score(const block *b, int64_t key, int64_t keys) {
  const attention *c = b->c;
  const int64_t step = c->row[ATTENTION_K];
  const product p = {c->width, b->at[ATTENTION_K] + key * step, step, b->m->q, QUERIES, b->m->p, QUERIES, 1};
  multiply(p, APART, keys, b->vectors);
  if (b->at[ATTENTION_MASK]) add_mask(b, key, keys);
  if (c->causal && key + keys - 1 > b->first) hide_later_keys(b, key, keys);
}

/* A bit for each half of the counters' words: whether it keeps what it decides about. */
INLINE ivec fates_of(const uint32_t state[4], uvec x, int32_t drops_below) {
  uvec low = x + state[2], high = state[3] - (uvec)(low < state[2]);
  threefry(state, &low, &high);
  const ivec first = ((ivec)(low & 0xffff) >= drops_below) & 1, second = ((ivec)(low >> 16) >= drops_below) & 2;
  const ivec third = ((ivec)(high & 0xffff) >= drops_below) & 4, fourth = ((ivec)(high >> 16) >= drops_below) & 8;
  return first | second | third | fourth;
}

/* m->kept = what the weights of a block of keys are multiplied by. */
static void draw(const block *b, int64_t key, int64_t keys) {
  const attention *c = b->c;
  const int64_t first = (b->batch * c->queries + b->first) * c->keys + key, slot = key % DRAWN / KEYS;
  int64_t place = first % b->quarter, *drawn = &b->m->drawn[slot];
  const int known = b->shares && *drawn == place;
  int32_t quarters = (int32_t)(first / b->quarter);
  uint32_t state[4];
  __builtin_memcpy(state, b->at[ATTENTION_STATE], sizeof state);
  *drawn = place;
  for (int v = 0; v < b->vectors; v++) {
    uvec x;
    ivec y;
    for (int l = 0; l < LANES; l++, place += c->keys) {
      for (; place >= b->quarter; place -= b->quarter) quarters++;
      x[l] = (uint32_t)place;
      y[l] = quarters;
    }
    uint8_t *fates = b->m->fates + slot * KEYS * QUERIES + v * LANES;
    float *kept = b->m->kept + v * LANES;
    for (int64_t j = 0; j < keys; j++, fates += QUERIES, kept += QUERIES) {
      bytes few;
      if (!known) {
        few = __builtin_convertvector(fates_of(state, x, c->drops_below), bytes);
        __builtin_memcpy(fates, &few, sizeof few);
        x += 1;
      } else __builtin_memcpy(&few, fates, sizeof few);
      const ivec stays = -(__builtin_convertvector(few, ivec) >> (y & 3) & 1);
      store(kept, (vec)(stays & (ivec)splat(c->kept)));
      if (b->shares) continue; /* a batch is of one quarter */
      const ivec wraps = (ivec)(x == (uint32_t)b->quarter);
      x &= ~(uvec)wraps;
      y -= wraps;
    }
  }
}

// ── forward ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/* What is known of a vector's queries so far. */
typedef struct {
  vec most, sum;
} softmax;

static vec largest(const float *p, int64_t keys, vec most) {
  vec x[4] = {most, most, most, most};
  int64_t j = 0;
  for (; j + 4 <= keys; j += 4, p += 4 * QUERIES) {
    UNROLL for (int i = 0; i < 4; i++) x[i] = greater(load(p + i * QUERIES), x[i]);
  }
  for (; j < keys; j++, p += QUERIES) x[0] = greater(load(p), x[0]);
  return greater(greater(x[0], x[1]), greater(x[2], x[3]));
}

/* Makes weights of the scores, drops some, and corrects what there is for a larger maximum. */
static void soften(const block *b, softmax *s, int vector, int64_t keys, int first) {
  float *p = b->m->p + vector * LANES;
  const float *kept = b->at[ATTENTION_STATE] ? b->m->kept + vector * LANES : 0;
  const vec most = largest(p, keys, s->most);
  const vec correction = exp_below(s->most - most);
  vec sum = rounded(s->sum * correction);
  for (int64_t j = 0; j < keys; j++, p += QUERIES) {
    const vec weight = exp_below(load(p) - most);
    store(p, kept ? weight * load(kept + j * QUERIES) : weight);
    sum += weight;
  }
  s->most = most;
  s->sum = sum;
  if (first) return;
  float *out = b->m->out + vector * LANES;
  for (int64_t e = 0; e < b->c->value_width; e++, out += QUERIES) store(out, rounded(load(out) * correction));
}

/* Divides by the sum, which is 0 where the mask leaves no key, and keeps the logarithm. */
static void finish(const block *b, const softmax *s, int vector) {
  const ivec none = s->sum == 0;
  const vec sum = blend(none, splat(1), s->sum);
  float *out = b->m->out + vector * LANES;
  for (int64_t e = 0; e < b->c->value_width; e++) store(out + e * QUERIES, load(out + e * QUERIES) / sum);
  store(b->m->lse + vector * LANES, blend(none, splat(__builtin_inff()), s->most + log_above(sum)));
}

static void attend_block(block *b) {
  const attention *c = b->c;
  memory *m = b->m;
  const int64_t q_step = c->row[ATTENTION_Q], v_step = c->row[ATTENTION_V], out_step = c->row[ATTENTION_OUT];
  transpose_in(m->q, b->at[ATTENTION_Q] + b->first * q_step, q_step, b->count, c->width, c->scale);
  softmax s[2];
  for (int v = 0; v < 2; v++) s[v] = (softmax){splat(-__FLT_MAX__), splat(0)};
  for (int64_t key = 0; key < b->end; key += KEYS) {
    const int64_t keys = smaller(KEYS, b->end - key);
    score(b, key, keys);
    if (b->at[ATTENTION_STATE]) draw(b, key, keys);
    look_ahead(b, 8);
    for (int v = 0; v < b->vectors; v++) {
      soften(b, &s[v], v, keys, key == 0);
      look_ahead(b, 8);
    }
    const product p = {keys, b->at[ATTENTION_V] + key * v_step, v_step, m->p, QUERIES, m->out, QUERIES, key == 0};
    multiply(p, TOGETHER, c->value_width, b->vectors);
  }
  look_ahead(b, 8);
  for (int v = 0; v < b->vectors; v++) finish(b, &s[v], v);
  transpose_out(b->at[ATTENTION_OUT] + b->first * out_step, out_step, m->out, b->count, c->value_width);
  for (int64_t i = 0; i < b->count; i++) b->at[ATTENTION_LSE][(b->first + i) * c->row[ATTENTION_LSE]] = m->lse[i];
}

/* Rows of a longer batch would be gone again when its turn comes. */
static void foresee(block *b, const job *j, int64_t batch, int gradient) {
  const attention *c = b->c;
  b->next = (foreseen){.row = 0};
  if (batch >= j->batches || larger(c->queries, c->keys) > 128) return;
  block other = {.c = c};
  enter_batch(&other, j, batch);
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    const int rows = o != ATTENTION_MASK && o != ATTENTION_STATE && o != ATTENTION_LSE;
    if (rows && (gradient || o <= ATTENTION_OUT)) b->next.at[o] = other.at[o];
  }
}

static void attend_units(word *w, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)w;
  const job *j = (const job *)(const void *)ports;
  block b = {.c = j->c, .m = (memory *)(void *)scratch};
  begin(&b);
  for (int64_t unit = lo; unit < hi; unit++) {
    enter_unit(&b, j, unit);
    if (unit % j->blocks == 0) foresee(&b, j, b.batch + 1, 0);
    attend_block(&b);
  }
}

// ── backward ────────────────────────────────────────────────────────────────────────────────────────────────────────

/* Rows in whole vectors: where they stand, if their width is one, else copied to `to`. */
static const float *whole_rows(const float *from, int64_t *step, int64_t rows, int64_t width, float *to) {
  if (width % LANES == 0) return from;
  const int64_t padded = ceil_div(width, LANES) * LANES;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t e = 0; e < padded; e++) to[r * padded + e] = e < width ? from[r * *step + e] : 0;
  }
  *step = padded;
  return to;
}

/* A block's queries, and what of the gradient does not depend on keys: delta = the result times its gradient. */
static void enter_gradient(const block *b) {
  const attention *c = b->c;
  memory *m = b->m;
  const int64_t q_step = c->row[ATTENTION_Q], out_step = c->row[ATTENTION_OUT], step = c->row[ATTENTION_GRAD];
  transpose_in(m->q, b->at[ATTENTION_Q] + b->first * q_step, q_step, b->count, c->width, c->scale);
  transpose_in(m->grad, b->at[ATTENTION_GRAD] + b->first * step, step, b->count, c->value_width, 1);
  transpose_in(m->out, b->at[ATTENTION_OUT] + b->first * out_step, out_step, b->count, c->value_width, 1);
  for (int v = 0; v < b->vectors; v++) {
    vec delta = {0};
    const float *grad = m->grad + v * LANES, *out = m->out + v * LANES;
    for (int64_t x = 0; x < c->value_width * QUERIES; x += QUERIES) delta += load(grad + x) * load(out + x);
    store(m->delta + v * LANES, delta);
  }
  for (int64_t i = 0; i < QUERIES; i++)
    m->lse[i] = i < b->count ? b->at[ATTENTION_LSE][(b->first + i) * c->row[ATTENTION_LSE]] : 0;
}

/* m->p = weights as they are multiplied by values, m->dp = the gradients of the products of queries and keys. */
static void weigh(const block *b, int64_t key, int64_t keys) {
  const attention *c = b->c;
  memory *m = b->m;
  const int64_t step = c->row[ATTENTION_V];
  score(b, key, keys);
  const product p = {c->value_width, b->at[ATTENTION_V] + key * step, step, m->grad, QUERIES, m->dp, QUERIES, 1};
  multiply(p, APART, keys, b->vectors);
  const float *kept = b->at[ATTENTION_STATE] ? m->kept : 0;
  if (kept) draw(b, key, keys);
  for (int v = 0; v < b->vectors; v++) {
    const vec lse = load(m->lse + v * LANES), delta = load(m->delta + v * LANES);
    for (int64_t x = v * LANES; x < keys * QUERIES; x += QUERIES) {
      const vec weight = exp_below(load(m->p + x) - lse), factor = kept ? load(kept + x) : splat(1);
      store(m->p + x, weight * factor);
      store(m->dp + x, weight * (rounded(load(m->dp + x) * factor) - delta) * c->scale);
    }
  }
}

/* to[key, feature] += sum over the block's queries of weights[key, query] * rows[query, feature] */
static void add_rows(const block *b, float *to, int64_t step, int64_t keys, const float *weights, const float *rows,
                     int64_t rows_step, int64_t width) {
  product p = {b->count, weights, QUERIES, rows, rows_step, to, step, 0};
  while (width >= LANES) {
    const int vectors = width >= 2 * LANES ? 2 : 1;
    multiply(p, APART, keys, vectors);
    p.b += vectors * LANES;
    p.c += vectors * LANES;
    width -= vectors * LANES;
  }
  if (width == 0) return;
  float *edge = b->m->edge, *c = p.c;
  for (int64_t j = 0; j < keys; j++) {
    for (int64_t e = 0; e < LANES; e++) edge[j * LANES + e] = e < width ? c[j * step + e] : 0;
  }
  p.c = edge;
  p.c_row = LANES;
  multiply(p, APART, keys, 1);
  for (int64_t j = 0; j < keys; j++) {
    for (int64_t e = 0; e < width; e++) c[j * step + e] = edge[j * LANES + e];
  }
}

/* What a block of queries gives to the gradients of keys `from` to `to` - 1 and their values, and gets from them. */
static void gradient_block(block *b, int64_t from, int64_t to, int of_queries, int of_keys) {
  const attention *c = b->c;
  memory *m = b->m;
  const int64_t k_step = c->row[ATTENTION_K], dk_step = c->row[ATTENTION_DK], dv_step = c->row[ATTENTION_DV];
  to = smaller(to, b->end);
  if (from >= to) return;
  enter_gradient(b);
  look_ahead(b, 8);
  int64_t q_step = c->row[ATTENTION_Q], step = c->row[ATTENTION_GRAD];
  const float *q = b->at[ATTENTION_Q] + b->first * q_step, *grad = b->at[ATTENTION_GRAD] + b->first * step;
  if (of_keys) {
    q = whole_rows(q, &q_step, b->count, c->width, m->q_rows);
    grad = whole_rows(grad, &step, b->count, c->value_width, m->grad_rows);
  }
  for (int64_t key = from; key < to; key += KEYS) {
    const int64_t keys = smaller(KEYS, to - key);
    weigh(b, key, keys);
    look_ahead(b, 8);
    if (of_queries) {
      const product p = {keys, b->at[ATTENTION_K] + key * k_step, k_step, m->dp, QUERIES, m->out, QUERIES, key == from};
      multiply(p, TOGETHER, c->width, b->vectors);
    }
    if (of_keys) {
      look_ahead(b, 8);
      add_rows(b, b->at[ATTENTION_DV] + key * dv_step, dv_step, keys, m->p, grad, step, c->value_width);
      look_ahead(b, 8);
      add_rows(b, b->at[ATTENTION_DK] + key * dk_step, dk_step, keys, m->dp, q, q_step, c->width);
    }
  }
  const int64_t dq_step = c->row[ATTENTION_DQ];
  if (of_queries) transpose_out(b->at[ATTENTION_DQ] + b->first * dq_step, dq_step, m->out, b->count, c->width);
}

static void clear_rows(float *to, int64_t step, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t e = 0; e < width; e++) to[r * step + e] = 0;
  }
}

static void clear_keys(const block *b, int64_t from, int64_t to) {
  const attention *c = b->c;
  const int64_t dk_step = c->row[ATTENTION_DK], dv_step = c->row[ATTENTION_DV];
  clear_rows(b->at[ATTENTION_DK] + from * dk_step, dk_step, to - from, c->width);
  clear_rows(b->at[ATTENTION_DV] + from * dv_step, dv_step, to - from, c->value_width);
}

/* All gradients of a group of batches. */
static void batch_units(word *w, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)w;
  const job *j = (const job *)(const void *)ports;
  block b = {.c = j->c, .m = (memory *)(void *)scratch};
  begin(&b);
  for (int64_t group = lo; group < hi; group++) {
    for (int64_t i = 0; i < j->blocks * j->group; i++) {
      enter_unit(&b, j, group * j->blocks * j->group + i);
      if (i == 0) foresee(&b, j, b.batch + 1, 1);
      if (b.first == 0) clear_keys(&b, 0, j->c->keys);
      gradient_block(&b, 0, j->c->keys, 1, 1);
    }
  }
}

/* The gradients of a block of queries. */
static void query_units(word *w, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)w;
  const job *j = (const job *)(const void *)ports;
  block b = {.c = j->c, .m = (memory *)(void *)scratch};
  begin(&b);
  for (int64_t unit = lo; unit < hi; unit++) {
    enter_unit(&b, j, unit);
    gradient_block(&b, 0, j->c->keys, 1, 0);
  }
}

/* The gradients of some keys and their values. */
static void key_units(word *w, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)w;
  const job *j = (const job *)(const void *)ports;
  block b = {.c = j->c, .m = (memory *)(void *)scratch};
  begin(&b);
  for (int64_t unit = lo; unit < hi; unit++) {
    const int64_t group = unit / j->key_units;
    const int64_t from = unit % j->key_units * j->key_unit, to = smaller(from + j->key_unit, j->c->keys);
    for (int64_t i = 0; i < j->blocks * j->group; i++) {
      enter_unit(&b, j, group * j->blocks * j->group + i);
      if (b.first == 0) clear_keys(&b, from, to);
      gradient_block(&b, from, to, 0, 1);
    }
  }
}

// ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────────

static job make_job(const attention *c, float *const *at) {
  job j = {.c = c, .at = at, .batches = 1, .blocks = ceil_div(c->queries, QUERIES)};
  for (int32_t i = 0; i < c->batch; i++) j.batches *= c->axes[i].size;
  j.group = at[ATTENTION_STATE] && j.batches % 4 == 0 ? 4 : 1;
  return j;
}

static void share(runtime *rt, phase *f, const job *j, int64_t range, int64_t grain) {
  const int32_t *ports = (const int32_t *)(const void *)j;
  const attention *c = j->c;
  const double work = (double)j->batches * (double)c->queries * (double)c->keys * (double)(c->width + c->value_width);
  if (rt->threads == 1 || work < WORTH_SHARING) f(0, ports, rt->scratch, 0, range);
  else rt->share(rt, f, 0, ports, range, grain);
}

void chainrule_attention(runtime *rt, const attention *c, float *const *at) {
  const job j = make_job(c, at);
  share(rt, attend_units, &j, j.batches * j.blocks, j.group);
}

void chainrule_attention_grad(runtime *rt, const attention *c, float *const *at) {
  job j = make_job(c, at);
  /* Where there are enough batches, weights are computed once; else for queries and for keys. */
  const int64_t groups = j.batches / j.group;
  if (groups % rt->threads == 0 || groups >= 8 * rt->threads) {
    share(rt, batch_units, &j, groups, 1);
    return;
  }
  const int64_t wanted = ceil_div(4 * rt->threads, groups);
  j.key_unit = ceil_div(ceil_div(c->keys, wanted), KEYS) * KEYS;
  j.key_units = ceil_div(c->keys, j.key_unit);
  share(rt, query_units, &j, j.batches * j.blocks, j.group);
  share(rt, key_units, &j, groups * j.key_units, 1);
}
