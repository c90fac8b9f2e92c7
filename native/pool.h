/*
 * The threads that share a program's phases.
 *
 * The thread that runs the program publishes a job and takes part in it. Each thread is offered the same part of every
 * range, which is then still in its cache, as chunks that are claimed by decrementing a counter; who is done with his own
 * takes others'. So a thread that sleeps, has not started yet or does not exist delays nobody: the caller waits only for
 * chunks that somebody is busy with. Idle threads spin for a moment, then sleep.
 *
 * One job runs at a time: whoever calls share_phase or a function that says so holds a lock of its own. Only POSIX
 * threads and C11 atomics, so that macOS (where this could not be tried) runs what Linux runs.
 */
#ifndef CHAINRULE_POOL_H
#define CHAINRULE_POOL_H

#define _GNU_SOURCE /* for the set of cores that we may use: this file has to come first */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"

enum {
  MAX_THREADS = 64,
  /* more chunks than threads, so that a thread that comes late or is interrupted leaves less to wait for */
  CHUNKS_PER_THREAD = 4,
  /* how long an idle thread looks for work before it sleeps, and how long the caller looks for the end */
  IDLE_NANOSECONDS = 40000,
  WAIT_NANOSECONDS = 100000,
  STACK_BYTES = 1 << 20,
};

/* What threads write at different times stands two cache lines apart: processors fetch lines in pairs. */
#define APART _Alignas(128)

/* A thread's part of the job: chunks end - left to end - 1. The job is on the counter's line, so that one brings the other. */
typedef struct {
  APART _Atomic int32_t left; /* below 0 after claims that came late */
  int32_t end, chunks; /* the latter of the whole job */
  phase *run;
  word *block;
  const int32_t *ports;
  int64_t range, chunk;
} part;

static struct {
  part parts[MAX_THREADS];
  APART _Atomic int32_t done; /* chunks that are finished */
  APART _Atomic int32_t sleepers;
  bool sharing;
  /* What all threads read and hardly anybody writes. */
  APART _Atomic int32_t threads;
  _Atomic bool crowded; /* fewer cores than threads: spinning would only keep somebody from working */
  _Atomic bool waiting; /* whether the caller sleeps until all is done */
  int32_t started;      /* threads besides the caller */
  /* of thread i, the caller being 0, at scratch + i * stride */
  char *scratch;
  size_t stride;
  pthread_mutex_t lock;
  pthread_cond_t work, finished, wanted;
} pool = {
    .threads = 1,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .finished = PTHREAD_COND_INITIALIZER,
    .wanted = PTHREAD_COND_INITIALIZER,
};

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Tells the core that it spins: it uses less power, and leaves more to the other thread on it. */
static inline void pause_core(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory"); /* yield takes no time at all on most of these */
#endif
}

/* Spins until `*value` is positive (or, if `target` is, equal to it); false after so many nanoseconds. */
static bool spin(_Atomic int32_t *value, int32_t target, int64_t limit) {
  if (atomic_load_explicit(&pool.crowded, memory_order_relaxed)) return false;
  for (int64_t end = 0;;) {
    for (int i = 0; i < 32; i++) {
      int32_t seen = atomic_load_explicit(value, memory_order_acquire);
      if (target ? seen == target : seen > 0) return true;
      pause_core();
    }
    int64_t now = nanoseconds();
    if (end == 0) end = now + limit;
    if (now >= end) return false;
  }
}

/* Claims chunks of a part and runs them until none is left. */
static void take_chunks(part *p, int32_t thread) {
  int32_t left;
  while (atomic_load_explicit(&p->left, memory_order_relaxed) > 0 && (left = atomic_fetch_sub(&p->left, 1)) > 0) {
    /* Until this chunk is done nobody publishes another job. */
    int32_t chunks = p->chunks;
    int64_t lo = (p->end - left) * p->chunk, hi = lo + p->chunk;
    p->run(p->block, p->ports, pool.scratch + thread * pool.stride, lo, hi < p->range ? hi : p->range);
    if (atomic_fetch_add(&pool.done, 1) + 1 == chunks && atomic_load(&pool.waiting)) {
      pthread_mutex_lock(&pool.lock);
      pthread_cond_signal(&pool.finished);
      pthread_mutex_unlock(&pool.lock);
    }
  }
}

/* The thread's own part first, then what is left of the others'. */
static void take_part(int32_t thread) {
  int32_t threads = atomic_load_explicit(&pool.threads, memory_order_relaxed);
  for (int32_t i = 0, next = thread; i < threads; i++, next = next + 1 < threads ? next + 1 : 0)
    take_chunks(&pool.parts[next], thread);
}

static bool is_wanted(int32_t thread) { return thread < atomic_load_explicit(&pool.threads, memory_order_relaxed); }

/* A thread counts itself among the sleepers before it looks a last time, and the caller looks for sleepers after it has
   published: one of them sees the other. Once woken it spins again: where there was a small job there will be others. */
static void sleep_until_work(int32_t thread) {
  pthread_mutex_lock(&pool.lock);
  while (!is_wanted(thread)) pthread_cond_wait(&pool.wanted, &pool.lock);
  atomic_fetch_add(&pool.sleepers, 1);
  if (is_wanted(thread) && atomic_load(&pool.parts[thread].left) <= 0) pthread_cond_wait(&pool.work, &pool.lock);
  atomic_fetch_sub(&pool.sleepers, 1);
  pthread_mutex_unlock(&pool.lock);
}

static void *work(void *argument) {
  int32_t thread = (int32_t)(intptr_t)argument;
  for (;;) {
    if (!is_wanted(thread) || !spin(&pool.parts[thread].left, 0, IDLE_NANOSECONDS)) sleep_until_work(thread);
    if (is_wanted(thread)) take_part(thread);
  }
  return NULL;
}

/* A thread that nobody joins and that takes no signals; false if there can be none. */
static bool start_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  pthread_attr_t attributes;
  sigset_t all, before;
  if (pthread_attr_init(&attributes)) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&thread, &attributes, body, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return started;
}

/* Threads start when there is work for them. If the system gives fewer, those do the work. */
static void start_workers(int32_t threads) {
  while (pool.started < threads - 1)
    if (!start_thread(work, (void *)(intptr_t)(pool.started + 1))) break;
    else pool.started++;
}

/* Sleeps until the chunks that others are busy with are done: perhaps the system has taken the core from one of them. */
static void sleep_until_done(int32_t chunks) {
  pthread_mutex_lock(&pool.lock);
  atomic_store(&pool.waiting, true);
  while (atomic_load(&pool.done) != chunks) pthread_cond_wait(&pool.finished, &pool.lock);
  atomic_store(&pool.waiting, false);
  pthread_mutex_unlock(&pool.lock);
}

/* Offers each thread its part of a job. */
static void publish(int32_t threads, const part *job) {
  atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
  for (int32_t i = 0, begin = 0; i < threads; i++) {
    part *p = &pool.parts[i];
    p->end = job->chunks * (i + 1) / threads;
    p->chunks = job->chunks;
    p->run = job->run;
    p->block = job->block;
    p->ports = job->ports;
    p->range = job->range;
    p->chunk = job->chunk;
    atomic_store_explicit(&p->left, p->end - begin, memory_order_release);
    begin = p->end;
  }
  /* By a write, so that one who counts himself after it sees what is published. */
  if (atomic_fetch_add(&pool.sleepers, 0) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.lock);
  }
}

/* runtime.share */
static void share_phase(runtime *rt, phase *run, word *block, const int32_t *ports, int64_t range, int64_t grain) {
  assert(!pool.sharing && "a phase must not share another one");
  int64_t units = (range + grain - 1) / grain, most = (int64_t)rt->threads * CHUNKS_PER_THREAD;
  if (rt->threads == 1 || units <= 1) {
    if (range > 0) run(block, ports, rt->scratch, 0, range);
    return;
  }
  if (pool.started < rt->threads - 1) start_workers(rt->threads);
  part job = {.run = run, .block = block, .ports = ports, .range = range, .chunk = (units + most - 1) / most * grain};
  job.chunks = (int32_t)((range + job.chunk - 1) / job.chunk);
  pool.sharing = true;
  publish(rt->threads, &job);
  take_part(0);
  if (!spin(&pool.done, job.chunks, WAIT_NANOSECONDS)) sleep_until_done(job.chunks);
  pool.sharing = false;
}

static int32_t cores(void) {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* How many threads run a phase. Those that are there already and not wanted sleep. Never while a job runs. */
static void set_threads(int32_t threads) {
  pthread_mutex_lock(&pool.lock);
  atomic_store(&pool.threads, threads);
  atomic_store(&pool.crowded, cores() < threads);
  pthread_cond_broadcast(&pool.work);
  pthread_cond_broadcast(&pool.wanted);
  pthread_mutex_unlock(&pool.lock);
}

/* In a process made by fork() there are no threads but the caller: it starts new ones. */
static void forget_workers(void) {
  pool.started = 0;
  pool.sharing = false;
  for (int32_t i = 0; i < MAX_THREADS; i++) atomic_store(&pool.parts[i].left, 0);
  atomic_store(&pool.sleepers, 0);
  atomic_store(&pool.waiting, false);
  pthread_mutex_init(&pool.lock, NULL);
  pthread_cond_init(&pool.work, NULL);
  pthread_cond_init(&pool.finished, NULL);
  pthread_cond_init(&pool.wanted, NULL);
}

#endif
