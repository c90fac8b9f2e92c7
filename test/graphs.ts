/**
 * Random graphs over the primitives, small and well-formed, for comparing devices with the interpreter and derivatives
 * with finite differences. The same seed gives the same graph and the same inputs.
 */

import { allocate, type DType, isFloat, isInteger, type TypedArray } from "../src/core/dtype.ts";
import type { Graph, Value } from "../src/core/graph.ts";
import {
  type AttrsOf,
  apply,
  apply1,
  type BinaryOp,
  type CompareOp,
  convOutput,
  type UnaryOp,
} from "../src/core/primitives.ts";
import { numel, type Shape } from "../src/core/shape.ts";

export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: readonly TypedArray[];
}

export interface RandomGraphOptions {
  /** number of random operations */
  readonly steps?: number;
  /** only f64 and differentiable operations with bounded derivatives, with which finite differences agree */
  readonly smooth?: boolean;
  /** sizes for which matrices are packed and long reductions cut into parts */
  readonly large?: boolean;
}

/** A small generator of random numbers (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** uniform in [0, 1) */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  /** an integer in [low, high] */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }
  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)];
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  /** some of a list, at least one, in order */
  some<T>(from: readonly T[]): T[] {
    const chosen = from.filter(() => this.chance(0.5));
    return chosen.length > 0 ? chosen : [this.pick(from)];
  }
}

// Halves, where rounding and casts turn; powers of two that integers end at; the ends of f32.
const SPECIAL = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  0.5,
  1.5,
  -2.5,
  2 ** 24 + 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  1e-45,
  1e-40,
  -3e38,
];
const EXTREME = [2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1, 255, 128, 31, 32, 33];

const full = (value: number, dtype: DType, shape: Shape): Value => {
  const ones = apply1("reshape", [apply1("constant", [], { value, dtype })], { shape: shape.map(() => 1) });
  return apply1("expand", [ones], { shape });
};

type Make = (x: Value) => Value | undefined;

export function randomGraph(
  seed: number,
  { steps = 12, smooth = false, large = false }: RandomGraphOptions = {},
): RandomGraph {
  const limit = large ? 1 << 16 : 600; // elements in a value
  const random = new Random(seed);
  const inputs: Value[] = [];
  const data: TypedArray[] = [];
  const pool: Value[] = [];

  const feed = (shape: Shape, dtype: DType, at: (i: number) => number): Value => {
    const value = apply1("input", [], { shape, dtype });
    inputs.push(value);
    data.push(allocate(dtype, numel(shape)).map((_, i) => at(i)));
    return value;
  };
  const noise = (shape: Shape, dtype: DType): Value =>
    feed(shape, dtype, () => {
      if (!smooth && dtype !== "bool" && random.chance(0.03)) return random.pick(isFloat(dtype) ? SPECIAL : EXTREME);
      if (isFloat(dtype)) return random.next() * 4 - 2;
      if (dtype === "bool") return random.int(0, 1);
      return dtype === "i32" ? random.int(-9, 9) : random.int(0, 9);
    });
  const indices = (shape: Shape, size: number): Value => feed(shape, "i32", () => random.int(0, size - 1));
  const size = (): number => (random.chance(large ? 0.5 : 0.08) ? random.int(30, 70) : random.int(1, 4));
  const shapeOf = (rank: number): number[] => {
    const shape = Array.from({ length: rank }, size);
    return numel(shape) <= limit ? shape : shape.map((n) => Math.min(n, large ? 16 : 4));
  };
  const dtypes: readonly DType[] = smooth
    ? ["f64"]
    : large
      ? ["f32"]
      : ["f32", "f32", "f32", "f64", "i32", "u32", "u8", "bool"];

  /** another operand of the same shape and dtype: out of the pool, an alteration of x, or a new input */
  const like = (x: Value, dtype: DType = x.dtype): Value => {
    const fits = pool.filter((y) => y.dtype === dtype && y.shape.join() === x.shape.join());
    if (fits.length > 0 && random.chance(0.7)) return random.pick(fits);
    return random.chance(0.2) ? full(random.int(0, 3), dtype, x.shape) : noise(x.shape, dtype);
  };
  const axisOf = (x: Value): number => random.int(0, x.shape.length - 1);
  const axesOf = (x: Value): number[] => random.some([...x.shape.keys()]);

  /** The bits of a NaN differ between devices, and from one operand's place to the other's. */
  const withoutNaN = (x: Value): Value =>
    isFloat(x.dtype) ? apply1("where", [apply1("eq", [x, x], {}), x, full(1, x.dtype, x.shape)], {}) : x;

  const elementwise =
    (ops: readonly UnaryOp[], fits: (dtype: DType) => boolean): Make =>
    (x) =>
      fits(x.dtype) ? apply1(random.pick(ops), [x], {}) : undefined;
  const binary =
    (ops: readonly (BinaryOp | CompareOp)[], fits: (dtype: DType) => boolean): Make =>
    (x) =>
      fits(x.dtype) ? apply1(random.pick(ops), random.chance(0.5) ? [x, like(x)] : [like(x), x], {}) : undefined;
  const number = (dtype: DType): boolean => dtype !== "bool";
  const ranked =
    (make: Make, rank = 1): Make =>
    (x) =>
      x.shape.length >= rank && numel(x.shape) > 0 ? make(x) : undefined;
  const floats =
    (make: Make): Make =>
    (x) =>
      isFloat(x.dtype) ? make(x) : undefined;
  const numbers =
    (make: Make): Make =>
    (x) =>
      number(x.dtype) ? make(x) : undefined;

  const windows = ranked((x) => {
    const axes = axesOf(x);
    const sizes = axes.map((axis) => random.int(1, Math.min(3, x.shape[axis])));
    const dilation = axes.map((axis, i) => (sizes[i] > 1 && (sizes[i] - 1) * 2 < x.shape[axis] ? random.int(1, 2) : 1));
    return apply1("windows", [x], { axes, size: sizes, stride: axes.map(() => random.int(1, 2)), dilation });
  });
  const fold = floats(
    ranked((x) => {
      // windows over a new shape whose taps are x's last axes
      const count = random.int(1, x.shape.length);
      if (count * 2 > x.shape.length) return undefined;
      const axes = random.some([...Array(x.shape.length - count).keys()]).slice(0, count);
      if (axes.length !== count) return undefined;
      const sizes = x.shape.slice(-count);
      const stride = axes.map(() => random.int(1, 2));
      const dilation = axes.map(() => random.int(1, 2));
      const shape = x.shape.slice(0, -count);
      axes.forEach((axis, i) => {
        shape[axis] = (shape[axis] - 1) * stride[i] + (sizes[i] - 1) * dilation[i] + 1;
        if (stride[i] === 2 && random.chance(0.5)) shape[axis]++; // a rest that no window reads
      });
      return apply1("fold", [x], { axes, size: sizes, stride, dilation, shape });
    }, 2),
  );
  const dot = numbers(
    ranked((x) => {
      const rank = x.shape.length;
      return apply1("dot", [x, noise([...x.shape.slice(0, -2), x.shape[rank - 1], size()], x.dtype)], {});
    }, 2),
  );
  const conv = floats(
    ranked((x) => {
      const d = x.shape.length - 2;
      const [n, c, ...spatial] = x.shape;
      const featureGroups = random.pick([1, 2, 3].filter((g) => c % g === 0));
      const batchGroups = featureGroups > 1 ? 1 : random.pick([1, 2].filter((g) => n % g === 0));
      const o = random.int(1, 2) * featureGroups * batchGroups;
      const kernel = Array.from({ length: d }, () => random.int(1, 3));
      const each = (low: number, high: number): number[] => Array.from({ length: d }, () => random.int(low, high));
      const attrs: AttrsOf<"conv"> = {
        stride: each(1, 2),
        padding: kernel.map(() => [random.int(-1, 2), random.int(-1, 2)] as const),
        inputDilation: each(1, 3),
        kernelDilation: each(1, 2),
        featureGroups,
        batchGroups,
      };
      const padded = spatial.map(
        (s, i) => (s - 1) * attrs.inputDilation[i] + 1 + attrs.padding[i][0] + attrs.padding[i][1],
      );
      if (padded.some((p) => p < 1) || spatial.some((s, i) => convOutput(s, kernel[i], attrs, i) < 1)) return undefined;
      return apply1("conv", [x, noise([o, c / featureGroups, ...kernel], x.dtype)], attrs);
    }, 3),
  );
  const take = ranked((x) => {
    const axis = axisOf(x);
    return apply1("take", [x, indices(shapeOf(random.int(0, 2)), x.shape[axis])], { axis });
  });
  const gather = ranked((x) => {
    const axis = axisOf(x);
    const shape = x.shape.map((n, i) => (i === axis ? random.int(1, 5) : n));
    return apply1("gather", [x, indices(shape, x.shape[axis])], { axis });
  });
  const indexAdd = numbers(
    ranked((x) => {
      const axis = axisOf(x);
      const count = random.int(1, 5);
      const source = noise(
        x.shape.map((n, i) => (i === axis ? count : n)),
        x.dtype,
      );
      return apply1("indexAdd", [x, indices([count], x.shape[axis]), source], { axis });
    }),
  );
  const scatterAdd = numbers(
    ranked((x) => {
      const axis = axisOf(x);
      const shape = x.shape.map((n, i) => (i === axis ? random.int(1, 5) : n));
      return apply1("scatterAdd", [x, indices(shape, x.shape[axis]), noise(shape, x.dtype)], { axis });
    }),
  );
  // carry ─► tanh(carry·w + x), gives carry·x
  const cell = (rest: Shape, dtype: DType): Graph => {
    const [w, carry, slice] = places(rest, dtype, 3);
    const next = apply1("tanh", [apply1("add", [apply1("mul", [carry, w], {}), slice], {})], {});
    return { inputs: [w, carry, slice], outputs: [next, apply1("mul", [carry, slice], {})] };
  };
  const places = (shape: Shape, dtype: DType, count: number): Value[] =>
    Array.from({ length: count }, () => apply1("input", [], { shape, dtype }));
  /** Several carries, which change places and mix. */
  const mixing = (rest: Shape, dtype: DType, consts: number, carries: number): Graph => {
    const inputs = places(rest, dtype, consts + carries + 1);
    const values = [...inputs];
    for (let i = random.int(1, 6); i > 0; i--) {
      const [a, b] = [random.pick(values), random.pick(values)];
      const axes = rest.length > 0 ? random.some([...rest.keys()]) : [];
      const sum = (): Value => {
        const kept = rest.map((n, axis) => (axes.includes(axis) ? 1 : n));
        return apply1("expand", [apply1("reshape", [apply1("sum", [a], { axes })], { shape: kept })], { shape: rest });
      };
      const make = [
        () => apply1(random.pick(["add", "sub", "mul", "maximum"] as const), [a, b], {}),
        () => apply1("tanh", [a], {}),
        () => apply1("flip", [a], { axes }),
        sum,
      ];
      values.push(random.pick(make)());
    }
    const next = inputs.slice(consts, consts + carries).map(() => random.pick(values));
    return { inputs, outputs: [...next, values[values.length - 1]] };
  };
  const scan = floats(
    ranked((x) => {
      const [length, ...rest] = x.shape;
      const [consts, carries] = smooth ? [1, 1] : [random.int(0, 2), random.int(1, 3)];
      const body = smooth ? cell(rest, x.dtype) : mixing(rest, x.dtype, consts, carries);
      const attrs = { body, length, consts, carries, reverse: random.chance(0.5) };
      const given = Array.from({ length: consts + carries }, () => noise(rest, x.dtype));
      const { outputs } = apply("scan", [...given, x], attrs);
      pool.push(...outputs.slice(0, -1));
      return outputs[carries];
    }),
  );

  const movement: Make[] = [
    (x) => {
      const shape = [...x.shape].reverse();
      return apply1("reshape", [x], { shape: random.pick([shape, [numel(shape)], [1, ...shape], [...shape, 1]]) });
    },
    ranked((x) => {
      const perm = [...x.shape.keys()];
      for (let i = perm.length - 1; i > 0; i--) {
        const j = random.int(0, i);
        [perm[i], perm[j]] = [perm[j], perm[i]];
      }
      return apply1("permute", [x], { perm });
    }),
    ranked((x) => apply1("expand", [x], { shape: x.shape.map((n) => (n === 1 ? random.int(1, 4) : n)) })),
    ranked((x) => {
      const start = x.shape.map((n) => random.int(0, n - 1));
      const stop = x.shape.map((n, i) => random.int(start[i] + 1, n));
      return apply1("slice", [x], { start, stop, step: x.shape.map(() => random.int(1, 3)) });
    }),
    ranked((x) => {
      const low = x.shape.map((n) => random.int(n > 2 ? -1 : 0, 2));
      const high = x.shape.map((n) => random.int(n > 2 ? -1 : 0, 2));
      const interior = x.shape.map(() => random.pick([0, 0, 1]));
      return apply1("pad", [x], { low, high, interior, value: random.pick([0, 1]) });
    }),
    ranked((x) => apply1("flip", [x], { axes: axesOf(x) })),
    ranked((x) => apply1("concat", [x, like(x), x].slice(0, random.int(1, 3)), { axis: axisOf(x) })),
    windows,
  ];
  const smoothly: Make[] = [
    elementwise(["neg", "tanh", "sigmoid", "erf", "sin", "cos"], isFloat),
    elementwise(["tanh", "sigmoid", "sin"], isFloat),
    binary(["add", "sub", "mul"], isFloat),
    (x) => apply1("div", [x, apply1("add", [full(1, x.dtype, x.shape), apply1("sigmoid", [like(x)], {})], {})], {}),
    (x) => apply1("where", [noise(x.shape, "bool"), x, like(x)], {}),
    ranked((x) => apply1("sum", [x], { axes: axesOf(x) })),
    ranked((x) => apply1("cumsum", [x], { axis: axisOf(x), reverse: random.chance(0.5) })),
    ranked((x) => apply1("prod", [apply1("tanh", [x], {})], { axes: axesOf(x) })),
    ranked((x) => apply1("cumprod", [apply1("sin", [x], {})], { axis: axisOf(x), reverse: random.chance(0.5) })),
    ...movement,
    fold,
    dot,
    conv,
    take,
    gather,
    indexAdd,
    scatterAdd,
    scan,
  ];
  const anything: Make[] = [
    ...movement,
    ...movement,
    elementwise(["neg", "abs", "sign"], number),
    elementwise(["exp", "tanh", "sigmoid", "erf", "sin", "cos", "expm1", "log", "log1p", "sqrt"], isFloat),
    elementwise(["floor", "ceil", "round", "trunc"], isFloat),
    elementwise(["not"], (dtype) => !isFloat(dtype)),
    binary(["add", "sub", "mul", "div", "mod", "maximum", "minimum"], number),
    binary(["add", "sub", "mul"], number),
    binary(["pow"], isFloat),
    binary(["and", "or", "xor"], (dtype) => !isFloat(dtype)),
    binary(["shl", "shr"], isInteger),
    binary(["eq", "ne", "lt", "le"], () => true),
    (x) => apply1("cast", [x], { dtype: random.pick(dtypes) }),
    (x) =>
      ["f32", "i32", "u32"].includes(x.dtype)
        ? apply1("bitcast", [withoutNaN(x)], { dtype: random.pick(["f32", "i32", "u32"]) })
        : x.dtype === "f64"
          ? apply1("bitcast", [withoutNaN(x)], { dtype: "u32", word: random.pick([0, 1]) })
          : undefined,
    (x) => apply1("where", [like(x, "bool"), x, like(x)], {}),
    (x) => apply1("alias", [x], {}),
    (x) =>
      x.dtype === "u32" ? apply1("threefry", [x, like(x), like(x), like(x)], { word: random.pick([0, 1]) }) : undefined,
    ranked((x) => apply1("iota", [], { shape: x.shape, axis: axisOf(x), dtype: random.pick(dtypes.filter(number)) })),
    numbers(
      ranked((x) =>
        apply1(random.pick(["sum", "prod", "max", "min", "argmax", "argmin"] as const), [x], { axes: axesOf(x) }),
      ),
    ),
    numbers(ranked((x) => apply1("sum", [x], { axes: axesOf(x) }))),
    numbers(
      ranked((x) =>
        apply1(random.pick(["cumsum", "cumprod"] as const), [x], { axis: axisOf(x), reverse: random.chance(0.5) }),
      ),
    ),
    fold,
    dot,
    conv,
    take,
    gather,
    indexAdd,
    scatterAdd,
    ranked((x) => (x.dtype === "u32" ? apply1("argsort", [x], {}) : undefined)),
    scan,
  ];

  for (let i = random.int(2, 3); i > 0; i--)
    pool.push(noise(shapeOf(random.int(smooth ? 1 : 0, 3)), random.pick(dtypes)));
  if (large) {
    const matrix = [random.int(20, 70), random.int(20, 70)];
    const image = [random.int(1, 3), random.int(1, 4), random.int(10, 30), random.int(10, 30)];
    const long = [random.int(1, 4), random.int(33_000, 40_000)];
    pool.push(noise(random.pick([matrix, matrix, image, image, long]), "f32"));
    const reduce = ranked((x) => apply1(random.pick(["sum", "max"] as const), [x], { axes: axesOf(x) }));
    for (let i = 0; i < 6; i++) anything.push(dot, conv, numbers(reduce));
  }
  const makers = smooth ? smoothly : anything;
  const results: Value[] = [];
  for (let i = 0; i < steps; ) {
    // the newest values more often than old ones, so that graphs grow deep
    const x = pool[Math.max(0, pool.length - 1 - Math.floor(random.next() ** 2 * pool.length))];
    const y = random.pick(makers)(x);
    if (!y || numel(y.shape) > limit || y.shape.length > 5) {
      i += 0.1; // nothing fits: try again, but not for ever
      continue;
    }
    pool.push(y);
    results.push(y);
    i++;
  }
  const read = new Set(results.flatMap(({ node }) => node.inputs));
  const ends = results.filter((value) => !read.has(value));
  return { graph: { inputs, outputs: ends.length > 0 ? ends : pool.slice(-1) }, inputs: data };
}
