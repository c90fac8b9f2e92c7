/**
 * Measures the error of src/core/numerics.ts and pow.ts against the C library.
 *
 * `npx jiti scripts/ulp/measure.ts [exp log …] [--sample]`: every float32 (with `--sample`, one in 4099), on every core,
 * against the double functions.
 * `npx jiti scripts/ulp/measure.ts [exp … pow] --f64` (for pow of float32 `--pow32`): random arguments, against the long
 * double functions, which tell something where those have 64 bits or more (x86-64, Linux on arm64).
 * An error is in ulp: the distance to the exact value over the spacing of floats there. Needs gcc or clang, as cc.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type ElementaryOp, FLOAT32 } from "../../src/core/numerics.ts";
import { C_TYPES, countOps, type FloatDType, type Rendered, renderC } from "./render.ts";

/** The largest error of a function over part of float32, and where. */
export interface Measured {
  readonly ulp: number;
  readonly worst: number;
  /** results that are NaN where they should not be (or the reverse), or have the wrong sign */
  readonly wrong: number;
  /** the first of these */
  readonly wrongAt: number;
}

// up to where an error is counted; beyond, a result only has to lie within [-1, 1], or be NaN where it should
const LIMIT: Readonly<Partial<Record<ElementaryOp, number>>> = { sin: 2 ** 16, cos: 2 ** 16 };

const REFERENCE: Readonly<Record<ElementaryOp, string>> = {
  exp: "exp(x)",
  expm1: "expm1(x)",
  log: "log(x)",
  log1p: "log1p(x)",
  tanh: "tanh(x)",
  sigmoid: "x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))",
  erf: "erf(x)",
  sin: "sin(x)",
  cos: "cos(x)",
};

const program = (name: ElementaryOp, stride: number, parts: number): string => `
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
${C_TYPES}
${renderC(name, "f32")}
static double reference(double x) { return ${REFERENCE[name]}; }
static uint32_t bits_of(float x) { uint32_t b; memcpy(&b, &x, 4); return b; }

typedef struct { double ulp; uint32_t worst; uint64_t wrong; uint32_t wrong_at; } measured;

// infinity counts as 2^128, the value that it stands for after rounding
static double ulps(float y, double exact) {
  double got = isinf(y) ? copysign(0x1p128, y) : y;
  if (fabs(exact) > 0x1p128) exact = copysign(0x1p128, exact);
  uint64_t b;
  memcpy(&b, &exact, 8);
  int64_t e = (b >> 52) & 2047; // biased by 1023
  e = e < 1023 - 126 ? 1023 - 126 : e > 1023 + 127 ? 1023 + 127 : e;
  uint64_t inverse = (uint64_t)(1023 + 23 - (e - 1023)) << 52;
  double scale;
  memcpy(&scale, &inverse, 8);
  return fabs(got - exact) * scale;
}

static void check(measured *m, float x, float y) {
  double exact = reference(x);
  int wrong = isnan(y) != isnan(exact);
  if (fabsf(x) > ${LIMIT[name] ?? "INFINITY"}) wrong |= fabsf(y) > 1;
  else if (!isnan(exact) && !isnan(y)) {
    wrong |= exact == 0 ? bits_of(y) != bits_of(exact) : y != 0 && !signbit(y) != !signbit(exact);
    double u = ulps(y, exact);
    if (u > m->ulp) m->ulp = u, m->worst = bits_of(x);
  }
  if (wrong && m->wrong++ == 0) m->wrong_at = bits_of(x);
}

int main(void) {
  int pipes[${parts}][2];
  for (int part = 0; part < ${parts}; part++) {
    if (pipe(pipes[part])) return 1;
    if (fork() == 0) {
      measured m = {0};
      // eight neighbours at every stride
      for (uint64_t start = 8ull * ${stride} * part; start < 1ull << 32; start += 8ull * ${stride} * ${parts}) {
        float x[8], y[8];
        for (uint32_t i = 0; i < 8; i++) { uint32_t b = start + i; memcpy(&x[i], &b, 4); }
        f32 v;
        memcpy(&v, x, 32);
        v = ours_${name}(v, v);
        memcpy(y, &v, 32);
        for (int i = 0; i < 8; i++) check(&m, x[i], y[i]);
      }
      if (write(pipes[part][1], &m, sizeof m) != sizeof m) _exit(1);
      _exit(0);
    }
  }
  measured all = {0};
  for (int part = 0; part < ${parts}; part++) {
    measured m;
    if (read(pipes[part][0], &m, sizeof m) != sizeof m) return 1;
    if (m.ulp > all.ulp) all.ulp = m.ulp, all.worst = m.worst;
    if (m.wrong && !all.wrong) all.wrong_at = m.wrong_at;
    all.wrong += m.wrong;
  }
  while (wait(NULL) > 0);
  printf("%.17g %u %llu %u\\n", all.ulp, all.worst, (unsigned long long)all.wrong, all.wrong_at);
  return 0;
}
`;

// random arguments: half of them from all bits, half from a range in which the function does what it is for
const USUAL: Readonly<Record<Rendered, string>> = {
  exp: "750 * u",
  expm1: "u * (b & 1 ? 1 : 700)",
  log: "exp(u * (b & 1 ? 0.5 : 700))",
  log1p: "u * (b & 1 ? 1 : 1000)",
  tanh: "2 * u * (b & 1 ? 1 : 10)",
  sigmoid: "u * (b & 1 ? 5 : 740)",
  erf: "6 * u",
  sin: "u * (b & 1 ? 10 : 0x1p20)",
  cos: "u * (b & 1 ? 10 : 0x1p20)",
  pow: "exp(u * (b & 1 ? 0.5 : 20))",
};

const LONG_REFERENCE: Readonly<Record<Rendered, string>> = {
  exp: "expl(x)",
  expm1: "expm1l(x)",
  log: "logl(x)",
  log1p: "log1pl(x)",
  tanh: "tanhl(x)",
  sigmoid: "x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x))",
  erf: "erfl(x)",
  sin: "sinl(x)",
  cos: "cosl(x)",
  pow: "powl(x, y)",
};

const sampling = (name: Rendered, dtype: FloatDType, count: number): string => `
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
${C_TYPES}
${renderC(name, dtype)}
typedef ${dtype === "f32" ? "float" : "double"} number;
enum { BITS = ${dtype === "f32" ? 24 : 53}, TOP = ${dtype === "f32" ? 128 : 1024} };
static uint64_t state = 1;
static uint64_t next(void) { // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}
int main(void) {
  double most = 0;
  number worst = 0, exponent = 0;
  uint64_t wrong = 0;
  for (uint64_t n = 0; n < ${count}; n += 8) {
    number xs[8], ys[8], results[8];
    for (int i = 0; i < 8; i++) {
      uint64_t b = next();
      double u = (double)(int64_t)next() * 0x1p-63;
      uint64_t any = next();
      if (b & 2) memcpy(&xs[i], &any, sizeof(number));
      else xs[i] = ${USUAL[name]};
      ys[i] = (double)(int64_t)next() * 0x1p-63 * ${dtype === "f32" ? 104 : 745} / fmax(fabs(log(fabs(xs[i]))), 0x1p-60);
    }
    ${dtype} x8, y8;
    memcpy(&x8, xs, sizeof xs);
    memcpy(&y8, ys, sizeof ys);
    x8 = ours_${name}(x8, y8);
    memcpy(results, &x8, sizeof xs);
    for (int i = 0; i < 8; i++) {
      long double x = xs[i], y = ys[i], exact = ${LONG_REFERENCE[name]}, got = results[i];
      (void)y;
      if (isnan(exact) || isnan(got)) {
        wrong += isnan(exact) != isnan(got);
        continue;
      }
      if (${name === "sin" || name === "cos" ? "fabsl(x) > 0x1p20" : "0"}) {
        wrong += fabsl(got) > 1;
        continue;
      }
      long double limit = ldexpl(1, TOP); // infinity stands for it
      if (fabsl(got) > limit) got = copysignl(limit, got);
      if (fabsl(exact) > limit) exact = copysignl(limit, exact);
      int e = exact == 0 ? -9999 : ilogbl(exact);
      e = e < 2 - TOP ? 2 - TOP : e > TOP - 1 ? TOP - 1 : e;
      double error = ldexpl(fabsl(got - exact), BITS - 1 - e);
      if (error > most) most = error, worst = xs[i], exponent = ys[i];
    }
  }
  printf("%.17g %.17g %.17g %llu\\n", most, (double)worst, (double)exponent, (unsigned long long)wrong);
  return 0;
}
`;

const fromBits = (bits: number): number => new Float32Array(new Uint32Array([bits]).buffer)[0];

/** The numbers that a C program prints. */
function runC(source: string): number[] {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-ulp-"));
  try {
    const [file, binary] = [join(folder, "program.c"), join(folder, "program")];
    writeFileSync(file, source);
    execFileSync("cc", ["-O2", "-fno-math-errno", "-ffp-contract=off", "-Wno-psabi", file, "-o", binary, "-lm"]);
    return execFileSync(binary, { encoding: "utf8" }).trim().split(" ").map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles and runs the sweep of a function; a stride of 1 covers every float32. */
export function measure(name: ElementaryOp, stride: number): Measured {
  const [ulp, worst, wrong, wrongAt] = runC(program(name, stride, availableParallelism()));
  return { ulp, worst: fromBits(worst), wrong, wrongAt: fromBits(wrongAt) };
}

/** The largest error over random arguments, where, and how many results are NaN (or are not) that should not. */
export function sample(name: Rendered, dtype: FloatDType, count: number): { ulp: number; at: number[]; wrong: number } {
  const [ulp, x, y, wrong] = runC(sampling(name, dtype, count));
  return { ulp, at: name === "pow" ? [x, y] : [x], wrong };
}

function sweep(names: readonly ElementaryOp[], stride: number): void {
  console.log("function  operations  divisions  max ulp  at                      wrong");
  for (const name of names) {
    const { ulp, worst, wrong, wrongAt } = measure(name, stride);
    const { total, divisions } = countOps(name, "f32");
    const where = wrong > 0 ? ` first at ${wrongAt}` : "";
    console.log(
      `${name.padEnd(10)}${`${total}`.padEnd(12)}${`${divisions}`.padEnd(11)}${ulp.toFixed(3).padEnd(9)}${`${worst}`.padEnd(24)}${wrong}${where}`,
    );
  }
}

function sampleAll(names: readonly Rendered[], dtype: FloatDType): void {
  console.log("function  operations  divisions  max ulp  wrong  at");
  for (const name of names) {
    const { ulp, at, wrong } = sample(name, dtype, 2e7);
    const { total, divisions } = countOps(name, dtype);
    console.log(
      `${name.padEnd(10)}${`${total}`.padEnd(12)}${`${divisions}`.padEnd(11)}${ulp.toFixed(3).padEnd(9)}${`${wrong}`.padEnd(7)}${at.join(", ")}`,
    );
  }
}

if (process.argv[1]?.endsWith("measure.ts")) {
  const words = process.argv.slice(2);
  const names = words.filter((word) => !word.startsWith("--")) as Rendered[];
  const elementary = Object.keys(FLOAT32) as ElementaryOp[];
  if (words.includes("--f64")) sampleAll(names.length > 0 ? names : [...elementary, "pow"], "f64");
  else if (words.includes("--pow32")) sampleAll(["pow"], "f32");
  else sweep(names.length > 0 ? (names as ElementaryOp[]) : elementary, words.includes("--sample") ? 4099 : 1);
}
