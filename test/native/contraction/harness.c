/*
 * Holds the contraction template against a plain triple loop, bit for bit: `harness test SEED CASES`; and measures it
 * against the peak of one core: `harness bench [THREADS]`.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../native/abi.h"

extern const int64_t chainrule_contract_scratch;
void chainrule_contract(runtime *, word *block, const contraction *, const float *a, const float *b, float *out);

/* A runtime whose threads live for one call. */

typedef struct {
  phase *f;
  word *block;
  const int32_t *ports;
  char *scratch;
  int64_t range, chunk;
  int64_t *next;
} worker;

#define EPILOGUE_SCRATCH 64
static char *scratches[8];

static void *work_on(void *argument) {
  worker *w = argument;
  for (;;) {
    const int64_t lo = __atomic_fetch_add(w->next, w->chunk, __ATOMIC_RELAXED);
    if (lo >= w->range) return NULL;
    const int64_t hi = lo + w->chunk;
    w->f(w->block, w->ports, w->scratch, lo, hi < w->range ? hi : w->range);
  }
}

static int64_t chunks = 4;

static void share(runtime *rt, phase *f, word *block, const int32_t *ports, int64_t range, int64_t grain) {
  pthread_t threads[8];
  worker workers[8];
  int64_t next = 0, chunk = range / (rt->threads * chunks);
  chunk = chunk < 1 ? grain : chunk * grain;
  for (int i = 0; i < rt->threads; i++) {
    workers[i] = (worker){f, block, ports, scratches[i], range, chunk, &next};
    if (i > 0) pthread_create(&threads[i], NULL, work_on, &workers[i]);
  }
  work_on(&workers[0]);
  for (int i = 1; i < rt->threads; i++) pthread_join(threads[i], NULL);
}

static runtime make_runtime(int threads) {
  for (int i = 0; i < threads; i++) {
    if (!scratches[i]) scratches[i] = aligned_alloc(64, (size_t)(chainrule_contract_scratch + EPILOGUE_SCRATCH + 63) / 64 * 64);
  }
  return (runtime){.threads = threads, .scratch = scratches[0], .share = share};
}

static uint64_t state = 1;
static uint32_t next_random(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}
static int64_t below(int64_t n) { return next_random() % n; }
static int64_t one_of(const int64_t *list, int64_t n) { return list[below(n)]; }
#define ONE_OF(...) one_of((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8)

/* A contraction with memory of its own for each operand, no larger than it needs, so that a sanitizer sees overreads. */
#define MAX_AXES 20
typedef struct {
  contraction c;
  axis axes[MAX_AXES];
  int64_t length[3], start[3];
  float *data[3], *expected;
} problem;

enum { BATCH, ROWS, COLS, INNER };
static int64_t size_of(const problem *p, int space, int *first, int *count) {
  const int counts[4] = {p->c.batch, p->c.rows, p->c.cols, p->c.inner};
  int at = 0;
  for (int i = 0; i < space; i++) at += counts[i];
  int64_t size = 1;
  for (int i = 0; i < counts[space]; i++) size *= p->axes[at + i].size;
  *first = at;
  *count = counts[space];
  return size;
}

static void offsets_at(const problem *p, int space, int64_t position, int64_t offset[3]) {
  int first, count;
  size_of(p, space, &first, &count);
  for (int i = first + count - 1; i >= first; i--) {
    const axis *x = &p->axes[i];
    const int64_t index = position % x->size;
    position /= x->size;
    offset[0] += index * x->a;
    offset[1] += index * x->b;
    offset[2] += index * x->out;
  }
}

static int64_t *stride_of(axis *x, int operand) { return operand == 0 ? &x->a : operand == 1 ? &x->b : &x->out; }

/* How far each operand reaches down and up from its position zero. */
static void allocate(problem *p) {
  const int all = p->c.batch + p->c.rows + p->c.cols + p->c.inner;
  for (int o = 0; o < 3; o++) {
    int64_t low = 0, high = 0;
    for (int i = 0; i < all; i++) {
      const int64_t far = (p->axes[i].size - 1) * *stride_of(&p->axes[i], o);
      if (far < 0) low += far;
      else high += far;
    }
    if (o == 2) high += (p->c.parts - 1) * p->c.part_stride;
    p->start[o] = -low;
    p->length[o] = high - low + 1;
    p->data[o] = malloc((size_t)p->length[o] * 4);
    for (int64_t i = 0; i < p->length[o]; i++) p->data[o][i] = ((float)(next_random() % 20001) - 10000) / 8192;
  }
  p->c.axes = p->axes;
}

static void release(problem *p) {
  for (int o = 0; o < 3; o++) free(p->data[o]);
  free(p->expected);
}

static void compute_plainly(problem *p) {
  int f, n;
  const int64_t batch = size_of(p, BATCH, &f, &n), rows = size_of(p, ROWS, &f, &n);
  const int64_t cols = size_of(p, COLS, &f, &n), k = size_of(p, INNER, &f, &n);
  const int64_t part_size = (k + p->c.parts - 1) / p->c.parts;
  p->expected = malloc((size_t)p->length[2] * 4);
  memcpy(p->expected, p->data[2], (size_t)p->length[2] * 4);
  int64_t(*inner)[3] = calloc((size_t)k + 1, sizeof *inner);
  for (int64_t i = 0; i < k; i++) offsets_at(p, INNER, i, inner[i]);
  for (int64_t g = 0; g < batch; g++) {
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t c = 0; c < cols; c++) {
        int64_t at[3] = {p->start[0], p->start[1], p->start[2]};
        offsets_at(p, BATCH, g, at);
        offsets_at(p, ROWS, r, at);
        offsets_at(p, COLS, c, at);
        for (int64_t part = 0; part < p->c.parts; part++) {
          const int64_t end = (part + 1) * part_size < k ? (part + 1) * part_size : k;
          float acc = 0;
          for (int64_t i = part * part_size; i < end; i++)
            acc = fmaf(p->data[0][at[0] + inner[i][0]], p->data[1][at[1] + inner[i][1]], acc);
          p->expected[at[2] + part * p->c.part_stride] = acc;
        }
      }
    }
  }
  free(inner);
}

/* Lays axes out in memory for one operand: in random order, some backwards, sometimes with gaps or repeated. */
static void lay_out(problem *p, int o, const int *members, int count, int repeats) {
  int order[MAX_AXES];
  for (int i = 0; i < count; i++) order[i] = members[i];
  if (below(3) > 0) {
    for (int i = count - 1; i > 0; i--) {
      const int other = (int)below(i + 1), swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
  }
  int64_t stride = below(8) == 0 ? 1 + below(3) : 1;
  for (int i = count - 1; i >= 0; i--) {
    axis *x = &p->axes[order[i]];
    if (repeats && below(12) == 0) {
      *stride_of(x, o) = 0;
      continue;
    }
    *stride_of(x, o) = below(10) == 0 ? -stride : stride;
    stride *= x->size;
    if (below(10) == 0) stride += below(5);
  }
}

static void lay_out_all(problem *p) {
  const int spaces[3][3] = {{BATCH, ROWS, INNER}, {BATCH, COLS, INNER}, {BATCH, ROWS, COLS}};
  for (int o = 0; o < 3; o++) {
    int members[MAX_AXES], all = 0;
    for (int s = 0; s < 3; s++) {
      int first, count;
      size_of(p, spaces[o][s], &first, &count);
      for (int i = 0; i < count; i++) members[all++] = first + i;
    }
    lay_out(p, o, members, all, o < 2);
  }
}

static void random_parts(problem *p) {
  int f, n;
  p->c.parts = below(4) == 0 ? ONE_OF(2, 4, 8, 16) : 1;
  p->c.part_stride = size_of(p, BATCH, &f, &n) * size_of(p, ROWS, &f, &n) * size_of(p, COLS, &f, &n) * 2;
  int64_t reach = 1;
  for (int i = 0; i < p->c.batch + p->c.rows + p->c.cols; i++) reach += (p->axes[i].size - 1) * llabs(p->axes[i].out);
  p->c.part_stride = reach + below(3);
}

static void push(problem *p, int32_t *space, int64_t size, int64_t a, int64_t b, int64_t out) {
  p->axes[p->c.batch + p->c.rows + p->c.cols + p->c.inner] = (axis){size, a, b, out};
  ++*space;
}

#define SIZES 1, 2, 3, 4, 7, 8, 10, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 127, 128, 256, 300, 784, 1000
static void random_matmul(problem *p, int64_t budget) {
  int64_t m, n, k;
  do m = ONE_OF(SIZES), n = ONE_OF(SIZES), k = ONE_OF(SIZES);
  while (m * n * k > budget);
  const int64_t batches = below(3);
  int64_t left = budget / (m * n * k);
  for (int64_t i = 0; i < batches; i++) {
    const int64_t size = 1 + below(left < 6 ? left : 6);
    left /= size;
    push(p, &p->c.batch, size, 0, 0, 0);
  }
  push(p, &p->c.rows, m, 0, 0, 0);
  push(p, &p->c.cols, n, 0, 0, 0);
  push(p, &p->c.inner, k, 0, 0, 0);
  lay_out_all(p);
}

static void random_axes(problem *p, int64_t budget) {
  int64_t left = budget;
  int32_t *spaces[4] = {&p->c.batch, &p->c.rows, &p->c.cols, &p->c.inner};
  for (int s = 0; s < 4; s++) {
    for (int64_t count = below(s == 0 ? 3 : 4); count > 0; count--) {
      int64_t size = ONE_OF(1, 2, 3, 5, 8, 11, 16, 20, 33);
      if (size > left) size = left;
      left /= size;
      push(p, spaces[s], size, 0, 0, 0);
    }
  }
  lay_out_all(p);
}

typedef struct {
  int64_t images, in, out, height, width, taps, stride, dilation;
} shape;

/*
 * A convolution of an image that is already padded, [images, in, H, W] with [out, in, taps, taps]; `gradient` 1 is that
 * of the image with stride 1 (flipped weights), 2 that of the weights.
 */
static void convolution(problem *p, shape s, int gradient) {
  const int64_t far = (s.taps - 1) * s.dilation;
  const int64_t H = (s.height - 1) * s.stride + far + 1, W = (s.width - 1) * s.stride + far + 1;
  const int64_t taps = s.taps * s.taps, pixels = s.height * s.width;
  if (gradient == 2) {
    push(p, &p->c.rows, s.out, pixels, 0, s.in * taps);
    push(p, &p->c.cols, s.in, 0, H * W, taps);
    push(p, &p->c.cols, s.taps, 0, s.dilation * W, s.taps);
    push(p, &p->c.cols, s.taps, 0, s.dilation, 1);
    push(p, &p->c.inner, s.images, s.out * pixels, s.in * H * W, 0);
    push(p, &p->c.inner, s.height, s.width, s.stride * W, 0);
    push(p, &p->c.inner, s.width, 1, s.stride, 0);
    return;
  }
  const int flip = gradient == 1 ? -1 : 1;
  push(p, &p->c.rows, s.out, flip == 1 ? s.in * taps : taps, 0, pixels);
  push(p, &p->c.cols, s.images, 0, s.in * H * W, s.out * pixels);
  push(p, &p->c.cols, s.height, 0, s.stride * W, s.width);
  push(p, &p->c.cols, s.width, 0, s.stride, 1);
  push(p, &p->c.inner, s.in, flip == 1 ? taps : s.out * taps, H * W, 0);
  push(p, &p->c.inner, s.taps, flip * s.taps, s.dilation * W, 0);
  push(p, &p->c.inner, s.taps, flip, s.dilation, 0);
}

static void random_convolution(problem *p, int64_t budget) {
  shape s;
  do
    s = (shape){ONE_OF(1, 2, 3, 5), ONE_OF(1, 3, 4, 8, 16), ONE_OF(1, 2, 8, 10, 16, 17, 32), ONE_OF(1, 4, 7, 8, 14, 16),
                ONE_OF(1, 4, 7, 8, 14, 16, 28, 32), ONE_OF(1, 2, 3, 5), 1 + below(2), 1 + below(2)};
  while (s.images * s.in * s.out * s.height * s.width * s.taps * s.taps > budget);
  convolution(p, s, (int)below(3));
}

/* The epilogue checks that what it is handed is final, and that it is handed everything once. */
static problem *current;
static uint8_t *handed;
static int early;

static void check_handed(word *block, const int32_t *ports, char *scratch, int64_t batch, int64_t r0, int64_t r1,
                         int64_t c0, int64_t c1) {
  (void)block, (void)ports;
  memset(scratch, 1, EPILOGUE_SCRATCH);
  for (int64_t r = r0; r < r1; r++) {
    for (int64_t c = c0; c < c1; c++) {
      int64_t at[3] = {0, 0, current->start[2]};
      offsets_at(current, BATCH, batch, at);
      offsets_at(current, ROWS, r, at);
      offsets_at(current, COLS, c, at);
      if (memcmp(&current->data[2][at[2]], &current->expected[at[2]], 4) != 0) __atomic_store_n(&early, 1, __ATOMIC_RELAXED);
      __atomic_fetch_add(&handed[at[2]], 1, __ATOMIC_RELAXED);
    }
  }
}

static int handed_once(const problem *p) {
  int f, n;
  const int64_t batch = size_of(p, BATCH, &f, &n), rows = size_of(p, ROWS, &f, &n), cols = size_of(p, COLS, &f, &n);
  for (int64_t g = 0; g < batch; g++) {
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t c = 0; c < cols; c++) {
        int64_t at[3] = {0, 0, p->start[2]};
        offsets_at(p, BATCH, g, at);
        offsets_at(p, ROWS, r, at);
        offsets_at(p, COLS, c, at);
        if (handed[at[2]] != 1) return 0;
      }
    }
  }
  return !early;
}

static void describe(const problem *p) {
  const char *names[4] = {"batch", "rows", "cols", "inner"};
  for (int s = 0; s < 4; s++) {
    int first, count;
    size_of(p, s, &first, &count);
    printf(" %s", names[s]);
    for (int i = first; i < first + count; i++)
      printf(" [%lld: %lld %lld %lld]", (long long)p->axes[i].size, (long long)p->axes[i].a, (long long)p->axes[i].b,
             (long long)p->axes[i].out);
  }
  printf(" parts %lld\n", (long long)p->c.parts);
}

/* All of it, or the positions of its first axis in two calls. */
static void contract(runtime *rt, problem *p) {
  contraction *c = &p->c;
  const float *a = p->data[0] + p->start[0], *b = p->data[1] + p->start[1];
  float *out = p->data[2] + p->start[2];
  const int64_t size = c->batch + c->rows > 0 ? p->axes[0].size : 0, cut = size > 1 ? below(size) : 0;
  if (cut > 0) {
    c->to = cut;
    chainrule_contract(rt, NULL, c, a, b, out);
    c->from = cut;
    c->to = size;
  }
  chainrule_contract(rt, NULL, c, a, b, out);
  c->from = c->to = 0;
}

static int check(problem *p, int threads) {
  runtime rt = make_runtime(threads);
  chunks = 1 + below(6);
  float *untouched = malloc((size_t)p->length[2] * 4);
  memcpy(untouched, p->data[2], (size_t)p->length[2] * 4);
  if (p->c.parts == 1) {
    current = p;
    early = 0;
    handed = calloc((size_t)p->length[2], 1);
    p->c.then = check_handed;
  }
  contract(&rt, p);
  const char *wrong = NULL;
  if (memcmp(p->data[2], p->expected, (size_t)p->length[2] * 4) != 0) wrong = "wrong";
  else if (p->c.then && !handed_once(p)) wrong = "handed on wrongly";
  if (wrong) {
    int64_t i = 0;
    while (i < p->length[2] - 1 && memcmp(&p->data[2][i], &p->expected[i], 4) == 0) i++;
    printf("%s at %lld of %lld with %d threads: %.9g, not %.9g;", wrong, (long long)i, (long long)p->length[2], threads,
           (double)p->data[2][i], (double)p->expected[i]);
    describe(p);
  }
  if (p->c.then) free(handed);
  p->c.then = NULL;
  memcpy(p->data[2], untouched, (size_t)p->length[2] * 4);
  free(untouched);
  return wrong != NULL;
}

static int test(uint64_t seed, int64_t cases) {
  int failures = 0;
  for (int64_t i = 0; i < cases && failures < 5; i++) {
    state = (seed * 1000003 + (uint64_t)i) * 2654435761u;
    next_random();
    problem p = {0};
    const int64_t budget = i % 50 == 0 ? 1 << 24 : i % 5 == 0 ? 1 << 20 : 1 << 15;
    const int64_t kind = below(4);
    if (kind < 2) random_matmul(&p, budget);
    else if (kind == 2) random_axes(&p, budget);
    else random_convolution(&p, budget);
    random_parts(&p);
    allocate(&p);
    compute_plainly(&p);
    const int some[5] = {1, 2, 3, 4, 8};
    int wrong = check(&p, 1);
    wrong |= check(&p, some[1 + below(4)]);
    if (wrong) printf("  case %lld of seed %llu\n", (long long)i, (unsigned long long)seed);
    failures += wrong;
    release(&p);
  }
  printf("%s: %lld cases\n", failures ? "FAILED" : "passed", (long long)cases);
  return failures != 0;
}

/* Time. */

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#if defined(__AVX512F__)
#define PROBE_LANES 16
#define CHAINS 24
#elif defined(__AVX2__)
#define PROBE_LANES 8
#define CHAINS 12
#else
#define PROBE_LANES 4
#define CHAINS 12
#endif
typedef float probe_vec __attribute__((vector_size(PROBE_LANES * 4)));

/* GFLOP/s of multiply-adds that touch no memory. */
static double peak(void) {
  double best = 0;
  for (int trial = 0; trial < 20; trial++) {
    probe_vec acc[CHAINS], x = {0}, y = {0};
    __asm__ volatile("" : "+x"(x), "+x"(y));
    for (int i = 0; i < CHAINS; i++) acc[i] = x;
    const int64_t steps = 200000;
    const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int64_t s = 0; s < steps; s++) {
#pragma GCC unroll 32
      for (int i = 0; i < CHAINS; i++) acc[i] += x * y;
      __asm__ volatile("" : "+x"(x), "+x"(y));
    }
    const double time = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    for (int i = 0; i < CHAINS; i++) __asm__ volatile("" ::"x"(acc[i]));
    const double speed = 2.0 * CHAINS * PROBE_LANES * (double)steps / time * 1e-9;
    if (speed > best) best = speed;
  }
  return best;
}

static int by_size(const void *x, const void *y) {
  const double left = *(const double *)x, right = *(const double *)y;
  return (left > right) - (left < right);
}

/* Of many trials the time that a fifth stays below: the very shortest are the clock's own jumps. */
#define MAX_TRIALS 2000
static double top;
static int bench_threads;

static void measure(const char *name, problem *p) {
  p->c.parts = 1;
  allocate(p);
  int f, n;
  const double flops = 2.0 * (double)size_of(p, BATCH, &f, &n) * (double)size_of(p, ROWS, &f, &n) *
                       (double)size_of(p, COLS, &f, &n) * (double)size_of(p, INNER, &f, &n);
  runtime rt = make_runtime(bench_threads);
  double times[MAX_TRIALS], total = 0;
  int trials = 0;
  const clockid_t clock = bench_threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  const int repeats = flops < 1e6 ? 20 : 1;
  while (trials < 5 || (total < 0.15 && trials < MAX_TRIALS)) {
    const double start = seconds(clock);
    for (int i = 0; i < repeats; i++)
      chainrule_contract(&rt, NULL, &p->c, p->data[0] + p->start[0], p->data[1] + p->start[1], p->data[2] + p->start[2]);
    const double time = (seconds(clock) - start) / repeats;
    total += time * repeats;
    times[trials++] = time;
  }
  qsort(times, (size_t)trials, sizeof *times, by_size);
  const double best = times[trials / 5];
  printf("%-44s %10.1f us %7.1f GFLOP/s %5.1f %%\n", name, best * 1e6, flops / best * 1e-9,
         flops / best * 1e-7 / (top * bench_threads));
  fflush(stdout);
  release(p);
}

/* Letters say which operand is stored transposed. */
static void bench_matmul(const char *what, int64_t batch, int64_t m, int64_t k, int64_t n, int a_transposed,
                         int b_transposed) {
  problem p = {0};
  char name[96];
  if (batch > 1) push(&p, &p.c.batch, batch, m * k, k * n, m * n);
  push(&p, &p.c.rows, m, a_transposed ? 1 : k, 0, n);
  push(&p, &p.c.cols, n, 0, b_transposed ? k : 1, 1);
  push(&p, &p.c.inner, k, a_transposed ? m : 1, b_transposed ? 1 : n, 0);
  snprintf(name, sizeof name, "%s %lldx (%lldx%lld)%s (%lldx%lld)%s", what, (long long)batch, (long long)m, (long long)k,
           a_transposed ? "t" : "", (long long)k, (long long)n, b_transposed ? "t" : "");
  measure(name, &p);
}

static void bench_convolution(const char *what, shape s) {
  const char *kinds[3] = {"forward", "image gradient", "weight gradient"};
  for (int gradient = 0; gradient < 3; gradient++) {
    problem p = {0};
    char name[96];
    convolution(&p, s, gradient);
    snprintf(name, sizeof name, "%s %lld>%lld %lldx%lld %s", what, (long long)s.in, (long long)s.out, (long long)s.height,
             (long long)s.width, kinds[gradient]);
    measure(name, &p);
  }
}

static const char *filter = "";
static int chosen(const char *group) { return strstr(group, filter) != NULL; }

static void bench(int threads) {
  top = peak();
  bench_threads = threads;
  printf("peak of one core %.1f GFLOP/s, %d threads\n", top, threads);
  if (chosen("square"))
    for (int64_t n = 64; n <= 2048; n *= 2) bench_matmul("square", 1, n, n, n, 0, 0);
  if (chosen("transposes")) {
    bench_matmul("transposes", 1, 256, 256, 256, 1, 0);
    bench_matmul("transposes", 1, 256, 256, 256, 0, 1);
    bench_matmul("transposes", 1, 256, 256, 256, 1, 1);
  }
  if (chosen("ragged")) {
    const int64_t sizes[] = {3, 7, 17, 63, 65, 127, 1000};
    for (int i = 0; i < 7; i++) bench_matmul("ragged", 1, sizes[i], sizes[i], sizes[i], 0, 0);
    for (int i = 0; i < 7; i++) bench_matmul("ragged rows", 1, sizes[i], 256, 256, 0, 0);
    for (int i = 0; i < 7; i++) bench_matmul("ragged cols", 1, 256, 256, sizes[i], 0, 0);
    for (int i = 0; i < 7; i++) bench_matmul("ragged inner", 1, 256, sizes[i], 256, 0, 0);
  }
  if (chosen("mlp")) {
    bench_matmul("mlp", 1, 128, 784, 512, 0, 1);
    bench_matmul("mlp", 1, 128, 784, 512, 0, 0);
    bench_matmul("mlp", 1, 128, 512, 512, 0, 1);
    bench_matmul("mlp", 1, 128, 512, 512, 0, 0);
    bench_matmul("mlp", 1, 784, 128, 512, 1, 0);
    bench_matmul("mlp", 1, 512, 128, 784, 1, 0);
    bench_matmul("mlp", 1, 512, 128, 512, 1, 0);
    bench_matmul("mlp", 1, 128, 512, 10, 0, 1);
    bench_matmul("mlp", 1, 128, 10, 512, 0, 0);
    bench_matmul("mlp", 1, 10, 128, 512, 1, 0);
    bench_matmul("mlp", 1, 64, 784, 128, 0, 1);
    bench_matmul("mlp", 1, 64, 784, 128, 0, 0);
    bench_matmul("mlp", 1, 128, 64, 784, 1, 0);
    bench_matmul("mlp", 1, 784, 64, 128, 1, 0);
    bench_matmul("mlp", 1, 64, 3136, 128, 0, 1);
    bench_matmul("mlp", 1, 128, 64, 3136, 1, 0);
    bench_matmul("mlp", 1, 64, 128, 3136, 0, 0);
    bench_matmul("lstm", 1, 32, 128, 512, 0, 0);
    bench_matmul("lstm", 1, 32, 128, 512, 0, 1);
    bench_matmul("lstm", 1, 32, 512, 128, 0, 0);
    bench_matmul("lstm", 1, 128, 32, 512, 1, 0);
  }
  if (chosen("gpt")) {
    bench_matmul("gpt", 1, 768, 128, 384, 0, 1);
    bench_matmul("gpt", 1, 768, 128, 384, 0, 0);
    bench_matmul("gpt", 1, 768, 128, 512, 0, 0);
    bench_matmul("gpt", 1, 768, 512, 128, 0, 0);
    bench_matmul("gpt", 1, 512, 768, 128, 1, 0);
    bench_matmul("gpt", 1, 128, 768, 512, 1, 0);
    bench_matmul("gpt logits", 1, 768, 128, 65, 0, 0);
    bench_matmul("gpt logits", 1, 768, 128, 65, 0, 1);
    bench_matmul("gpt logits", 1, 65, 768, 128, 1, 0);
    bench_matmul("gpt logits", 1, 768, 65, 128, 0, 0);
    bench_matmul("gpt attention", 48, 64, 32, 64, 0, 1);
    bench_matmul("gpt attention", 48, 64, 64, 32, 0, 0);
    bench_matmul("gpt attention", 48, 64, 64, 32, 1, 0);
  }
  if (chosen("skinny")) {
    bench_matmul("skinny", 1, 1, 3136, 128, 0, 1);
    bench_matmul("skinny", 1, 1, 3136, 128, 0, 0);
    bench_matmul("skinny", 1, 1, 1024, 4096, 0, 0);
    bench_matmul("skinny", 1, 4096, 1024, 1, 0, 0);
    bench_matmul("skinny", 1, 1024, 4096, 1, 1, 0);
    bench_matmul("skinny", 1, 1000, 1000, 7, 0, 0);
    bench_matmul("skinny", 1, 7, 1000, 1000, 0, 0);
    bench_matmul("skinny", 1, 1000, 7, 1000, 0, 0);
  }
  if (chosen("resnet")) {
    bench_convolution("resnet", (shape){32, 3, 16, 32, 32, 3, 1, 1});
    bench_convolution("resnet", (shape){32, 16, 16, 32, 32, 3, 1, 1});
    bench_convolution("resnet", (shape){32, 32, 32, 16, 16, 3, 1, 1});
    bench_convolution("resnet", (shape){32, 64, 64, 8, 8, 3, 1, 1});
    bench_convolution("resnet stride 2", (shape){32, 16, 32, 16, 16, 3, 2, 1});
    bench_convolution("resnet stride 2", (shape){32, 32, 64, 8, 8, 3, 2, 1});
    bench_convolution("resnet 1x1 stride 2", (shape){32, 16, 32, 16, 16, 1, 2, 1});
  }
  if (chosen("cnn")) {
    bench_convolution("cnn", (shape){64, 1, 32, 28, 28, 3, 1, 1});
    bench_convolution("cnn", (shape){64, 32, 64, 14, 14, 3, 1, 1});
    bench_convolution("cnn image 1", (shape){1, 32, 64, 14, 14, 3, 1, 1});
  }
}

int main(int argc, char **argv) {
  if (argc >= 4 && strcmp(argv[1], "test") == 0) return test((uint64_t)atoll(argv[2]), atoll(argv[3]));
  if (argc >= 2 && strcmp(argv[1], "bench") == 0) {
    if (argc > 3) filter = argv[3];
    bench(argc > 2 ? atoi(argv[2]) : 1);
    return 0;
  }
  fprintf(stderr, "harness test SEED CASES | harness bench [THREADS [GROUP]]\n");
  return 2;
}
