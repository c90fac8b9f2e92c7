/*
 * What the machine can do: `probe fma THREADS` prints GFLOP/s, `probe update|adam THREADS FLOATS` bytes read and written
 * per nanosecond (GB/s). The best of several runs, all threads at once.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
typedef float vec __attribute__((vector_size(BYTES)));

/* Independent sums: enough to cover latency times pipes, few enough to stay in registers with the two factors. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define SUMS 24
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
#else
#define SUMS 12
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#endif

/* probe.mjs reads the loop's instructions: one multiply-add a sum, and no memory. */
__attribute__((noinline)) void fma_loop(float *memory, long count) {
  vec a = *(vec *)memory, b = *(vec *)(memory + 16);
#define START(i) vec s##i = b + (float)i;
#define STEP(i) s##i = s##i * a + b;
#define TOTAL(i) +s##i
  EACH(START)
  for (; count > 0; count--) {
    EACH(STEP)
  }
  *(vec *)memory = EACH(TOTAL);
}

/* A step that reads an array and writes it. */
__attribute__((noinline)) static void update(float *x, long n) {
  for (long i = 0; i < n; i++) x[i] = x[i] * 0.5f + 0.25f;
}

/* Adam's mix, without its arithmetic: reads a parameter, two moments and a gradient, and writes all but the last. */
__attribute__((noinline)) static void adam(float *restrict p, float *restrict m, float *restrict v,
                                           const float *restrict g, long n) {
  for (long i = 0; i < n; i++) {
    m[i] = m[i] * 0.9f + g[i] * 0.1f;
    v[i] = v[i] * 0.999f + g[i] * 0.001f;
    p[i] = p[i] - m[i] * v[i];
  }
}

enum { MAX_THREADS = 64, ARRAYS = 4 };

static const char *mix;
static int threads, runs;
static long floats; /* of one array; for fma: repetitions */
static float *arrays[ARRAYS];
static int arrived;
static double begun[MAX_THREADS], ended[MAX_THREADS];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* Returns when all threads have come here for the `round`th time. */
static void meet(int round) {
  __atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
  while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < round * threads) {
  }
}

static void work(long lo, long hi) {
  if (mix[0] == 'f') {
    float memory[32] __attribute__((aligned(64)));
    for (int i = 0; i < 32; i++) memory[i] = 0.5f;
    fma_loop(memory, floats);
    __asm__ volatile("" : : "r"(memory) : "memory"); /* the sums are wanted */
  } else if (mix[0] == 'u') {
    update(arrays[0] + lo, hi - lo);
  } else {
    adam(arrays[0] + lo, arrays[1] + lo, arrays[2] + lo, arrays[3] + lo, hi - lo);
  }
}

static double best;

static void *thread(void *argument) {
  int self = (int)(long)argument;
  long lo = floats / threads * self, hi = self + 1 < threads ? floats / threads * (self + 1) : floats;
  /* Each thread touches its part first, so that it is placed near it. */
  for (int k = 0; k < ARRAYS; k++)
    if (arrays[k]) memset(arrays[k] + lo, 0, (hi - lo) * sizeof(float));
  int round = 0;
  for (int run = 0; run < runs; run++) {
    meet(++round);
    begun[self] = now();
    work(lo, hi);
    ended[self] = now();
    meet(++round);
    if (self > 0) continue;
    double first = begun[0], last = ended[0];
    for (int t = 1; t < threads; t++) {
      if (begun[t] < first) first = begun[t];
      if (ended[t] > last) last = ended[t];
    }
    if (run == 0 || last - first < best) best = last - first;
  }
  return NULL;
}

int main(int count, char **words) {
  if (count < 3) return 1;
  mix = words[1];
  threads = atoi(words[2]);
  if (threads < 1 || threads > MAX_THREADS) return 1;
  int used = mix[0] == 'f' ? 0 : mix[0] == 'u' ? 1 : 4;
  if (used && count < 4) return 1;
  /* Short, so that on a busy machine some run is left alone. */
  floats = used ? atol(words[3]) : 200000;
  runs = used ? 10 : 40;
  for (int k = 0; k < used; k++) {
    size_t size = floats * sizeof(float);
    arrays[k] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (arrays[k] == MAP_FAILED) return 1;
#ifdef MADV_HUGEPAGE
    madvise(arrays[k], size, MADV_HUGEPAGE);
#endif
  }
  pthread_t others[MAX_THREADS];
  for (long t = 1; t < threads; t++) pthread_create(&others[t], NULL, thread, (void *)t);
  thread(NULL);
  for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
  double amount = used == 0   ? 2.0 * SUMS * (BYTES / 4) * floats * threads
                  : used == 1 ? 8.0 * floats
                              : 28.0 * floats;
  printf("%.2f\n", amount / best / 1e9);
  return 0;
}
