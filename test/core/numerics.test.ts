import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure, sample } from "../../scripts/ulp/measure.ts";
import { C_TYPES, type FloatDType, type Rendered, renderC } from "../../scripts/ulp/render.ts";
import { allocate, castValue, type DType, type TypedArray, view } from "../../src/core/dtype.ts";
import type { Ops } from "../../src/core/float.ts";
import { type ElementaryOp, FLOAT32, FLOAT64, threefry } from "../../src/core/numerics.ts";
import { pow32, pow64 } from "../../src/core/pow.ts";
import {
  bitcastValue,
  COMPARE,
  type ExactBinaryOp,
  type ExactUnaryOp,
  exactBinary,
  exactUnary,
  joinWords,
  wordOf,
} from "../../src/core/scalar.ts";

interface Typed {
  readonly value: number;
  readonly dtype: DType;
}

function ensure(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** The operations on JavaScript's numbers, each result rounded to its dtype. */
const numbers: Ops<Typed> = {
  constant(value, dtype) {
    ensure(Object.is(castValue(value, "f64", dtype), value), `the constant ${value} is not exact in ${dtype}`);
    return { value, dtype };
  },
  unary: (op, { value, dtype }) => ({ value: exactUnary(op as ExactUnaryOp, dtype)(value), dtype }),
  binary(op, a, b) {
    ensure(a.dtype === b.dtype, `${op} of ${a.dtype} and ${b.dtype}`);
    return { value: exactBinary(op as ExactBinaryOp, a.dtype)(a.value, b.value), dtype: a.dtype };
  },
  compare(op, a, b) {
    ensure(a.dtype === b.dtype, `${op} of ${a.dtype} and ${b.dtype}`);
    return { value: +COMPARE[op](a.value, b.value), dtype: "bool" };
  },
  where(condition, a, b) {
    ensure(condition.dtype === "bool" && a.dtype === b.dtype, `where on ${condition.dtype}: ${a.dtype}, ${b.dtype}`);
    return condition.value ? a : b;
  },
  cast: ({ value, dtype: from }, dtype) => ({ value: castValue(value, from, dtype), dtype }),
  bitcast: ({ value, dtype: from }, dtype) => ({ value: bitcastValue(value, from, dtype), dtype }),
  word({ value, dtype }, word) {
    ensure(dtype === "f64", `word of ${dtype}`);
    return { value: wordOf(value, word), dtype: "u32" };
  },
  join(low, high) {
    ensure(low.dtype === "u32" && high.dtype === "u32", `join of ${low.dtype} and ${high.dtype}`);
    return { value: joinWords(low.value, high.value), dtype: "f64" };
  },
};

const evaluate = (name: ElementaryOp, x: number): number =>
  FLOAT32[name](numbers, { value: Math.fround(x), dtype: "f32" }).value;
const evaluate64 = (name: ElementaryOp, x: number): number => FLOAT64[name](numbers, { value: x, dtype: "f64" }).value;

const NAMES = Object.keys(FLOAT32) as ElementaryOp[];

// what else can tell; JavaScript has no erf, so ours of float64 serves float32 (and exact values serve float64)
const REFERENCE: Readonly<Record<ElementaryOp, (x: number) => number>> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  erf: (x) => evaluate64("erf", x),
  sin: Math.sin,
  cos: Math.cos,
};

/** The distance in units of float32's spacing at the exact value; beyond its range it has 2^128 for infinity. */
function ulps(got: number, exact: number): number {
  if (Object.is(got, exact)) return 0;
  const bounded = (x: number): number => Math.max(-(2 ** 128), Math.min(2 ** 128, x));
  const exponent = Math.max(-126, Math.min(127, Math.floor(Math.log2(Math.abs(exact)))));
  return Math.abs(bounded(got) - bounded(exact)) / 2 ** (exponent - 23);
}

// computed to 40 digits (mpmath) at the float32 nearest to each argument
const EXACT: Readonly<Record<ElementaryOp, readonly (readonly [number, number])[]>> = {
  exp: [
    [-100, 3.720075976020836e-44],
    [-87.5, 9.982350930569248e-39],
    [-1, 0.36787944117144233],
    [0.001, 1.0010005002142532],
    [0.5, 1.6487212707001282],
    [1, Math.E],
    [10, 22026.465794806718],
    [88.5, 2.7230878250681117e38],
  ],
  expm1: [
    [-10, -0.9999546000702375],
    [-0.35, -0.2953119060810182],
    [-1e-5, -9.999949747547945e-6],
    [1e-20, 9.999999682655225e-21],
    [0.3466, 0.4142509063207161],
    [1, 1.718281828459045],
    [50, 5.184705528587072e21],
    [88.5, 2.7230878250681117e38],
  ],
  log: [
    [1e-40, -92.10340910966488],
    [1e-10, -23.025850916589025],
    [0.5, -Math.LN2],
    [0.999, -0.0010004874460928543],
    [1.001, 0.0009995470164405893],
    [2, Math.LN2],
    [10, Math.LN10],
    [3e38, 88.59684582427442],
  ],
  log1p: [
    [-0.999, -6.907768153668287],
    [-0.25, -0.28768207245178096],
    [-1e-10, -1.000000013401432e-10],
    [1e-5, 9.999949747714609e-6],
    [0.4, 0.33647224087868755],
    [1, Math.LN2],
    [10000000000.0, 23.025850930040455],
    [3e38, 88.59684582427442],
  ],
  tanh: [
    [-9, -0.999999969540041],
    [-1, -0.7615941559557649],
    [1e-20, 9.999999682655225e-21],
    [0.001, 0.0009999997141642038],
    [0.5, 0.46211715726000974],
    [0.875, 0.703905603936621],
    [1, 0.7615941559557649],
    [5, 0.9999092042625951],
  ],
  sigmoid: [
    [-100, 3.720075976020836e-44],
    [-15.5, 1.8553910183683314e-7],
    [-1, 0.2689414213699951],
    [0, 0.5],
    [0.001, 0.500249999991041],
    [1, 0.7310585786300049],
    [5, 0.9933071490757152],
    [20, 0.9999999979388464],
  ],
  erf: [
    [-3, -0.9999779095030014],
    [-1, -0.8427007929497149],
    [1e-20, 1.1283791312869893e-20],
    [0.001, 0.0011283788445643173],
    [0.5, 0.5204998778130465],
    [1.25, 0.9229001282564583],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
  ],
  sin: [
    [-3, -0.1411200080598672],
    [1e-20, 9.999999682655225e-21],
    [0.001, 0.0009999998808307691],
    [1, 0.8414709848078965],
    [Math.PI, -8.742278000372475e-8],
    [100, -0.5063656411097588],
    [505.94092, -0.14399839178937407],
    [60000, 0.9574667501001697],
  ],
  cos: [
    [-3, -0.9899924966004454],
    [1e-20, 1.0],
    [0.001, 0.9999994999999942],
    [1, 0.5403023058681398],
    [1.5707964, -4.371139000186241e-8],
    [100, 0.8623188722876839],
    [252.97046, -0.07218752758187026],
    [60000, -0.2885436231362934],
  ],
};

describe("float32 functions", () => {
  it.each(NAMES)("%s is within 2 ulp of exact values", (name) => {
    for (const [x, exact] of EXACT[name])
      expect(ulps(evaluate(name, x), exact), `${name}(${x})`).toBeLessThanOrEqual(2);
  });

  it.each(NAMES)("%s is within 2 ulp of JavaScript's float64 function", (name) => {
    const limit = name === "sin" || name === "cos" ? 2 ** 16 : Number.POSITIVE_INFINITY;
    const moderate = fc.float({ min: -110, max: 110, noNaN: true });
    const any = fc.float({ min: -3.4028234663852886e38, max: 3.4028234663852886e38, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(moderate, any), (x) => {
        const exact = REFERENCE[name](x);
        const got = evaluate(name, x);
        if (Math.abs(x) > limit) expect(Math.abs(got)).toBeLessThanOrEqual(1);
        else if (Number.isNaN(exact)) expect(got).toBeNaN();
        else expect(ulps(got, exact)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(NAMES)("%s of NaN is NaN", (name) => {
    expect(evaluate(name, Number.NaN)).toBeNaN();
  });

  const TINY = 2 ** -149;
  const { POSITIVE_INFINITY: INF, NaN: NAN } = Number;
  it.each<[ElementaryOp, number, number]>([
    ["exp", INF, INF],
    ["exp", -INF, 0],
    ["exp", -0, 1],
    ["exp", 88.73, INF],
    ["exp", -103.9, TINY],
    ["exp", -104, 0],
    ["expm1", INF, INF],
    ["expm1", -INF, -1],
    ["expm1", -0, -0],
    ["expm1", 0, 0],
    ["expm1", TINY, TINY],
    ["log", 0, -INF],
    ["log", -0, -INF],
    ["log", 1, 0],
    ["log", INF, INF],
    ["log", -1, NAN],
    ["log", -TINY, NAN],
    ["log", -INF, NAN],
    ["log1p", -1, -INF],
    ["log1p", -1.5, NAN],
    ["log1p", -INF, NAN],
    ["log1p", INF, INF],
    ["log1p", -0, -0],
    ["log1p", -TINY, -TINY],
    ["tanh", 0, 0],
    ["tanh", -0, -0],
    ["tanh", TINY, TINY],
    ["tanh", INF, 1],
    ["tanh", -INF, -1],
    ["sigmoid", -0, 0.5],
    ["sigmoid", INF, 1],
    ["sigmoid", -INF, 0],
    ["sigmoid", -103.9, TINY],
    ["erf", 0, 0],
    ["erf", -0, -0],
    ["erf", INF, 1],
    ["erf", -INF, -1],
    ["sin", 0, 0],
    ["sin", -0, -0],
    ["sin", TINY, TINY],
    ["sin", INF, NAN],
    ["sin", -INF, NAN],
    ["cos", 0, 1],
    ["cos", -0, 1],
    ["cos", INF, NAN],
  ])("%s(%d) is %d", (name, x, expected) => {
    expect(evaluate(name, x)).toBe(expected);
  });

  it.each<ElementaryOp>(["tanh", "erf", "sin"])("%s is odd, bit for bit", (name) => {
    for (let x = 1e-3; x < 20; x *= 1.07) expect(evaluate(name, -x)).toBe(-evaluate(name, x));
  });

  // a step down may be no more than rounding: over a step of 1 % these grow by more, or stay
  it.each<ElementaryOp>(["exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf"])("%s does not fall", (name) => {
    for (let x = 1e-3, before = -INF; x < 80; x *= 1.01) {
      const y = evaluate(name, x);
      expect(y, `${name}(${x})`).toBeGreaterThanOrEqual(before);
      before = y;
    }
  });

  it("sin and cos stay in [-1, 1] beyond their range", () => {
    for (let x = 2 ** 16; x < 3e38; x *= 1.9) {
      for (const name of ["sin", "cos"] as const) expect(Math.abs(evaluate(name, x))).toBeLessThanOrEqual(1);
    }
  });
});

describe("the functions in C", () => {
  const compiler = spawnSync("cc", ["--version"]).status === 0;

  /** What the functions give in C for each pair of arguments: (samples / 8, functions, 8). */
  function runC(dtype: FloatDType, names: readonly Rendered[], x: TypedArray, y: TypedArray): TypedArray {
    const bytes = 8 * x.BYTES_PER_ELEMENT;
    const folder = mkdtempSync(join(tmpdir(), "chainrule-numerics-"));
    try {
      const source = join(folder, "functions.c");
      const calls = names.map((name) => `z = ours_${name}(x, y); fwrite(&z, 1, ${bytes}, stdout);`).join("\n    ");
      writeFileSync(
        source,
        `#include <stdio.h>\n${C_TYPES}${names.map((name) => renderC(name, dtype)).join("")}int main(void) {\n  ${dtype} x, y, z;\n  while (fread(&x, 1, ${bytes}, stdin) == ${bytes} && fread(&y, 1, ${bytes}, stdin) == ${bytes}) {\n    ${calls}\n  }\n  return 0;\n}\n`,
      );
      execFileSync("cc", ["-O2", "-ffp-contract=off", "-Wno-psabi", source, "-o", join(folder, "functions")]);
      const input = allocate(dtype, 2 * x.length);
      for (let i = 0; i < x.length; i += 8) {
        input.set(x.subarray(i, i + 8), 2 * i);
        input.set(y.subarray(i, i + 8), 2 * i + 8);
      }
      const output = execFileSync(join(folder, "functions"), {
        input: new Uint8Array(input.buffer),
        maxBuffer: 1 << 24,
      });
      return view(dtype, new Uint8Array(output).buffer);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it.skipIf(!compiler).each(["f32", "f64"] as const)("give the same bits as in JavaScript: %s", (dtype) => {
    // all kinds of bits, and arguments whose powers are no extremes
    const every = Uint32Array.from({ length: dtype === "f32" ? 4096 : 2 * 4096 }, (_, i) => Math.imul(i, 0x9e3779b1));
    const usual = Float64Array.from({ length: 4096 }, (_, i) => ((i * 0.618) % 1) * (i % 2 === 0 ? 2 : 40));
    const x = allocate(dtype, 8192);
    x.set(view(dtype, every.buffer));
    x.set(usual, 4096);
    const y = allocate(dtype, 8192).map((_, i) => (((i * 0.4142) % 1) - 0.5) * 24);
    const names: Rendered[] = [...NAMES, "pow"];
    const got = runC(dtype, names, x, y);
    expect(got.length).toBe(x.length * names.length);
    names.forEach((name, f) => {
      for (let i = 0; i < x.length; i++) {
        const z = got[((i >> 3) * names.length + f) * 8 + (i & 7)];
        const [a, b]: Typed[] = [
          { value: x[i], dtype },
          { value: y[i], dtype },
        ];
        const formulas = dtype === "f32" ? FLOAT32 : FLOAT64;
        const pow = dtype === "f32" ? pow32 : pow64;
        const { value } = name === "pow" ? pow(numbers, a, b) : formulas[name](numbers, a);
        if (!Object.is(z, value)) expect.fail(`${name}(${x[i]}, ${y[i]}) is ${z} in C, ${value} in JavaScript`);
      }
    });
  });

  it.skipIf(!compiler || process.arch !== "x64").each(NAMES)("%s of float64 is within 2 ulp on a sample", (name) => {
    const { ulp, wrong } = sample(name, "f64", 1e5);
    expect(wrong).toBe(0);
    expect(ulp).toBeLessThanOrEqual(2);
  });

  it.skipIf(!compiler || process.arch !== "x64").each([
    ["f32", 0.501],
    ["f64", 1],
  ] as const)("powers of %s are within %f ulp on a sample", (dtype, limit) => {
    const { ulp, wrong } = sample("pow", dtype, 1e5);
    expect(wrong).toBe(0);
    expect(ulp).toBeLessThanOrEqual(limit);
  });

  it.skipIf(!compiler).each(NAMES)("%s is within 2 ulp on a sample of all float32", (name) => {
    const { ulp, wrong } = measure(name, 16411);
    expect(wrong).toBe(0);
    expect(ulp).toBeLessThanOrEqual(2);
  });
});

// computed to 90 digits (mpmath)
const EXACT64: Readonly<Record<ElementaryOp, readonly (readonly [number, number])[]>> = {
  exp: [
    [-745, 5e-324],
    [-708.5, 2.006132305331306e-308],
    [-1, 0.36787944117144233],
    [0.001, 1.0010005001667084],
    [0.5, 1.6487212707001282],
    [1, Math.E],
    [10.1, 24343.00942440838],
    [709.7, 1.6549840276802644e308],
  ],
  expm1: [
    [-10, -0.9999546000702375],
    [-0.35, -0.29531191028128656],
    [-1e-5, -9.999950000166666e-6],
    [1e-20, 1e-20],
    [0.3466, 0.41425091185052865],
    [1, 1.7182818284590453],
    [50, 5.184705528587072e21],
    [709.7, 1.6549840276802644e308],
  ],
  log: [
    [5e-324, -744.4400719213812],
    [1e-300, -690.7755278982137],
    [0.5, -Math.LN2],
    [0.999, -0.0010005003335835344],
    [1.001, 0.0009995003330834232],
    [2, Math.LN2],
    [10, Math.LN10],
    [1.7e308, 709.7268368932282],
  ],
  log1p: [
    [-0.999, -6.907755278982136],
    [-0.25, -0.2876820724517809],
    [-1e-10, -1.00000000005e-10],
    [1e-5, 9.999950000333332e-6],
    [0.4, 0.33647223662121295],
    [1, Math.LN2],
    [10000000000, 23.025850930040455],
    [1.7e308, 709.7268368932282],
  ],
  tanh: [
    [-15, -0.9999999999998128],
    [-1, -0.7615941559557649],
    [1e-20, 1e-20],
    [0.001, 0.0009999996666668],
    [0.5, 0.46211715726000974],
    [0.875, 0.703905603936621],
    [1, 0.7615941559557649],
    [5, 0.9999092042625951],
  ],
  sigmoid: [
    [-740, 4.2e-322],
    [-15.5, 1.8553910183683314e-7],
    [-1, 0.2689414213699951],
    [0, 0.5],
    [0.001, 0.5002499999791666],
    [1, 0.7310585786300049],
    [5, 0.9933071490757152],
    [20, 0.9999999979388464],
  ],
  erf: [
    [-3, -0.9999779095030014],
    [-1, -0.8427007929497149],
    [1e-300, 1.1283791670955126e-300],
    [0.001, 0.0011283787909692365],
    [0.5, 0.5204998778130465],
    [1.125, 0.8883882317017078],
    [2, 0.9953222650189527],
    [5.5, 0.9999999999999927],
  ],
  sin: [
    [-3, -0.1411200080598672],
    [1e-20, 1e-20],
    [0.001, 0.0009999998333333417],
    [1, 0.8414709848078965],
    [Math.PI, 1.2246467991473532e-16],
    [100, -0.5063656411097588],
    [1000000, -0.34999350217129294],
    [355, -3.014435335948845e-5],
  ],
  cos: [
    [-3, -0.9899924966004454],
    [1e-20, 1],
    [0.001, 0.9999995000000417],
    [1, 0.5403023058681398],
    [1.5707963267948966, 6.123233995736766e-17],
    [100, 0.8623188722876839],
    [1000000, 0.9367521275331447],
    [-11, 0.004425697988050785],
  ],
};

/** The distance in units of float64's spacing at the exact value, which is itself rounded. */
function ulps64(got: number, exact: number): number {
  if (Object.is(got, exact)) return 0;
  if (!Number.isFinite(got - exact)) return Number.POSITIVE_INFINITY;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(got - exact) / 2 ** Math.max(-1074, exponent - 52);
}

describe("float64 functions", () => {
  it.each(NAMES)("%s is within 2 ulp of exact values", (name) => {
    for (const [x, exact] of EXACT64[name])
      expect(ulps64(evaluate64(name, x), exact), `${name}(${x})`).toBeLessThanOrEqual(2);
  });

  it.each(NAMES.filter((name) => name !== "erf"))("%s is within 3 ulp of JavaScript's", (name) => {
    const limit = name === "sin" || name === "cos" ? 2 ** 20 : Number.POSITIVE_INFINITY;
    const moderate = fc.double({ min: -750, max: 750, noNaN: true });
    const any = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.oneof(moderate, any), (x) => {
        const exact = REFERENCE[name](x);
        const got = evaluate64(name, x);
        if (Math.abs(x) > limit) expect(Math.abs(got)).toBeLessThanOrEqual(1);
        else if (Number.isNaN(exact)) expect(got).toBeNaN();
        else expect(ulps64(got, exact)).toBeLessThanOrEqual(3);
      }),
      { numRuns: 2000 },
    );
  });

  const { POSITIVE_INFINITY: INF, NaN: NAN } = Number;
  const TINY = 2 ** -1074;
  it.each<[ElementaryOp, number, number]>([
    ["exp", INF, INF],
    ["exp", -INF, 0],
    ["exp", 709.79, INF],
    ["exp", -745.1, TINY],
    ["exp", -745.2, 0],
    ["expm1", INF, INF],
    ["expm1", 709.79, INF],
    ["expm1", -INF, -1],
    ["expm1", -0, -0],
    ["expm1", TINY, TINY],
    ["log", -0, -INF],
    ["log", INF, INF],
    ["log", -TINY, NAN],
    ["log1p", -1, -INF],
    ["log1p", -1.5, NAN],
    ["log1p", INF, INF],
    ["log1p", -TINY, -TINY],
    ["tanh", -0, -0],
    ["tanh", TINY, TINY],
    ["tanh", -INF, -1],
    ["sigmoid", -0, 0.5],
    ["sigmoid", INF, 1],
    ["sigmoid", -INF, 0],
    ["sigmoid", -745.1, TINY],
    ["erf", -0, -0],
    ["erf", -INF, -1],
    ["erf", 6, 1],
    ["sin", -0, -0],
    ["sin", TINY, TINY],
    ["sin", INF, NAN],
    ["cos", -0, 1],
    ["cos", -INF, NAN],
  ])("%s(%d) is %d", (name, x, expected) => {
    expect(evaluate64(name, x)).toBe(expected);
  });

  it.each(NAMES)("%s of NaN is NaN", (name) => {
    expect(evaluate64(name, Number.NaN)).toBeNaN();
  });

  it("sin and cos stay in [-1, 1] beyond their range", () => {
    for (let x = 2 ** 20; x < 1e300; x *= 1.9) {
      for (const name of ["sin", "cos"] as const) expect(Math.abs(evaluate64(name, x))).toBeLessThanOrEqual(1);
    }
  });
});

describe("powers", () => {
  const power32 = (x: number, y: number): number =>
    pow32(numbers, { value: Math.fround(x), dtype: "f32" }, { value: Math.fround(y), dtype: "f32" }).value;
  const power64 = (x: number, y: number): number =>
    pow64(numbers, { value: x, dtype: "f64" }, { value: y, dtype: "f64" }).value;
  // JavaScript's are NaN where IEEE 754 has a power of one
  const ieee = (x: number, y: number): number =>
    x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

  it("of float64 are within 1 ulp of exact values", () => {
    // mpmath
    for (const [x, y, exact] of [
      [0.9, 1000, 1.7478712517226947e-46],
      [0.999, 7, 0.993020965034979],
      [2, 0.5, Math.SQRT2],
      [10, -300.5, 3.1622776601683794e-301],
      [1.0000001, 1000000000, 2.6881038582144647e43],
      [3, 33, 5559060566555523],
      [1e-310, 1.5, 0],
      [7.5, 200.25, 1.70222903564295e175],
      [-1.5, 101, -6.098417663028229e17],
    ])
      expect(ulps64(power64(x, y), exact), `${x} ** ${y}`).toBeLessThanOrEqual(1);
  });

  const { POSITIVE_INFINITY: INF, NaN: NAN } = Number;
  const odd = [0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, 2.5, -2.5, INF, -INF, NAN, 1e30, -1e30, 1e-45, -1e-45, 16777215, 7];

  it("of special numbers are IEEE 754's", () => {
    for (const x of odd) {
      for (const y of odd) {
        const [a, b] = [Math.fround(x), Math.fround(y)];
        expect(power32(x, y), `${a} ** ${b} in float32`).toBe(Math.fround(ieee(a, b)));
        const [got, exact] = [power64(x, y), ieee(x, y)];
        if (ulps64(got, exact) > 1) expect(got, `${x} ** ${y} in float64`).toBe(exact);
        expect(Object.is(got, -0), `the sign of ${x} ** ${y}`).toBe(Object.is(exact, -0));
      }
    }
  });

  it("that are whole numbers are exact", () => {
    for (let x = -40; x <= 40; x++) {
      for (let y = 0; y <= 52; y++) {
        const exact = BigInt(x) ** BigInt(y);
        if (exact ** 2n > 2n ** 106n) break;
        expect(power64(x, y), `${x} ** ${y}`).toBe(Number(exact));
      }
    }
  });

  it("of float32 are those of float64, rounded", () => {
    let wrong = 0;
    const base = fc.float({ min: 2 ** -20, max: 2 ** 20, noNaN: true });
    const exponent = fc.float({ min: -6, max: 6, noNaN: true });
    fc.assert(
      fc.property(base, exponent, (x, y) => {
        const exact = x ** y;
        expect(ulps(power32(x, y), exact)).toBeLessThanOrEqual(0.501);
        if (power32(x, y) !== Math.fround(exact)) wrong++;
      }),
      { numRuns: 5000 },
    );
    expect(wrong).toBeLessThan(20);
  });
});

describe("threefry", () => {
  // the known answers of Random123: key, counter ─► words
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])("of key %j and counter %j is %j", (key, counter, expected) => {
    const [k0, k1, c0, c1] = [...key, ...counter].map((value): Typed => ({ value, dtype: "u32" }));
    expect(threefry(numbers, k0, k1, c0, c1).map(({ value }) => value)).toEqual(expected);
  });
});
