/**
 * Measures the error of src/core/numerics.ts against the C library's double functions.
 *
 * `npx jiti scripts/ulp/measure.ts [exp log …] [--sample]`: every float32 (with `--sample`, one in 4099), on every core.
 * An error is in ulp: the distance to the exact value over the spacing of float32 there. Needs gcc or clang, as cc.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type ElementaryOp, FLOAT32 } from "../../src/core/numerics.ts";
import { C_TYPES, countOps, renderC } from "./render.ts";

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
${renderC(name)}
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
        v = ours_${name}(v);
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

const fromBits = (bits: number): number => new Float32Array(new Uint32Array([bits]).buffer)[0];

/** Compiles and runs the sweep of a function; a stride of 1 covers every float32. */
export function measure(name: ElementaryOp, stride: number): Measured {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-ulp-"));
  try {
    writeFileSync(join(folder, "sweep.c"), program(name, stride, availableParallelism()));
    const binary = join(folder, "sweep");
    execFileSync("cc", [
      "-O2",
      "-fno-math-errno",
      "-ffp-contract=off",
      "-Wno-psabi",
      join(folder, "sweep.c"),
      "-o",
      binary,
      "-lm",
    ]);
    const [ulp, worst, wrong, wrongAt] = execFileSync(binary, { encoding: "utf8" }).trim().split(" ").map(Number);
    return { ulp, worst: fromBits(worst), wrong, wrongAt: fromBits(wrongAt) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1]?.endsWith("measure.ts")) {
  const names = process.argv.slice(2).filter((word) => !word.startsWith("--")) as ElementaryOp[];
  const stride = process.argv.includes("--sample") ? 4099 : 1;
  console.log("function  operations  divisions  max ulp  at                      wrong");
  for (const name of names.length > 0 ? names : (Object.keys(FLOAT32) as ElementaryOp[])) {
    const { ulp, worst, wrong, wrongAt } = measure(name, stride);
    const { total, divisions } = countOps(name);
    const where = wrong > 0 ? ` first at ${wrongAt}` : "";
    console.log(
      `${name.padEnd(10)}${`${total}`.padEnd(12)}${`${divisions}`.padEnd(11)}${ulp.toFixed(3).padEnd(9)}${`${worst}`.padEnd(24)}${wrong}${where}`,
    );
  }
}
