import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../scripts/ulp/measure.ts";
import { C_TYPES, renderC } from "../../scripts/ulp/render.ts";
import { castValue, type DType } from "../../src/core/dtype.ts";
import { type ElementaryOp, FLOAT32, FLOAT64, type Ops, threefry } from "../../src/core/numerics.ts";

interface Typed {
  readonly value: number;
  readonly dtype: DType;
}

const words = new DataView(new ArrayBuffer(4));

function ensure(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** The operations on JavaScript's numbers, each result rounded to its dtype. */
const numbers: Ops<Typed> = {
  constant(value, dtype) {
    ensure(Object.is(castValue(value, "f64", dtype), value), `the constant ${value} is not exact in ${dtype}`);
    return { value, dtype };
  },
  unary(op, { value, dtype }) {
    ensure(op === "abs", op);
    return { value: Math.abs(value), dtype };
  },
  binary(op, a, b) {
    ensure(a.dtype === b.dtype, `${op} of ${a.dtype} and ${b.dtype}`);
    const integer: Partial<Record<typeof op, (a: number, b: number) => number>> = {
      and: (x, y) => x & y,
      or: (x, y) => x | y,
      xor: (x, y) => x ^ y,
      shl: (x, y) => x << y,
      shr: (x, y) => (a.dtype === "u32" ? x >>> y : x >> y),
    };
    const number: Partial<Record<typeof op, (a: number, b: number) => number>> = {
      add: (x, y) => x + y,
      sub: (x, y) => x - y,
      mul: (x, y) => x * y,
      div: (x, y) => x / y,
    };
    const apply = (a.dtype === "f32" ? number[op] : (integer[op] ?? number[op]))!;
    const value = apply(a.value, b.value);
    return { value: a.dtype === "f32" ? Math.fround(value) : castValue(value, "i32", a.dtype), dtype: a.dtype };
  },
  compare(op, a, b) {
    ensure(a.dtype === b.dtype, `${op} of ${a.dtype} and ${b.dtype}`);
    return { value: +(op === "lt" ? a.value < b.value : a.value === b.value), dtype: "bool" };
  },
  where(condition, a, b) {
    ensure(condition.dtype === "bool", `where on ${condition.dtype}`);
    return condition.value ? a : b;
  },
  cast: ({ value, dtype: from }, dtype) => ({ value: castValue(value, from, dtype), dtype }),
  bitcast({ value, dtype: from }, dtype) {
    if (from === "f32") words.setFloat32(0, value);
    else words.setInt32(0, value);
    return {
      value: dtype === "f32" ? words.getFloat32(0) : dtype === "i32" ? words.getInt32(0) : words.getUint32(0),
      dtype,
    };
  },
};

const evaluate = (name: ElementaryOp, x: number): number =>
  FLOAT32[name](numbers, { value: Math.fround(x), dtype: "f32" }).value;

const NAMES = Object.keys(FLOAT32) as ElementaryOp[];

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
        const exact = FLOAT64[name](x);
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

  it.skipIf(!compiler)("give the same bits as in JavaScript", () => {
    const samples = new Float32Array(
      new Uint32Array(Float64Array.from({ length: 4096 }, (_, i) => (i * 1048583) % 2 ** 32)).buffer,
    );
    const folder = mkdtempSync(join(tmpdir(), "chainrule-numerics-"));
    try {
      const source = join(folder, "functions.c");
      const calls = NAMES.map((name) => `y = ours_${name}(x); fwrite(&y, 1, 32, stdout);`).join("\n    ");
      writeFileSync(
        source,
        `#include <stdio.h>\n${C_TYPES}${NAMES.map(renderC).join("")}int main(void) {\n  f32 x, y;\n  while (fread(&x, 1, 32, stdin) == 32) {\n    ${calls}\n  }\n  return 0;\n}\n`,
      );
      execFileSync("cc", ["-O2", "-ffp-contract=off", "-Wno-psabi", source, "-o", join(folder, "functions")]);
      const input = new Uint8Array(samples.buffer);
      const output = execFileSync(join(folder, "functions"), { input, maxBuffer: 1 << 24 });
      const got = new Float32Array(new Uint8Array(output).buffer); // (samples / 8, functions, 8)
      expect(got.length).toBe(samples.length * NAMES.length);
      NAMES.forEach((name, f) => {
        samples.forEach((x, i) => {
          const y = got[((i >> 3) * NAMES.length + f) * 8 + (i & 7)];
          if (!Object.is(y, evaluate(name, x)))
            expect.fail(`${name}(${x}) is ${y} in C, ${evaluate(name, x)} in JavaScript`);
        });
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!compiler).each(NAMES)("%s is within 2 ulp on a sample of all float32", (name) => {
    const { ulp, wrong } = measure(name, 16411);
    expect(wrong).toBe(0);
    expect(ulp).toBeLessThanOrEqual(2);
  });
});

describe("float64 functions", () => {
  it("erf is right to 2e-15", () => {
    // mpmath
    const exact = [
      [1e-300, 1.1283791670955126e-300],
      [1e-10, 1.1283791670955126e-10],
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [1.0, 0.8427007929497149],
      [1.75, 0.9866716712191824],
      [2.4, 0.999311486103355],
      [2.5, 0.999593047982555],
      [3.0, 0.9999779095030014],
      [4.0, 0.9999999845827421],
      [5.5, 0.9999999999999927],
      [7.0, 1.0],
    ];
    for (const [x, y] of exact) {
      expect(Math.abs(FLOAT64.erf(x) / y - 1), `erf(${x})`).toBeLessThan(2e-15);
      expect(FLOAT64.erf(-x)).toBe(-FLOAT64.erf(x));
    }
    expect(FLOAT64.erf(0)).toBe(0);
    expect(FLOAT64.erf(-0)).toBe(-0);
    expect(FLOAT64.erf(Number.NEGATIVE_INFINITY)).toBe(-1);
    expect(FLOAT64.erf(Number.NaN)).toBeNaN();
  });

  it("sigmoid keeps small results", () => {
    expect(FLOAT64.sigmoid(-700)).toBe(Math.exp(-700));
    expect(FLOAT64.sigmoid(0)).toBe(0.5);
    expect(FLOAT64.sigmoid(Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("pow follows IEEE at one, mod takes the dividend's sign", () => {
    expect(FLOAT64.pow(1, Number.NaN)).toBe(1);
    expect(FLOAT64.pow(-1, Number.NEGATIVE_INFINITY)).toBe(1);
    expect(FLOAT64.pow(2, 0.5)).toBe(Math.SQRT2);
    expect(FLOAT64.pow(Number.NaN, 0)).toBe(1);
    expect(FLOAT64.mod(-5.5, 2)).toBe(-1.5);
    expect(FLOAT64.mod(5.5, -2)).toBe(1.5);
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
