import { describe, expect, it } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import type { DType, TypedArray } from "../../src/core/dtype.ts";
import { view } from "../../src/core/dtype.ts";
import { IndexError } from "../../src/core/errors.ts";
import { topological, type Value } from "../../src/core/graph.ts";
import { type AttrsOf, apply, PRIMITIVES, type Primitive } from "../../src/core/primitives.ts";
import { contractionPlan, reductionPlan } from "../../src/core/reduction.ts";
import { fma32, roundHalfEven } from "../../src/core/scalar.ts";
import { numel, type Shape } from "../../src/core/shape.ts";
import { verifyGraph } from "../../src/core/verify.ts";
import { randomGraph } from "../graphs.ts";

interface Operand {
  shape: Shape;
  dtype: DType;
  data: readonly number[] | TypedArray;
}

const f32 = (shape: Shape, data: readonly number[] | TypedArray): Operand => ({ shape, dtype: "f32", data });
const i32 = (shape: Shape, data: readonly number[]): Operand => ({ shape, dtype: "i32", data });
const of = (dtype: DType, ...data: number[]): Operand => ({ shape: [data.length], dtype, data });

function array({ dtype, data }: Operand): TypedArray {
  const out = view(dtype, new ArrayBuffer(data.length * 8), 0, data.length);
  out.set(data);
  return out;
}

function input(operand: { shape: Shape; dtype: DType }): Value {
  return apply("input", [], { shape: operand.shape, dtype: operand.dtype }).outputs[0];
}

/** All outputs of one primitive on the operands. */
function run<P extends Primitive>(op: P, attrs: AttrsOf<P>, operands: Operand[], fma = false): number[][] {
  const inputs = operands.map(input);
  const { outputs } = apply(op, inputs, attrs);
  verifyGraph({ inputs, outputs });
  return interpret({ inputs, outputs }, operands.map(array), { mode: "exact", fma }).map((x) => Array.from(x));
}

describe("elementwise arithmetic", () => {
  it("rounds f32 after every operation", () => {
    expect(run("add", {}, [of("f32", 16777216, 0.1), of("f32", 1, 0.2)])).toEqual([[16777216, Math.fround(0.3)]]);
  });

  it("wraps integers", () => {
    const low = -2147483648;
    expect(run("add", {}, [of("i32", 2147483647), of("i32", 1)])).toEqual([[low]]);
    expect(run("mul", {}, [of("i32", 65537), of("i32", 65537)])).toEqual([[131073]]);
    expect(run("mul", {}, [of("u32", 4294967295), of("u32", 4294967295)])).toEqual([[1]]);
    expect(run("sub", {}, [of("u8", 3), of("u8", 5)])).toEqual([[254]]);
    expect(run("neg", {}, [of("i32", low, 5, 0)])).toEqual([[low, -5, 0]]);
    expect(run("abs", {}, [of("i32", low)])).toEqual([[low]]);
  });

  it("divides integers by zero without a trap", () => {
    expect(run("div", {}, [of("i32", 7, -7, -2147483648), of("i32", 0, 2, -1)])).toEqual([[0, -3, -2147483648]]);
    expect(run("mod", {}, [of("i32", 7, -7, 7), of("i32", 0, 2, -4)])).toEqual([[0, -1, 3]]);
    expect(run("div", {}, [of("u32", 4294967295), of("u32", 2)])).toEqual([[2147483647]]);
  });

  it("takes shift counts modulo 32 and shifts by sign", () => {
    expect(run("shl", {}, [of("i32", 1, 1), of("i32", 33, 31)])).toEqual([[2, -2147483648]]);
    expect(run("shr", {}, [of("i32", -8), of("i32", 1)])).toEqual([[-4]]);
    expect(run("shr", {}, [of("u32", 4294967288), of("u32", 1)])).toEqual([[2147483644]]);
    expect(run("shl", {}, [of("u8", 255), of("u8", 4)])).toEqual([[240]]);
    expect(run("not", {}, [of("bool", 0, 1)])).toEqual([[1, 0]]);
    expect(run("not", {}, [of("u8", 1)])).toEqual([[254]]);
  });

  it("propagates NaN through maximum and minimum, but not through sign", () => {
    expect(run("maximum", {}, [of("f32", NaN, 1, -0), of("f32", 1, NaN, 0)])).toEqual([[NaN, NaN, 0]]);
    expect(run("minimum", {}, [of("f32", NaN, 0), of("f32", 1, -0)])).toEqual([[NaN, -0]]);
    expect(run("sign", {}, [of("f32", NaN, -2, 3, -0)])).toEqual([[0, -1, 1, 0]]);
  });

  it("rounds half to even", () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, -0.2, 2 ** 53].map(roundHalfEven)).toEqual([
      0,
      2,
      2,
      -0,
      -2,
      0,
      -0,
      2 ** 53,
    ]);
    expect([roundHalfEven(-0), roundHalfEven(Infinity), roundHalfEven(NaN)]).toEqual([-0, Infinity, NaN]);
  });

  it("raises to powers as IEEE 754 does", () => {
    expect(run("pow", {}, [of("f64", 1, -1, 0, -8), of("f64", NaN, Infinity, 0, 3)])).toEqual([[1, 1, 1, -512]]);
  });

  it("casts: floats saturate and truncate, integers wrap, NaN is true", () => {
    expect(run("cast", { dtype: "i32" }, [of("f32", 3e9, -3e9, NaN, -1.9)])).toEqual([
      [2147483647, -2147483648, 0, -1],
    ]);
    expect(run("cast", { dtype: "bool" }, [of("f32", NaN, 0, -0, 0.1)])).toEqual([[1, 0, 0, 1]]);
    expect(run("cast", { dtype: "u8" }, [of("i32", 257, -1)])).toEqual([[1, 255]]);
    expect(run("bitcast", { dtype: "u32" }, [of("f32", 1, -0)])).toEqual([[0x3f800000, 0x80000000]]);
    expect(run("bitcast", { dtype: "u32", word: 0 }, [of("f64", 1, 5e-324)])).toEqual([[0, 1]]);
    expect(run("bitcast", { dtype: "u32", word: 1 }, [of("f64", 1, -0)])).toEqual([[0x3ff00000, 0x80000000]]);
  });
});

describe("elementary functions", () => {
  const at = [-3.2, -0.7, 0.001, 0.4, 2.5];
  const functions = [
    ["exp", Math.exp],
    ["expm1", Math.expm1],
    ["tanh", Math.tanh],
    ["sin", Math.sin],
    ["cos", Math.cos],
    ["sigmoid", (x: number) => 1 / (1 + Math.exp(-x))],
  ] as const;

  it.each(functions)("%s is near the real one, in f32 and in f64", (op, f) => {
    const [single] = run(op, {}, [f32([5], Float32Array.from(at))]);
    single.forEach((y, i) => {
      const want = f(Math.fround(at[i]));
      expect(Math.abs(y - want)).toBeLessThan(4e-7 * Math.abs(want));
      expect(y).toBe(Math.fround(y));
    });
    const [double] = run(op, {}, [of("f64", ...at)]);
    double.forEach((y, i) => {
      expect(y).toBeCloseTo(f(at[i]), 14);
    });
  });

  it("gives Threefry's published words", () => {
    // Random123's known answers: key and counter 0, then all ones
    const words = (x: number) =>
      ([0, 1] as const).map(
        (word) =>
          run(
            "threefry",
            { word },
            [x, x, x, x].map((v) => of("u32", v)),
          )[0][0],
      );
    expect(words(0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(words(0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
  });
});

describe("fma32", () => {
  it("rounds once where rounding twice is off", () => {
    // (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term a rounded product loses
    expect(fma32(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11))).toBe(2 ** -24);
    // 1 + 2⁻²⁴ is a tie of f32, which goes to even; a hair more or less decides, even where a double cannot hold it
    const tie = (2 ** -12) ** 2;
    expect(fma32(1, 1, tie)).toBe(1);
    expect(fma32(2 ** -12, 2 ** -12 * (1 + 2 ** -23), 1)).toBe(1 + 2 ** -23);
    // 2²⁴ + 1 + 2⁻⁶⁰: the sum in doubles is the tie 2²⁴ + 1 exactly, and would go to even
    expect(fma32(257, 65281, 2 ** -60)).toBe(2 ** 24 + 2);
    expect(fma32(257, 65281, -(2 ** -60))).toBe(2 ** 24);
  });

  it("agrees with rational arithmetic", () => {
    let seed = 1;
    const bits = new Uint32Array(1);
    const random = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      // exponents near each other, so that products and addends overlap
      bits[0] = ((seed & 0x807fffff) | ((115 + ((seed >>> 23) % 24)) << 23)) >>> 0;
      return new Float32Array(bits.buffer)[0];
    };
    for (let i = 0; i < 20000; i++) {
      const [a, b] = [random(), random()];
      const c = i % 3 === 0 ? Math.fround(-a * b) : i % 3 === 1 ? random() : Math.fround(random() * 2 ** -24);
      expect(fma32(a, b, c)).toBe(exactFma(a, b, c));
    }
  });

  it("keeps infinities, NaN and subnormals", () => {
    expect(fma32(3e38, 2, 0)).toBe(Infinity);
    expect(fma32(3e38, 2, -3e38)).toBe(Math.fround(3e38));
    expect(fma32(Infinity, 0, 1)).toBeNaN();
    expect(fma32(2 ** -100, 2 ** -50, 2 ** -149)).toBe(2 * 2 ** -149);
    expect(fma32(2 ** -100, 2 ** -51, 2 ** -149)).toBe(2 ** -149);
  });
});

/** a·b + c with integers scaled by 2³⁰⁰, rounded to f32 by comparing with its neighbours. */
function exactFma(a: number, b: number, c: number): number {
  const scaled = (x: number): bigint => {
    let exponent = 0;
    while (!Number.isInteger(x)) {
      x *= 2;
      exponent++;
    }
    return BigInt(x) << BigInt(300 - exponent);
  };
  const exact = scaled(a) * scaled(b) + (scaled(c) << 300n);
  const guess = Math.fround(a * b + c);
  const word = new Int32Array(1);
  const float = new Float32Array(word.buffer);
  float[0] = guess;
  const magnitude = word[0] & 0x7fffffff;
  let best = guess;
  let distance: bigint | undefined;
  for (let step = -1; step <= 1; step++) {
    word[0] = (word[0] & 0x80000000) | Math.max(0, magnitude + step);
    const gap = (scaled(float[0]) << 300n) - exact;
    const size = gap < 0n ? -gap : gap;
    if (distance === undefined || size < distance || (size === distance && (word[0] & 1) === 0)) {
      distance = size;
      best = float[0];
    }
  }
  return best;
}

describe("reductions", () => {
  const noise = (n: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * i) * 10 ** (i % 5));

  it("starts a sum from +0, a product from 1, a maximum from −∞", () => {
    expect(run("sum", { axes: [0] }, [f32([0], [])])).toEqual([[0]]);
    expect(run("sum", { axes: [0] }, [of("f32", -0)])).toEqual([[0]]);
    expect(run("prod", { axes: [0] }, [f32([0], [])])).toEqual([[1]]);
    expect(run("max", { axes: [0] }, [of("f32", -Infinity, -Infinity)])).toEqual([[-Infinity]]);
    expect(run("max", { axes: [0] }, [of("f32", 1, NaN, 3)])).toEqual([[NaN]]);
    expect(run("min", { axes: [0] }, [of("u8", 7, 3)])).toEqual([[3]]);
  });

  it("sums the innermost axis in 32 lanes that fold in halves", () => {
    const x = noise(1000);
    const lanes = new Float32Array(32);
    for (let i = 0; i < x.length; i++) lanes[i % 32] += x[i];
    for (let w = 16; w >= 1; w /= 2) for (let i = 0; i < w; i++) lanes[i] += lanes[i + w];
    expect(run("sum", { axes: [0] }, [f32([1000], x)])).toEqual([[lanes[0]]]);
  });

  it("counts lanes along innermost axes as if they were one, unless they are as short as a window", () => {
    const x = noise(3 * 49);
    const flat = run("sum", { axes: [1] }, [f32([3, 49], x)]);
    expect(run("sum", { axes: [1, 2] }, [f32([3, 7, 7], x)])).toEqual(flat);
    expect(run("sum", { axes: [1, 3] }, [f32([3, 7, 1, 7], x)])).toEqual(flat);
    expect(reductionPlan([3, 7, 7], [1, 2])).toEqual({ order: "lanes", lanes: 32, parts: 1, run: 2 });
    expect(reductionPlan([3, 5, 5], [1, 2]).order).toBe("sequential");
    expect(reductionPlan([7, 3, 7], [0, 2]).order).toBe("sequential");
  });

  it("sums a batch of small images in 16 lanes, since one chain of all their elements would lose digits", () => {
    const x = noise(6 * 2 * 16);
    const flat = run("sum", { axes: [0, 2] }, [f32([6, 2, 16], x)]);
    expect(run("sum", { axes: [0, 2, 3] }, [f32([6, 2, 4, 4], x)])).toEqual(flat);
    expect(reductionPlan([6, 2, 4, 4], [0, 2, 3])).toEqual({ order: "lanes", lanes: 16, parts: 1, run: 2 });
  });

  it("sums an outer axis one after the other", () => {
    const x = noise(300);
    const sums = new Float32Array(3);
    for (let i = 0; i < x.length; i++) sums[i % 3] += x[i];
    expect(run("sum", { axes: [0] }, [f32([100, 3], x)])).toEqual([Array.from(sums)]);
  });

  it("cuts a long sum into parts fixed by the shape", () => {
    const n = 40001;
    const x = noise(n);
    const { parts } = reductionPlan([n], [0]);
    expect(parts).toBe(4);
    const share = Math.ceil(n / parts);
    const sums = Array.from({ length: parts }, (_, p) => {
      const lanes = new Float32Array(32);
      x.subarray(p * share, (p + 1) * share).forEach((v, i) => {
        lanes[i % 32] += v;
      });
      for (let w = 16; w >= 1; w /= 2) for (let i = 0; i < w; i++) lanes[i] += lanes[i + w];
      return lanes[0];
    });
    const whole = Math.fround(Math.fround(sums[0] + sums[2]) + Math.fround(sums[1] + sums[3]));
    expect(run("sum", { axes: [0] }, [f32([n], x)])).toEqual([[whole]]);
  });

  it("finds the first extremum, and NaN before all", () => {
    expect(run("argmax", { axes: [0] }, [of("f32", 1, 3, 3)])).toEqual([[1]]);
    expect(run("argmax", { axes: [0] }, [of("f32", 9, NaN, NaN)])).toEqual([[1]]);
    expect(run("argmin", { axes: [0, 2] }, [f32([2, 2, 2], [5, 4, 1, 2, 3, 9, 1, 0])])).toEqual([[2, 3]]);
  });

  it("accumulates from either end", () => {
    expect(run("cumsum", { axis: 1, reverse: false }, [i32([2, 3], [1, 2, 3, 4, 5, 6])])).toEqual([
      [1, 3, 6, 4, 9, 15],
    ]);
    expect(run("cumprod", { axis: 0, reverse: true }, [i32([2, 2], [1, 2, 3, 4])])).toEqual([[3, 8, 3, 4]]);
  });
});

describe("movement", () => {
  const x = f32([2, 3], [1, 2, 3, 4, 5, 6]);

  it("permutes, expands, slices, flips and concatenates", () => {
    expect(run("permute", { perm: [1, 0] }, [x])).toEqual([[1, 4, 2, 5, 3, 6]]);
    expect(run("expand", { shape: [2, 2] }, [f32([2, 1], [1, 2])])).toEqual([[1, 1, 2, 2]]);
    expect(run("slice", { start: [0, 0], stop: [2, 3], step: [1, 2] }, [x])).toEqual([[1, 3, 4, 6]]);
    expect(run("flip", { axes: [1] }, [x])).toEqual([[3, 2, 1, 6, 5, 4]]);
    expect(run("concat", { axis: 1 }, [x, f32([2, 1], [7, 8])])).toEqual([[1, 2, 3, 7, 4, 5, 6, 8]]);
    expect(run("iota", { shape: [2, 3], axis: 0, dtype: "i32" }, [])).toEqual([[0, 0, 0, 1, 1, 1]]);
  });

  it("pads, crops and spreads", () => {
    expect(run("pad", { low: [1], high: [-1], interior: [1], value: 9 }, [of("f32", 1, 2, 3)])).toEqual([
      [9, 1, 9, 2, 9],
    ]);
    expect(run("pad", { low: [-2], high: [1], interior: [0], value: 0 }, [of("f32", 1, 2, 3)])).toEqual([[3, 0]]);
  });

  it("slides windows and folds them back", () => {
    const attrs = { axes: [0], size: [2], stride: [1], dilation: [2] };
    expect(run("windows", attrs, [of("f32", 1, 2, 3, 4)])).toEqual([[1, 3, 2, 4]]);
    expect(run("fold", { ...attrs, shape: [4] }, [f32([2, 2], [1, 3, 2, 4])])).toEqual([[1, 2, 3, 4]]);
    const overlapping = { axes: [1], size: [3], stride: [1], dilation: [1], shape: [1, 4] };
    expect(run("fold", overlapping, [f32([1, 2, 3], [1, 2, 3, 4, 5, 6])])).toEqual([[1, 6, 8, 6]]);
  });
});

describe("contractions", () => {
  it("multiplies matrices batch by batch", () => {
    const a = f32([2, 1, 2], [1, 2, 3, 4]);
    const b = f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(run("dot", {}, [a, b])).toEqual([[7, 10, 43, 50]]);
    expect(run("dot", {}, [i32([1, 1], [65537]), i32([1, 1], [65537])])).toEqual([[131073]]);
  });

  it("chains fused multiply-adds in ascending order of k where it is blocked, and rounds twice elsewhere", () => {
    const a = [1, 1 + 2 ** -12];
    const b = [-(1 + 2 ** -11), 1 + 2 ** -12];
    const rows = (m: number) =>
      f32(
        [m, 2],
        Array.from({ length: 2 * m }, (_, i) => a[i % 2]),
      );
    const cols = (n: number) =>
      f32(
        [2, n],
        Array.from({ length: 2 * n }, (_, i) => b[Math.floor(i / n)]),
      );
    const all = (m: number, n: number, value: number) => [new Array<number>(m * n).fill(value)];
    expect(run("dot", {}, [rows(40), cols(300)], true)).toEqual(all(40, 300, 2 ** -24));
    expect(run("dot", {}, [rows(40), cols(300)], false)).toEqual(all(40, 300, 0));
    expect(run("dot", {}, [rows(2), cols(2)], true)).toEqual(all(2, 2, 0));
  });

  it("adds up a row in one order, alone or among others", () => {
    for (const dtype of ["f32", "f64"] as const) {
      for (const k of [1, 7, 31, 32, 33, 500, 4096, 30000]) {
        for (const cols of [1, 2, 15, 16, 17, 65, 1000]) {
          const plan = (rows: number) => contractionPlan("dot", dtype, { outputs: rows * cols, rows, cols, k });
          for (const rows of [2, 3, 64, 5000]) expect(plan(rows)).toEqual(plan(1));
        }
      }
    }
  });

  it("cuts a long k into parts that fold in halves", () => {
    const k = 40000;
    const a = Float32Array.from({ length: 2 * k }, (_, i) => Math.sin(i % k));
    const { order, parts } = contractionPlan("dot", "f32", { outputs: 4, rows: 2, cols: 2, k });
    const share = Math.ceil(k / parts);
    const sums = Array.from({ length: parts }, (_, p) =>
      a.subarray(p * share, Math.min(k, (p + 1) * share)).reduce((sum, v) => Math.fround(sum + Math.fround(v * v)), 0),
    );
    for (let w = parts / 2; w >= 1; w /= 2) for (let i = 0; i < w; i++) sums[i] = Math.fround(sums[i] + sums[i + w]);
    expect(order).toBe("blocked");
    expect(parts).toBeGreaterThan(1);
    const b = Float32Array.from({ length: 2 * k }, (_, i) => a[Math.floor(i / 2)]);
    expect(run("dot", {}, [f32([2, k], a), f32([k, 2], b)])).toEqual([new Array<number>(4).fill(sums[0])]);
  });

  it("multiplies a matrix and a vector in lanes along k, as the sum of the products", () => {
    for (const k of [32, 100, 40000]) {
      const [a, b] = [1, 2].map((c) => Float32Array.from({ length: k }, (_, i) => Math.sin(c * i)));
      const products = a.map((v, i) => v * b[i]);
      const sum = run("sum", { axes: [0] }, [f32([k], products)]);
      expect(run("dot", {}, [f32([1, k], a), f32([k, 1], b)], true)).toEqual(sum);
    }
  });

  const plain = {
    stride: [1],
    padding: [[0, 0]] as const,
    inputDilation: [1],
    kernelDilation: [1],
    featureGroups: 1,
    batchGroups: 1,
  };

  it("correlates with stride, padding, dilation and groups", () => {
    const x = f32([1, 1, 4], [1, 2, 3, 4]);
    const w = f32([1, 1, 2], [1, 10]);
    expect(run("conv", plain, [x, w])).toEqual([[21, 32, 43]]);
    expect(run("conv", { ...plain, padding: [[1, 0]], stride: [2] }, [x, w])).toEqual([[10, 32]]);
    expect(run("conv", { ...plain, padding: [[-1, 1]] }, [x, w])).toEqual([[32, 43, 4]]);
    expect(run("conv", { ...plain, kernelDilation: [2] }, [x, w])).toEqual([[31, 42]]);
    expect(run("conv", { ...plain, inputDilation: [2] }, [x, w])).toEqual([[1, 20, 2, 30, 3, 40]]);
    const two = f32([1, 2, 2], [1, 2, 3, 4]);
    expect(run("conv", { ...plain, featureGroups: 2 }, [two, f32([2, 1, 2], [1, 1, 1, 2])])).toEqual([[3, 11]]);
    expect(run("conv", { ...plain, batchGroups: 2 }, [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 1, 1], [1, 10])])).toEqual([
      [1, 2, 30, 40],
    ]);
  });

  it("multiplies padding by zero, and nothing by what lies between the elements of a dilated input", () => {
    const x = f32([1, 1, 2], [1, 2]);
    const w = f32([1, 1, 2], [1, Infinity]);
    const padded = { ...plain, padding: [[1, 1]] as const };
    expect(run("conv", padded, [x, w])).toEqual([[Infinity, Infinity, NaN]]);
    expect(run("conv", { ...plain, inputDilation: [3] }, [x, w])).toEqual([[1, 0, Infinity]]);
    // places at a distance of 3 are padding, the others are between
    expect(run("conv", { ...padded, inputDilation: [3], padding: [[2, 3]] }, [x, w])).toEqual([
      [0, Infinity, 1, 0, Infinity, 2, 0, NaN],
    ]);
  });

  it("orders k by input channel, then by kernel position", () => {
    const x = f32([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const w = f32([1, 2, 2, 2], [1, 0, 0, 0, 0, 0, 0, 100]);
    const attrs = {
      ...plain,
      stride: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ] as const,
      inputDilation: [1, 1],
      kernelDilation: [1, 1],
    };
    expect(run("conv", attrs, [x, w])).toEqual([[801]]);
  });
});

describe("indexing", () => {
  const x = f32([3, 2], [1, 2, 3, 4, 5, 6]);

  it("takes, gathers, adds at indices and sorts", () => {
    expect(run("take", { axis: 0 }, [x, i32([2], [2, 0])])).toEqual([[5, 6, 1, 2]]);
    expect(run("take", { axis: 1 }, [x, i32([], [1])])).toEqual([[2, 4, 6]]);
    expect(run("gather", { axis: 0 }, [x, i32([1, 2], [2, 0])])).toEqual([[5, 2]]);
    expect(run("indexAdd", { axis: 0 }, [x, i32([2], [1, 1]), f32([2, 2], [10, 20, 30, 40])])).toEqual([
      [1, 2, 43, 64, 5, 6],
    ]);
    expect(run("scatterAdd", { axis: 1 }, [x, i32([3, 1], [0, 1, 0]), f32([3, 1], [10, 20, 30])])).toEqual([
      [11, 2, 3, 24, 35, 6],
    ]);
    expect(run("argsort", {}, [{ shape: [2, 3], dtype: "u32", data: [2, 1, 1, 0, 4294967295, 0] }])).toEqual([
      [1, 2, 0, 0, 2, 1],
    ]);
  });

  it("names the op, the index and the range when one is out of it", () => {
    expect(() => run("take", { axis: 0 }, [x, i32([1], [3])])).toThrow(IndexError);
    expect(() => run("gather", { axis: 1 }, [x, i32([3, 1], [0, -1, 0])])).toThrow(/gather: index -1 .* 0 to 1/);
    expect(() => run("indexAdd", { axis: 0 }, [x, i32([1], [7]), f32([1, 2], [1, 1])])).toThrow(
      /indexAdd: index 7 .* 0 to 2/,
    );
    expect(() => run("scatterAdd", { axis: 1 }, [x, i32([3, 1], [0, 2, 0]), f32([3, 1], [1, 1, 1])])).toThrow(
      /scatterAdd: index 2/,
    );
  });
});

describe("scan", () => {
  const sum = (reverse: boolean) => {
    const [k, carry, slice] = [input(f32([], [])), input(f32([2], [])), input(f32([2], []))];
    const scaled = apply(
      "mul",
      [apply("expand", [apply("reshape", [k], { shape: [1] }).outputs[0]], { shape: [2] }).outputs[0], slice],
      {},
    );
    const next = apply("add", [carry, scaled.outputs[0]], {}).outputs[0];
    const body = { inputs: [k, carry, slice], outputs: [next, next] };
    return { body, length: 3, consts: 1, carries: 1, reverse };
  };

  it("carries forward or from the end, and stacks what each step gives", () => {
    const operands = [f32([], [2]), of("f32", 0, 100), f32([3, 2], [1, 2, 3, 4, 5, 6])];
    expect(run("scan", sum(false), operands)).toEqual([
      [18, 124],
      [2, 104, 8, 112, 18, 124],
    ]);
    expect(run("scan", sum(true), operands)).toEqual([
      [18, 124],
      [18, 124, 16, 120, 10, 112],
    ]);
  });
});

it("computes f32 in doubles when asked to", () => {
  const inputs = [input(of("f32", 1)), input(of("f32", 1))];
  const { outputs } = apply("add", inputs, {});
  const [sum] = interpret({ inputs, outputs }, [Float64Array.of(1), Float64Array.of(2 ** -40)], {
    mode: "f64",
    fma: false,
  });
  expect(sum).toEqual(Float64Array.of(1 + 2 ** -40));
  expect(numel(outputs[0].shape)).toBe(1);
});

describe("random graphs", () => {
  const exact = { mode: "exact", fma: false } as const;

  it("hold every primitive that needs no closure, and evaluate in both modes", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const { graph, inputs } = randomGraph(seed, { steps: 15 });
      for (const { op } of topological(graph.outputs)) seen.add(op);
      const outputs = interpret(graph, inputs, exact);
      expect(outputs.map((x) => x.length)).toEqual(graph.outputs.map(({ shape }) => numel(shape)));
      interpret(graph, inputs, { mode: "f64", fma: false });
    }
    // A custom derivative is a closure, and shapes that fit for attention do not come by chance.
    const without = ["custom", "attention", "attentionGrad"];
    const missing = Object.keys(PRIMITIVES).filter((op) => !seen.has(op) && !without.includes(op));
    expect(missing).toEqual([]);
  });

  it("are the same for the same seed", () => {
    const [a, b] = [randomGraph(3), randomGraph(3)];
    expect(interpret(a.graph, a.inputs, exact)).toEqual(interpret(b.graph, b.inputs, exact));
  });
});
