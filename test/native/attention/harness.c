/*
 * Holds attention and its gradients against plain loops in the order that native/abi.h states, bit for bit:
 * `harness test SEED CASES`; and measures it on one thread: `harness bench`.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../native/abi.h"

/* A runtime whose threads live for one call. */

typedef struct {
  phase *f;
  const int32_t *ports;
  char *scratch;
  int64_t range;
  int64_t *next;
} worker;

static char *scratches[8];

static void *work_on(void *argument) {
  worker *w = argument;
  for (;;) {
    const int64_t unit = __atomic_fetch_add(w->next, 1, __ATOMIC_RELAXED);
    if (unit >= w->range) return NULL;
    w->f(NULL, w->ports, w->scratch, unit, unit + 1);
  }
}

static void share(runtime *rt, phase *f, word *block, const int32_t *ports, int64_t range, int64_t grain) {
  (void)block;
  (void)grain;
  pthread_t threads[8];
  worker workers[8];
  int64_t next = 0;
  for (int i = 0; i < rt->threads; i++) {
    workers[i] = (worker){f, ports, scratches[i], range, &next};
    if (i > 0) pthread_create(&threads[i], NULL, work_on, &workers[i]);
  }
  work_on(&workers[0]);
  for (int i = 1; i < rt->threads; i++) pthread_join(threads[i], NULL);
}

static runtime make_runtime(int threads) {
  for (int i = 0; i < threads; i++)
    if (!scratches[i]) scratches[i] = aligned_alloc(64, (size_t)(chainrule_attention_scratch + 63) / 64 * 64);
  return (runtime){.threads = threads, .scratch = scratches[0], .share = share};
}

/* The plain loops. Compiled without contraction: a product is fused where it says so. */

static float fused(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

static float of_bits(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static int32_t bits_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static float plain_exp(float x) {
  if (x < -87) return 0;
  const float integer = 12582912 + 127, shifted = x * 1.4426950216293335f + integer, n = shifted - integer;
  const float r = x - n * 0.693145751953125f - n * 1.428606765330187e-6f;
  static const float c[] = {0.4999999701976776f, 0.16666539013385773f, 0.04166775196790695f, 0.008367106318473816f, 0.001383673632517457f};
  float sum = c[4];
  for (int i = 3; i >= 0; i--) sum = sum * r + c[i];
  return (r + r * r * sum + 1) * of_bits((int32_t)((uint32_t)bits_of(shifted) << 23));
}

static float plain_log(float x) {
  const int32_t k = (bits_of(x) - 0x3f3504f3) >> 23;
  const float n = (float)k, f = of_bits(bits_of(x) - k * (1 << 23)) - 1, half_square = f * f * 0.5f;
  const float quotient = f / (f + 2), z = quotient * quotient;
  const float sum = (0.29870694875717163f * z + 0.3997758626937866f) * z + 0.6666677594184875f;
  const float low = quotient * (half_square + z * sum) + n * 1.428606765330187e-6f;
  return n * 0.693145751953125f + (f - (half_square - low));
}

static float *row_of(const attention *c, float *const *at, int operand, int64_t i) { return at[operand] + i * c->row[operand]; }

static int64_t keys_seen(const attention *c, int64_t i) {
  const int64_t end = (i / ATTENTION_DIAGONAL + 1) * ATTENTION_DIAGONAL;
  return c->causal && end < c->keys ? end : c->keys;
}

static float plain_score(const attention *c, float *const *at, int64_t i, int64_t j) {
  const float *q = row_of(c, at, ATTENTION_Q, i), *k = row_of(c, at, ATTENTION_K, j);
  float s = 0;
  for (int64_t e = 0; e < c->width; e++) s = fused(k[e], q[e] * c->scale, s);
  if (at[ATTENTION_MASK]) s += row_of(c, at, ATTENTION_MASK, i)[j * c->mask_column];
  return c->causal && j > i ? -INFINITY : s;
}

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

/* What the weight of score number `at` of so many is multiplied by. */
static float plain_kept(const attention *c, float *const *operands, int64_t at, int64_t count) {
  static const int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const int64_t quarter = (count + 3) / 4;
  uint32_t state[4];
  if (!operands[ATTENTION_STATE]) return 1;
  memcpy(state, operands[ATTENTION_STATE], sizeof state);
  const uint64_t counter = ((uint64_t)state[3] << 32 | state[2]) + (uint64_t)(at % quarter);
  const uint32_t keys[3] = {state[0], state[1], state[0] ^ state[1] ^ 0x1bd11bdau};
  uint32_t words[2] = {(uint32_t)counter + keys[0], (uint32_t)(counter >> 32) + keys[1]};
  for (uint32_t four = 1; four <= 5; four++) {
    for (int i = 0; i < 4; i++) {
      words[0] += words[1];
      words[1] = rotate(words[1], rotations[(four + 1) % 2][i]) ^ words[0];
    }
    words[0] += keys[four % 3];
    words[1] += keys[(four + 1) % 3] + four;
  }
  const int64_t half = at / quarter;
  return (int32_t)(words[half / 2] >> (half % 2 * 16) & 0xffff) < c->drops_below ? 0 : c->kept;
}

static void plain_forward(const attention *c, float *const *at, float *p, int64_t first_score, int64_t scores) {
  for (int64_t i = 0; i < c->queries; i++) {
    float *out = row_of(c, at, ATTENTION_OUT, i), most = -__FLT_MAX__, sum = 0;
    for (int64_t e = 0; e < c->value_width; e++) out[e] = 0;
    for (int64_t first = 0; first < keys_seen(c, i); first += ATTENTION_KEYS) {
      int64_t end = first + ATTENTION_KEYS;
      if (end > keys_seen(c, i)) end = keys_seen(c, i);
      float m = most;
      for (int64_t j = first; j < end; j++) {
        p[j] = plain_score(c, at, i, j);
        m = p[j] > m ? p[j] : m;
      }
      const float correction = plain_exp(most - m);
      most = m;
      sum *= correction;
      for (int64_t j = first; j < end; j++) {
        sum += p[j] = plain_exp(p[j] - m);
        p[j] *= plain_kept(c, at, first_score + i * c->keys + j, scores);
      }
      for (int64_t e = 0; e < c->value_width; e++) {
        out[e] *= correction;
        for (int64_t j = first; j < end; j++) out[e] = fused(row_of(c, at, ATTENTION_V, j)[e], p[j], out[e]);
      }
    }
    if (sum != 0) for (int64_t e = 0; e < c->value_width; e++) out[e] /= sum;
    *row_of(c, at, ATTENTION_LSE, i) = sum == 0 ? INFINITY : most + plain_log(sum);
  }
}

static void plain_backward(const attention *c, float *const *at, int64_t first_score, int64_t scores) {
  for (int64_t j = 0; j < c->keys; j++) {
    for (int64_t e = 0; e < c->width; e++) row_of(c, at, ATTENTION_DK, j)[e] = 0;
    for (int64_t e = 0; e < c->value_width; e++) row_of(c, at, ATTENTION_DV, j)[e] = 0;
  }
  for (int64_t i = 0; i < c->queries; i++) {
    const float *q = row_of(c, at, ATTENTION_Q, i), *g = row_of(c, at, ATTENTION_GRAD, i), *out = row_of(c, at, ATTENTION_OUT, i);
    float *dq = row_of(c, at, ATTENTION_DQ, i), delta = 0;
    for (int64_t e = 0; e < c->value_width; e++) delta = fused(g[e], out[e], delta);
    for (int64_t e = 0; e < c->width; e++) dq[e] = 0;
    for (int64_t j = 0; j < keys_seen(c, i); j++) {
      const float *k = row_of(c, at, ATTENTION_K, j), *v = row_of(c, at, ATTENTION_V, j);
      float *dk = row_of(c, at, ATTENTION_DK, j), *dv = row_of(c, at, ATTENTION_DV, j), dp = 0;
      const float p = plain_exp(plain_score(c, at, i, j) - *row_of(c, at, ATTENTION_LSE, i));
      for (int64_t e = 0; e < c->value_width; e++) dp = fused(v[e], g[e], dp);
      const float kept = plain_kept(c, at, first_score + i * c->keys + j, scores);
      const float d = p * (dp * kept - delta) * c->scale, dropped = p * kept;
      for (int64_t e = 0; e < c->width; e++) dq[e] = fused(k[e], d, dq[e]);
      for (int64_t e = 0; e < c->width; e++) dk[e] = fused(d, q[e], dk[e]);
      for (int64_t e = 0; e < c->value_width; e++) dv[e] = fused(dropped, g[e], dv[e]);
    }
  }
}

/* Random cases */

static uint64_t state;

static int64_t random_below(int64_t n) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (int64_t)((state >> 33) % (uint64_t)n);
}

static float random_float(void) { return (float)random_below(1 << 20) / (1 << 19) - 1; }

/* Ends where its memory does, so that a sanitizer sees what reads further. */
static float *random_floats(int64_t count, float range) {
  float *x = malloc((size_t)count * sizeof *x + 1);
  for (int64_t i = 0; i < count; i++) x[i] = range * random_float();
  return x;
}

static int64_t rows_of(const attention *c, int o) {
  return o == ATTENTION_K || o == ATTENTION_V || o == ATTENTION_DK || o == ATTENTION_DV ? c->keys : c->queries;
}

static int64_t width_of(const attention *c, int o) {
  if (o == ATTENTION_LSE) return 1;
  if (o == ATTENTION_MASK) return c->keys;
  return o == ATTENTION_V || o == ATTENTION_OUT || o == ATTENTION_GRAD || o == ATTENTION_DV ? c->value_width : c->width;
}

static attention_axis axes[2];

static attention random_attention(void) {
  static const int64_t lengths[] = {1, 2, 5, 16, 31, 32, 33, 64, 65, 100, 130}, widths[] = {1, 3, 8, 16, 20, 32, 33, 48, 64, 80};
  attention c = {.batch = (int32_t)random_below(3), .causal = random_below(2) == 0, .axes = axes, .scale = 0.3f};
  c.queries = lengths[random_below(11)];
  c.keys = random_below(2) ? c.queries : lengths[random_below(11)];
  c.width = widths[random_below(10)];
  c.value_width = random_below(2) ? c.width : widths[random_below(10)];
  c.mask_column = 1;
  c.kept = 1.25f;
  c.drops_below = random_below(9) == 0 ? 65536 : 13107;
  for (int i = 0; i < 2; i++) axes[i].size = 1 + random_below(4);
  return c;
}

static int64_t lay_out(attention *c, int o) {
  const int64_t rows = rows_of(c, o), width = width_of(c, o);
  /* batches inside rows now and then, as a split of heads has them */
  const int64_t inner = c->batch > 0 && random_below(2) ? axes[c->batch - 1].size : 1;
  c->row[o] = width * inner;
  int64_t step = inner > 1 ? width : width * rows, size = rows * width;
  for (int i = c->batch - 1; i >= 0; i--) {
    axes[i].step[o] = step;
    size *= axes[i].size;
    step = inner > 1 && i == c->batch - 1 ? width * rows * inner : step * axes[i].size;
  }
  return size;
}

static int compare(const char *what, const float *a, const float *b, int64_t count, const attention *c) {
  for (int64_t i = 0; i < count; i++) {
    if (memcmp(&a[i], &b[i], sizeof *a) == 0) continue;
    printf("%s[%lld]: %.9g, not %.9g (%lld x %lld, %lld, %lld, causal %d)\n", what, (long long)i, a[i], b[i],
           (long long)c->queries, (long long)c->keys, (long long)c->width, (long long)c->value_width, c->causal);
    return 1;
  }
  return 0;
}

static int test_case(void) {
  static const char *const names[] = {"q", "k", "v", "mask", "state", "out", "lse", "grad", "dq", "dk", "dv"};
  attention c = random_attention();
  float *at[ATTENTION_OPERANDS], *plain[ATTENTION_OPERANDS];
  int64_t sizes[ATTENTION_OPERANDS];
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    sizes[o] = lay_out(&c, o);
    at[o] = random_floats(sizes[o], o == ATTENTION_Q ? 8 : 1);
    plain[o] = at[o];
    if (o == ATTENTION_OUT || o == ATTENTION_LSE || o >= ATTENTION_DQ) plain[o] = random_floats(sizes[o], 1);
  }
  /* The counter's low word wraps among the scores. */
  uint32_t words[4] = {(uint32_t)random_below(1 << 30), 77, ~(uint32_t)random_below(1 << 12), (uint32_t)random_below(3)};
  float random_state[4];
  memcpy(random_state, words, sizeof words);
  free(at[ATTENTION_STATE]);
  at[ATTENTION_STATE] = plain[ATTENTION_STATE] = random_below(2) ? random_state : NULL;
  c.row[ATTENTION_STATE] = 0;
  for (int i = 0; i < c.batch; i++) axes[i].step[ATTENTION_STATE] = 0;
  float *mask = at[ATTENTION_MASK];
  const int64_t kind = random_below(4);
  for (int64_t i = 0; i < sizes[ATTENTION_MASK]; i++) {
    if (random_below(3) == 0 || kind == 1) mask[i] = -INFINITY;
  }
  if (kind == 3) at[ATTENTION_MASK] = plain[ATTENTION_MASK] = NULL;
  else if (kind == 2) c.row[ATTENTION_MASK] = 0;
  int64_t batches = 1;
  for (int i = 0; i < c.batch; i++) batches *= axes[i].size;
  float *p = malloc((size_t)c.keys * sizeof *p);
  for (int64_t b = 0; b < batches; b++) {
    float *here[ATTENTION_OPERANDS];
    int64_t rest = b;
    memcpy(here, plain, sizeof here);
    for (int i = c.batch - 1; i >= 0; i--) {
      for (int o = 0; o < ATTENTION_OPERANDS; o++) {
        if (here[o]) here[o] += rest % axes[i].size * axes[i].step[o];
      }
      rest /= axes[i].size;
    }
    const int64_t scores = c.queries * c.keys;
    plain_forward(&c, here, p, b * scores, batches * scores);
    plain_backward(&c, here, b * scores, batches * scores);
  }
  free(p);
  int failed = 0;
  for (int threads = 1; threads <= 4 && !failed; threads++) {
    runtime rt = make_runtime(threads);
    float *const *operands = at;
    float *forward[ATTENTION_OPERANDS];
    memcpy(forward, at, sizeof forward);
    for (int o = ATTENTION_GRAD; o < ATTENTION_OPERANDS; o++) forward[o] = NULL;
    chainrule_attention(&rt, &c, forward);
    chainrule_attention_grad(&rt, &c, operands);
    for (int o = 0; o < ATTENTION_OPERANDS && !failed; o++) {
      if (at[o] != plain[o]) failed = compare(names[o], at[o], plain[o], sizes[o], &c);
    }
  }
  at[ATTENTION_MASK] = mask;
  at[ATTENTION_STATE] = plain[ATTENTION_STATE] = NULL;
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    if (plain[o] && plain[o] != at[o]) free(plain[o]);
    free(at[o]);
  }
  return failed;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* Four heads in rows of 4 * width, those of q, k and v in rows of three times that, as a transformer has them. */
static void bench(int64_t batches, int64_t length, int64_t width, int causal, int drops) {
  attention c = {.batch = 2, .causal = causal, .queries = length, .keys = length, .width = width, .value_width = width, .axes = axes, .scale = 0.2f, .kept = 1.25f, .drops_below = 13107};
  float *at[ATTENTION_OPERANDS];
  axes[0].size = batches / 4;
  axes[1].size = 4;
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    c.row[o] = o == ATTENTION_LSE ? 4 : o <= ATTENTION_V ? 12 * width : 4 * width;
    axes[0].step[o] = length * c.row[o];
    axes[1].step[o] = o == ATTENTION_LSE ? 1 : width;
    at[o] = random_floats(batches / 4 * length * c.row[o], 1);
  }
  free(at[ATTENTION_K]);
  free(at[ATTENTION_V]);
  at[ATTENTION_K] = at[ATTENTION_Q] + 4 * width;
  at[ATTENTION_V] = at[ATTENTION_K] + 4 * width;
  float *mask = at[ATTENTION_MASK];
  at[ATTENTION_MASK] = NULL;
  float *random_state = at[ATTENTION_STATE];
  if (!drops) at[ATTENTION_STATE] = NULL;
  c.row[ATTENTION_STATE] = axes[0].step[ATTENTION_STATE] = axes[1].step[ATTENTION_STATE] = 0;
  runtime rt = make_runtime(1);
  double best[2] = {1e30, 1e30};
  for (int round = 0; round < 30; round++) {
    for (int backward = 0; backward < 2; backward++) {
      const double begin = now();
      if (backward) chainrule_attention_grad(&rt, &c, at);
      else chainrule_attention(&rt, &c, at);
      const double time = now() - begin;
      if (time < best[backward]) best[backward] = time;
    }
  }
  const double flops = 2e-3 * (double)(batches * length * length * width) * (causal ? 0.5 : 1);
  at[ATTENTION_STATE] = random_state;
  printf("%lld x %lld x %lld%s%s: forward %.1f us %.0f GFLOP/s, backward %.1f us %.0f GFLOP/s\n", (long long)batches,
         (long long)length, (long long)width, causal ? " causal" : "", drops ? " dropout" : "", best[0], 2 * flops / best[0], best[1],
         5 * flops / best[1]);
  for (int o = 0; o < ATTENTION_OPERANDS; o++) {
    if (o != ATTENTION_K && o != ATTENTION_V) free(o == ATTENTION_MASK ? mask : at[o]);
  }
}

int main(int count, char **arguments) {
  if (count > 3 && strcmp(arguments[1], "test") == 0) {
    state = strtoull(arguments[2], NULL, 10);
    for (long i = strtol(arguments[3], NULL, 10); i > 0; i--) {
      if (test_case()) return 1;
    }
    return 0;
  }
  bench(48, 64, 32, 1, 0);
  bench(48, 64, 32, 0, 0);
  bench(48, 64, 32, 0, 1);
  bench(8, 256, 64, 1, 0);
  bench(4, 1024, 64, 1, 0);
  bench(4, 1024, 64, 0, 0);
  bench(4, 1024, 64, 0, 1);
  bench(16, 512, 32, 0, 0);
  bench(16, 512, 32, 0, 1);
  return 0;
}
