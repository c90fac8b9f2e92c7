/*
 * Drives native/pool.h without Node, to be run under sanitizers: every iteration of random jobs must run exactly once.
 * Arguments: the number of jobs to try, and of those whose latency is measured (0: none).
 */
#include "../../native/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { MOST = 3000, STRIDE = 4096 };

static int32_t counts[MOST];
static uint64_t state = 88172645463325252;

static int64_t random_below(int64_t n) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (int64_t)(state % (uint64_t)n);
}

static void check(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

/* Counts its iterations, with a detour over scratch memory that another thread would disturb. */
static void count(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  int32_t *out = (int32_t *)(void *)block[ports[0]].pointer, *mine = (int32_t *)(void *)scratch;
  check(lo % block[0].number == 0, "chunks begin at multiples of the grain");
  for (int64_t i = lo; i < hi; i++) {
    *mine = out[i];
    for (volatile int spin = 0; spin < 3; spin++)
      ;
    out[i] = *mine + 1;
  }
}

static _Atomic int64_t met;

/* Ends when all threads have an iteration. */
static void meet(word *block, const int32_t *ports, char *scratch, int64_t lo, int64_t hi) {
  (void)ports, (void)scratch;
  atomic_fetch_add(&met, hi - lo);
  while (atomic_load(&met) < block[0].number) pause_core();
}

static void try_job(runtime *rt) {
  int64_t range = random_below(MOST + 1), grain = 1 + random_below(random_below(2) ? 4 : 70);
  word block[2] = {{.number = grain}, {.pointer = (char *)counts}};
  memset(counts, 0, sizeof counts);
  share_phase(rt, count, block, (const int32_t[]){1}, range, grain);
  for (int64_t i = 0; i < MOST; i++) check(counts[i] == (i < range), "each iteration runs once");
}

static void use_threads(runtime *rt, int32_t threads) {
  rt->threads = threads;
  set_threads(threads);
}

static void rest(long nanosecond) { nanosleep(&(struct timespec){.tv_nsec = nanosecond}, NULL); }

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* How long it takes until all threads have met in a job and the caller knows that they have left it. */
static void print_latency(runtime *rt, const char *what, int times, long pause) {
  int64_t *took = malloc(sizeof *took * (size_t)times);
  word block[1] = {{.number = rt->threads}};
  for (int i = 0; i < times; i++) {
    if (pause) rest(pause);
    atomic_store(&met, 0);
    int64_t begin = nanoseconds();
    share_phase(rt, meet, block, NULL, rt->threads, 1);
    took[i] = nanoseconds() - begin;
  }
  qsort(took, (size_t)times, sizeof *took, by_size);
  printf("%d threads, %s: best %lld, median %lld ns\n", rt->threads, what, (long long)took[0], (long long)took[times / 2]);
  free(took);
}

int main(int argc, char **argv) {
  int jobs = argc > 1 ? atoi(argv[1]) : 2000, timed = argc > 2 ? atoi(argv[2]) : 0;
  pool.scratch = aligned_alloc(64, 8 * STRIDE);
  pool.stride = STRIDE;
  runtime rt = {.threads = 1, .scratch = pool.scratch, .share = share_phase};
  for (int i = 0; i < jobs; i++) {
    if (i % 50 == 0) use_threads(&rt, 1 + (int32_t)random_below(8));
    if (i % 100 < 50) atomic_store(&pool.crowded, random_below(4) == 0); /* both ways of waiting on any machine */
    if (random_below(200) == 0) rest(200000); /* so that threads fall asleep */
    try_job(&rt);
  }
  pthread_atfork(NULL, NULL, forget_workers);
#ifndef NO_FORK /* which ThreadSanitizer does not take from a process with threads */
  pid_t child = fork();
  for (int i = 0; i < 200; i++) try_job(&rt);
  if (child == 0) _exit(0);
  int status;
  check(waitpid(child, &status, 0) == child && status == 0, "a forked process shares too");
#endif
  if (timed > 0) {
    use_threads(&rt, 2);
    print_latency(&rt, "spinning", timed, 0);
    print_latency(&rt, "asleep", timed / 100, 500000);
  }
  puts("done");
  return 0; /* while threads are alive */
}
