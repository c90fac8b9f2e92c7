/*
 * A space of axes (batch, rows, columns or inner positions), walked in runs: neighbouring positions whose elements
 * stand at one fixed step from each other.
 */
#ifndef CHAINRULE_CONTRACTION_SPACE_H
#define CHAINRULE_CONTRACTION_SPACE_H

#include "abi.h"

/*
 * Whose offset is meant. Once roles are given A is the operand that is broadcast element by element, and B the one that
 * is read in vectors.
 */
enum { A, B, OUT, OPERANDS };

/* Axes of size 1 are dropped, so that this many would hold more positions than memory has. */
enum { MAX_AXES = 32 };

typedef struct {
  int64_t size, step[OPERANDS];
} dimension;

typedef struct {
  int32_t count; /* at least one */
  int64_t size;
  dimension axes[MAX_AXES]; /* outermost first */
} space;

typedef struct {
  int64_t at; /* offset of the first */
  int64_t size;
} run;

/* A position of a space. */
typedef struct {
  int64_t offset[OPERANDS];
  int64_t left; /* positions from here to the end of the innermost axis */
  int64_t index[MAX_AXES];
} cursor;

static inline int64_t smaller(int64_t x, int64_t y) { return x < y ? x : y; }
static inline int64_t larger(int64_t x, int64_t y) { return x > y ? x : y; }
static inline int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }

static inline const dimension *innermost(const space *s) { return &s->axes[s->count - 1]; }

/* Adds an axis inside the others; one that continues its neighbour for every operand becomes one with it. */
static inline void push_axis(space *s, const axis *x, int swapped) {
  s->size *= x->size;
  if (x->size == 1) return;
  dimension d = {x->size, {swapped ? x->b : x->a, swapped ? x->a : x->b, x->out}};
  if (s->count > 0) {
    dimension *last = &s->axes[s->count - 1];
    int joins = 1;
    for (int o = 0; o < OPERANDS; o++) joins &= last->step[o] == d.step[o] * d.size;
    if (joins) {
      d.size *= last->size;
      *last = d;
      return;
    }
  }
  s->axes[s->count++] = d;
}

/* Fills `s` from `count` axes and returns those that follow. With `swapped`, operands a and b change places. */
static inline const axis *make_space(space *s, const axis *axes, int32_t count, int swapped) {
  s->count = 0;
  s->size = 1;
  for (int32_t i = 0; i < count; i++) push_axis(s, &axes[i], swapped);
  if (s->size == 0) s->count = 0;
  if (s->count == 0) s->axes[s->count++] = (dimension){s->size, {0, 0, 0}};
  return axes + count;
}

static inline void seek(const space *s, cursor *c, int64_t position) {
  for (int o = 0; o < OPERANDS; o++) c->offset[o] = 0;
  for (int i = s->count - 1; i >= 0; i--) {
    const dimension *d = &s->axes[i];
    const int64_t outer = i > 0 ? position / d->size : 0;
    c->index[i] = position - outer * d->size;
    for (int o = 0; o < OPERANDS; o++) c->offset[o] += c->index[i] * d->step[o];
    position = outer;
  }
  c->left = innermost(s)->size - c->index[s->count - 1];
}

/* Moves on by `n` positions, at most as many as are left on the innermost axis. */
static inline void advance(const space *s, cursor *c, int64_t n) {
  const dimension *d = innermost(s);
  for (int o = 0; o < OPERANDS; o++) c->offset[o] += n * d->step[o];
  c->left -= n;
  if (c->left > 0) return;
  c->left = d->size;
  for (int i = s->count - 1; i > 0; i--) {
    const dimension *ended = &s->axes[i], *next = &s->axes[i - 1];
    for (int o = 0; o < OPERANDS; o++) c->offset[o] += next->step[o] - ended->size * ended->step[o];
    if (++c->index[i - 1] < next->size) return;
    c->index[i - 1] = 0;
  }
}

/* Moves on by `n` positions and adds what operand `o` has there to `runs`, of which there are `count`. */
static inline int32_t add_run(run *runs, int32_t count, int64_t at, int64_t size, int64_t step) {
  if (count > 0 && runs[count - 1].at + runs[count - 1].size * step == at) {
    runs[count - 1].size += size;
    return count;
  }
  runs[count] = (run){at, size};
  return count + 1;
}

/* The runs of operand `o` over the next `n` positions; returns how many. The cursor stays. */
static inline int32_t runs_from(const space *s, const cursor *from, int64_t n, int o, run *runs) {
  const int64_t step = innermost(s)->step[o];
  if (n <= from->left) {
    runs[0] = (run){from->offset[o], n};
    return 1;
  }
  cursor c = *from;
  int32_t count = 0;
  while (n > 0) {
    const int64_t size = smaller(n, c.left);
    count = add_run(runs, count, c.offset[o], size, step);
    advance(s, &c, size);
    n -= size;
  }
  return count;
}

static inline void skip(const space *s, cursor *c, int64_t n) {
  while (n > 0) {
    const int64_t size = smaller(n, c->left);
    advance(s, c, size);
    n -= size;
  }
}

/* The length of the runs that operand `o` has, seen from the innermost axis. */
static inline int64_t run_length(const space *s, int o) {
  int64_t size = innermost(s)->size;
  for (int i = s->count - 1; i > 0; i--) {
    if (s->axes[i - 1].step[o] != s->axes[i].step[o] * s->axes[i].size) break;
    size *= s->axes[i - 1].size;
  }
  return size;
}

/* The highest offset that operand `o` reaches in this space. */
static inline int64_t reach(const space *s, int o) {
  int64_t far = 0;
  for (int i = 0; i < s->count; i++) far += larger(0, (s->axes[i].size - 1) * s->axes[i].step[o]);
  return far;
}

#endif
