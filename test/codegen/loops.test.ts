import { describe, expect, test } from "vitest";
import type { DType } from "../../src/core/dtype.ts";
import { FLOAT32, FLOAT64, threefry } from "../../src/core/numerics.ts";
import { pow32, pow64 } from "../../src/core/pow.ts";
import type { BinaryOp, CompareOp, ReduceOp, UnaryOp } from "../../src/core/primitives.ts";
import { constant, EXPR_OPS, guarded, local, makeLocal } from "../../src/lower/expr.ts";
import {
  add,
  constantIndex,
  dataIndex,
  div,
  type Index,
  makeVar,
  mod,
  offset,
  scale,
  sub,
  type Var,
  varIndex,
} from "../../src/lower/index-expr.ts";
import type { Expr, Guard, LoopStmt, ReduceStmt, Stmt, StoreStmt } from "../../src/lower/loop-ir.ts";
import { loopKernel } from "../../src/lower/nest.ts";
import { type Buffer, buffer, checkLoops, compile, empty } from "./loop-harness.ts";

const load = (dtype: DType, at: number, index: Index, guards: readonly Guard[] = [], fill = 0): Expr => ({
  op: "load",
  dtype,
  buffer: at,
  index,
  guards,
  fill,
});
const store = (at: number, index: Index, value: Expr, accumulate = false): StoreStmt => ({
  kind: "store",
  buffer: at,
  index,
  value,
  accumulate,
});
const loop = (variable: Var, body: readonly Stmt[], how: "vector" | "serial" | "plain" = "plain"): LoopStmt => ({
  kind: "loop",
  variable,
  vector: how === "vector",
  serial: how === "serial",
  body,
});
const { unary, binary, compare, where, cast, bitcast } = EXPR_OPS;

/** Numbers with every kind of trouble. */
function numbers(dtype: DType, length: number, seed = 1): number[] {
  let state = seed * 2654435761;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  const odd: Record<DType, number[]> = {
    f32: [0, -0, Number.NaN, Infinity, -Infinity, 0.5, -0.5, 1.5, 2.5, -2.5, 3e9, -3e9, 1e-45, 300.7],
    f64: [0, -0, Number.NaN, Infinity, -Infinity, 0.5, -0.5, 1.5, 2.5, -2.5, 3e9, -3e9, 5e-324, 300.7],
    i32: [0, 1, -1, 2147483647, -2147483648, 7, -7, 31, 32, 33],
    u32: [0, 1, 4294967295, 2147483648, 7, 31, 32, 33],
    u8: [0, 1, 255, 128, 7, 31, 32, 33],
    bool: [0, 1],
  };
  return Array.from({ length }, (_, i) => {
    if (i % 3 === 0) return odd[dtype][Math.floor(next() * odd[dtype].length)];
    if (dtype === "bool") return next() < 0.5 ? 0 : 1;
    if (dtype === "u8") return Math.floor(next() * 256);
    if (dtype === "i32") return Math.floor((next() - 0.5) * 200);
    if (dtype === "u32") return Math.floor(next() * 200);
    return (next() - 0.5) * 20;
  });
}

const filled = (dtype: DType, length: number, seed?: number): Buffer => buffer(dtype, numbers(dtype, length, seed));
/** Floats that sums stay finite with. */
const tame = (dtype: DType, length: number, seed = 1): Buffer =>
  buffer(
    dtype,
    numbers(dtype, length, seed).map((x) => (Number.isFinite(x) && Math.abs(x) < 1e6 ? x : 0.25)),
  );

const DTYPES: readonly DType[] = ["f32", "f64", "i32", "u32", "u8", "bool"];
// Whole vectors, every tail, more than one unrolled round.
const SIZES = [1, 2, 3, 4, 5, 7, 8, 37];

/** out[i] = f(x[i], y[i]), in vectors and one by one. */
function elementwise(f: (x: Expr, y: Expr) => Expr, inputs: readonly [Buffer, Buffer], outDType: DType): void {
  const n = inputs[0].data.length;
  for (const how of ["vector", "plain"] as const) {
    const i = makeVar("i", n);
    const at = varIndex(i);
    const value = f(load(inputs[0].dtype, 0, at), load(inputs[1].dtype, 1, at));
    checkLoops([loop(i, [store(2, at, value)], how)], [...inputs, empty(outDType, n)]);
  }
}

describe("elementwise", () => {
  for (const dtype of DTYPES) {
    test(`${dtype}: copies of every length`, () => {
      for (const n of SIZES) elementwise((x) => x, [filled(dtype, n), filled(dtype, n)], dtype);
    });

    const float = dtype === "f32" || dtype === "f64";
    const unaries: UnaryOp[] = float
      ? ["neg", "abs", "sign", "sqrt", "floor", "ceil", "round", "trunc"]
      : dtype === "bool"
        ? ["not"]
        : ["neg", "abs", "sign", "not"];
    for (const name of unaries) {
      test(`${name} of ${dtype}`, () =>
        elementwise((x) => unary(name, x), [filled(dtype, 61), filled(dtype, 61)], dtype));
    }

    const binaries: BinaryOp[] = float
      ? ["add", "sub", "mul", "div", "mod", "maximum", "minimum"]
      : dtype === "bool"
        ? ["and", "or", "xor"]
        : ["add", "sub", "mul", "div", "mod", "maximum", "minimum", "and", "or", "xor", "shl", "shr"];
    for (const name of binaries) {
      test(`${name} of ${dtype}`, () => {
        elementwise((x, y) => binary(name, x, y), [filled(dtype, 131, 2), filled(dtype, 131, 3)], dtype);
        if (dtype !== "bool")
          elementwise((x) => binary(name, x, constant(3, dtype)), [filled(dtype, 21), filled(dtype, 21)], dtype);
      });
    }

    for (const name of ["eq", "ne", "lt", "le"] satisfies CompareOp[]) {
      test(`${name} of ${dtype}`, () =>
        elementwise((x, y) => compare(name, x, y), [filled(dtype, 131, 2), filled(dtype, 131, 3)], "bool"));
    }

    for (const to of DTYPES) {
      test(`${dtype} to ${to}`, () => elementwise((x) => cast(x, to), [filled(dtype, 131, 5), filled(dtype, 131)], to));
    }

    test(`where of ${dtype}`, () => {
      elementwise((x, y) => where(compare("lt", x, y), x, y), [filled(dtype, 61, 2), filled(dtype, 61, 3)], dtype);
      elementwise((x, y) => where(compare("lt", x, y), y, x), [filled(dtype, 61, 2), filled(dtype, 61, 3)], dtype);
      elementwise(
        (x, y) => where(compare("eq", x, y), constant(1, dtype), x),
        [filled(dtype, 61, 2), filled(dtype, 61, 3)],
        dtype,
      );
    });

    test(`iota as ${dtype}`, () => {
      const i = makeVar("i", 37);
      const at: Expr = { op: "index", dtype: "i32", index: offset(scale(varIndex(i), 3), -20) };
      checkLoops([loop(i, [store(0, varIndex(i), cast(at, dtype))], "vector")], [empty(dtype, 37)]);
    });
  }

  for (const name of ["exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "sin", "cos"] satisfies UnaryOp[]) {
    test(`${name} of f64, by its formula`, () =>
      elementwise((x) => FLOAT64[name](EXPR_OPS, x), [filled("f64", 61), filled("f64", 61)], "f64"));
    test(`${name} of f32, by its formula`, () =>
      elementwise((x) => FLOAT32[name](EXPR_OPS, x), [filled("f32", 61), filled("f32", 61)], "f32"));
  }

  test("pow", () => {
    elementwise((x, y) => pow32(EXPR_OPS, x, y), [filled("f32", 97), filled("f32", 97, 2)], "f32");
    elementwise((x, y) => pow64(EXPR_OPS, x, y), [filled("f64", 97), filled("f64", 97, 2)], "f64");
  });

  test("bitcasts", () => {
    elementwise((x) => bitcast(x, "i32"), [tame("f32", 21), tame("f32", 21)], "i32");
    elementwise((x) => bitcast(bitcast(x, "u32"), "f32"), [tame("f32", 21), tame("f32", 21)], "f32");
    for (const word of [0, 1] as const)
      elementwise((x) => EXPR_OPS.word(x, word), [filled("f64", 21), filled("f64", 21)], "u32");
    elementwise(
      (low, high) => EXPR_OPS.join(low, EXPR_OPS.binary("and", high, constant(0xbfffffff, "u32"))),
      [filled("u32", 21), filled("u32", 21, 2)],
      "f64",
    );
  });

  test("threefry", () => {
    elementwise(
      (x, y) => threefry(EXPR_OPS, x, y, y, constant(7, "u32"))[1],
      [filled("u32", 21), filled("u32", 21, 2)],
      "u32",
    );
  });

  test("an expression that is used many times is computed once", () => {
    const i = makeVar("i", 10);
    const doubled = (times: number): LoopStmt => {
      let x = load("f32", 0, varIndex(i));
      for (let k = 0; k < times; k++) x = binary("mul", binary("add", x, x), constant(0.5, "f32"));
      return loop(i, [store(1, varIndex(i), x)], "vector");
    };
    const buffers = [tame("f32", 10), empty("f32", 10)];
    checkLoops([doubled(8)], buffers);
    expect(compile(loopKernel("2⁶⁰ paths", [doubled(60)], 1), buffers).bytes.length).toBeLessThan(8000);
  });

  test("stores that follow one another act together", () => {
    const i = makeVar("i", 7);
    const at = varIndex(i);
    const [x, y] = [load("f32", 0, at), load("f32", 1, at)];
    checkLoops([loop(i, [store(0, at, y), store(1, at, x)], "vector")], [tame("f32", 7, 1), tame("f32", 7, 2)]);
  });

  test("an empty loop does nothing", () => {
    const i = makeVar("i", 0);
    const j = makeVar("j", 0);
    checkLoops(
      [
        loop(makeVar("k", 3), [
          loop(i, [store(0, varIndex(i), constant(1, "f32"))], "vector"),
          loop(j, [store(0, varIndex(j), constant(1, "f32"))]),
        ]),
      ],
      [tame("f32", 4)],
    );
  });
});

describe("indices", () => {
  for (const dtype of DTYPES) {
    test(`${dtype}: transposed, reversed, strided and broadcast`, () => {
      for (const n of [3, 4, 6, 9]) {
        const m = 5;
        const [i, j] = [makeVar("i", m), makeVar("j", n)];
        const at = add(scale(varIndex(i), n), varIndex(j));
        const transposed = add(scale(varIndex(j), m), varIndex(i));
        const flipped = sub(constantIndex(m * n - 1), at);
        const pick = (...indices: Index[]) => indices.map((index, k) => store(k + 1, at, load(dtype, 0, index)));
        const body = [
          ...pick(transposed, flipped, scale(at, 2), varIndex(j), varIndex(i)),
          store(6, transposed, load(dtype, 0, at)),
          store(7, scale(at, 2), load(dtype, 0, at)),
        ];
        const outputs = Array.from({ length: 6 }, () => empty(dtype, m * n));
        checkLoops(
          [loop(i, [loop(j, body, "vector")])],
          [filled(dtype, 2 * m * n), ...outputs, empty(dtype, 2 * m * n)],
        );
      }
    });
  }

  test("quotients and remainders of the vector variable", () => {
    const n = 23;
    const i = makeVar("i", n);
    const at = varIndex(i);
    const odd = [
      div(at, 3),
      mod(at, 5),
      add(scale(mod(at, 3), 7), div(at, 4)),
      mod(offset(at, -9), 8),
      offset(div(offset(at, -9), 4), 3),
    ];
    const body = odd.map((index, k) => store(k + 1, at, load("f32", 0, index)));
    const numbersOf = odd.map((index, k) => store(k + 6, at, { op: "index", dtype: "i32", index } as Expr));
    const outputs = [...odd.map(() => empty("f32", n)), ...odd.map(() => empty("i32", n))];
    checkLoops([loop(i, [...body, ...numbersOf], "vector")], [tame("f32", 40), ...outputs]);
  });

  for (const dtype of ["f32", "f64", "i32", "u8", "bool"] as const) {
    test(`lanes that share elements of ${dtype}`, () => {
      for (const [by, shift, n] of [
        [2, 0, 28],
        [2, 1, 37],
        [4, 2, 23],
        [8, 0, 33],
        [8, 3, 16],
      ]) {
        const [i, j] = [makeVar("i", 2), makeVar("j", n)];
        const at = offset(varIndex(j), shift);
        const odd = [div(at, by), mod(at, by), add(scale(div(at, 2 * by), by), mod(at, by))].map((index) =>
          add(index, varIndex(i)),
        );
        const out = add(scale(varIndex(i), n), varIndex(j));
        const body = odd.map((index, k) => store(k + 3, out, load(dtype, k, index)));
        const inputs = odd.map((index, k) => (dtype === "u8" ? filled : tame)(dtype, index.high + 1, k));
        checkLoops([loop(i, [loop(j, body, "vector")])], [...inputs, ...odd.map(() => empty(dtype, 2 * n))]);
      }
    });
  }

  test("a scan's variable comes from the control block", () => {
    const t = makeVar("t", 5);
    const i = makeVar("i", 6);
    const at = add(scale(varIndex(t), 6), varIndex(i));
    checkLoops([loop(i, [store(1, at, load("f32", 0, at))], "vector")], [tame("f32", 30), empty("f32", 30)], {
      positions: new Map([[t, 3]]),
    });
  });

  test("an outer product and a scalar program", () => {
    const [i, j] = [makeVar("i", 3), makeVar("j", 6)];
    const product = binary("mul", load("f32", 0, varIndex(i)), unary("neg", load("f32", 1, varIndex(j))));
    checkLoops(
      [loop(i, [loop(j, [store(2, add(scale(varIndex(i), 6), varIndex(j)), product)], "vector")])],
      [tame("f32", 3), tame("f32", 6, 2), empty("f32", 18)],
    );
    const zero = constantIndex(0);
    checkLoops(
      [store(1, zero, binary("add", load("f32", 0, zero), constant(1, "f32")))],
      [tame("f32", 1), empty("f32", 1)],
    );
    checkLoops([store(1, zero, unary("sqrt", load("f64", 0, zero)))], [tame("f64", 1), empty("f64", 1)]);
  });
});

test("buffers above 2 GB", () => {
  const [i, j] = [makeVar("i", 3), makeVar("j", 13)];
  const at = add(scale(varIndex(i), 13), varIndex(j));
  const value = binary("add", load("f32", 0, at), load("f32", 1, sub(constantIndex(38), at)));
  const body = [loop(i, [loop(j, [store(2, at, value)], "vector")])];
  checkLoops(body, [tame("f32", 39), tame("f32", 39, 2), empty("f32", 39)], { base: 2 ** 31 - 64 });
});

describe("guards", () => {
  for (const dtype of DTYPES) {
    test(`${dtype}: padding along the vector axis and across it`, () => {
      const [h, w] = [4, 11];
      const [i, j] = [makeVar("i", h + 3), makeVar("j", w + 5)];
      const [y, x] = [offset(varIndex(i), -1), offset(varIndex(j), -3)];
      const guards = [
        { index: y, low: 0, high: h },
        { index: x, low: 0, high: w },
      ];
      const inside = load(dtype, 0, add(scale(y, w), x), guards, 1);
      const out = add(scale(varIndex(i), w + 5), varIndex(j));
      const twice = guarded(guards, 0, where(compare("eq", inside, constant(1, dtype)), constant(0, dtype), inside));
      const size = (h + 3) * (w + 5);
      checkLoops(
        [loop(i, [loop(j, [store(1, out, inside), store(2, out, twice)], "vector")])],
        [filled(dtype, h * w), empty(dtype, size), empty(dtype, size)],
      );
      checkLoops(
        [loop(i, [loop(j, [store(1, out, inside), store(2, out, twice)])])],
        [filled(dtype, h * w), empty(dtype, size), empty(dtype, size)],
      );
    });

    test(`${dtype}: guards that are not intervals`, () => {
      const i = makeVar("i", 22);
      const at = varIndex(i);
      const guards = [{ index: mod(at, 3), low: 0, high: 1 }];
      const value = guarded(guards, 1, load(dtype, 0, div(at, 3), guards));
      checkLoops([loop(i, [store(1, at, value)], "vector")], [filled(dtype, 8), empty(dtype, 22)]);
    });
  }

  test("broadcast and strided loads under guards", () => {
    const i = makeVar("i", 21);
    const at = varIndex(i);
    const guards = [{ index: at, low: 6, high: 17 }];
    const far = [constantIndex(2), offset(scale(at, 2), -12), sub(constantIndex(16), at)];
    const body = far.map((index, k) => store(k + 1, at, load("f32", 0, index, guards, -1)));
    checkLoops([loop(i, body, "vector")], [tame("f32", 30), ...far.map(() => empty("f32", 21))]);
  });

  test("addresses before the buffer, and before memory, are not formed", () => {
    // Of the first lanes none may be read, and the first address would wrap around.
    const i = makeVar("i", 4005);
    const at = offset(varIndex(i), -4000);
    const value = load("f32", 0, at, [{ index: at, low: 0, high: 5 }], 2);
    checkLoops([loop(i, [store(1, varIndex(i), value)], "vector")], [tame("f32", 5), empty("f32", 4005)]);
  });
});

describe("indices from data", () => {
  const rows = 6;
  const check = (value: Expr, size: number, guards: readonly Guard[] = []): Expr => ({
    op: "check",
    dtype: "i32",
    value,
    size,
    code: 3,
    guards,
  });

  for (const n of [3, 9]) {
    for (const bad of [false, true]) {
      test(`${n} lookups of rows, ${bad ? "some" : "none"} out of range`, () => {
        const index = buffer(
          "i32",
          Array.from({ length: n }, (_, k) => (bad && k === 1 ? rows : bad && k === 2 ? -1 : (k * 5) % rows)),
        );
        for (const how of ["slices", "elements"] as const) {
          const [i, j] = [makeVar("i", n), makeVar("j", 5)];
          const row = dataIndex(check(load("i32", 1, varIndex(i)), rows), 0, rows - 1);
          const out = add(scale(varIndex(i), 5), varIndex(j));
          const copy = store(2, out, load("f32", 0, add(scale(row, 5), varIndex(j))));
          const body =
            how === "slices" ? [loop(i, [loop(j, [copy], "vector")])] : [loop(j, [loop(i, [copy], "vector")])];
          const { status } = checkLoops(body, [tame("f32", rows * 5), index, empty("f32", n * 5)]);
          expect(status).toBe(bad ? 3 : 0);
        }
      });
    }
  }

  test("a check under a guard that fails does not fail", () => {
    const i = makeVar("i", 9);
    const at = varIndex(i);
    const guards = [{ index: at, low: 0, high: 5 }];
    const index = buffer("i32", [0, 1, 2, 3, 4, 99, 99, 99, 99]);
    const row = dataIndex(check(load("i32", 1, at), rows, guards), 0, rows - 1);
    const { status } = checkLoops(
      [loop(i, [store(2, at, load("f32", 0, row, guards, 7))], "vector")],
      [tame("f32", rows), index, empty("f32", 9)],
    );
    expect(status).toBe(0);
  });

  for (const dtype of ["f32", "f64", "i32", "u8"] as const) {
    test(`${dtype}: scatter-add in index order`, () => {
      const n = 11;
      const index = buffer(
        "i32",
        Array.from({ length: n }, (_, k) => (k * k) % rows),
      );
      for (const how of ["plain", "vector"] as const) {
        const [i, j] = [makeVar("i", n), makeVar("j", 5)];
        const row = dataIndex(check(load("i32", 1, varIndex(i)), rows), 0, rows - 1);
        const value = load(dtype, 2, add(scale(varIndex(i), 5), varIndex(j)));
        const body = [loop(i, [loop(j, [store(0, add(scale(row, 5), varIndex(j)), value, true)], how)], "serial")];
        checkLoops(body, [tame(dtype, rows * 5), index, tame(dtype, n * 5, 3)]);
      }
      // Lanes that meet at one element add to it in their order.
      const i = makeVar("i", n);
      const at = dataIndex(check(load("i32", 1, varIndex(i)), rows), 0, rows - 1);
      const body = [store(0, at, load(dtype, 2, varIndex(i)), true)];
      checkLoops(
        [{ kind: "loop", variable: i, vector: true, serial: true, body }],
        [tame(dtype, rows), index, tame(dtype, n)],
      );
    });
  }
});

describe("reductions", () => {
  const result = (
    op: ReduceStmt["op"],
    dtype: DType,
    variables: readonly Var[],
    lanes: number,
    value: Expr,
    other?: Expr,
  ): ReduceStmt => ({
    kind: "reduce",
    op,
    variables,
    lanes,
    value,
    other,
    result: makeLocal(op === "argmax" || op === "argmin" ? "i32" : dtype),
  });

  for (const [how, lanes] of [
    ["in lanes", 32],
    ["one after the other", 1],
  ] as const) {
    test(`several over the same positions, ${how}`, () => {
      const [i, r, s] = [makeVar("i", 5), makeVar("r", 3), makeVar("s", 39)];
      const at = add(scale(varIndex(i), 117), add(scale(varIndex(r), 39), varIndex(s)));
      const x = load("f32", 0, at);
      const most = result("max", "f32", [r, s], lanes, x);
      const stmts = [
        most,
        result("argmax", "f32", [r, s], lanes, x),
        result("sum", "f32", [r, s], lanes, x),
        result("dot", "f32", [r, s], lanes, x, load("f32", 1, at)),
        result("min", "f32", [r, s], lanes, x),
        result("sum", "f32", [r, s], lanes, binary("sub", x, local(most.result))),
        result("sum", "i32", [r, s], lanes, load("i32", 2, at)),
      ];
      const stores = stmts.map((stmt, k) => store(k + 3, varIndex(i), local(stmt.result)));
      const inputs = [tame("f32", 585), tame("f32", 585, 2), filled("i32", 585)];
      const outputs = stmts.map((stmt) => empty(stmt.result.dtype, 5));
      checkLoops([loop(i, [...stmts, ...stores], lanes === 1 ? "vector" : "plain")], [...inputs, ...outputs]);
    });
  }

  for (const dtype of ["f32", "f64", "i32", "u32", "u8"] as const) {
    for (const op of ["sum", "prod", "max", "min"] satisfies ReduceOp[]) {
      test(`${op} of ${dtype} in lanes`, () => {
        for (const [outer, n, lanes] of [
          [1, 2, 2],
          [3, 2, 2],
          [1, 3, 4],
          [2, 7, 8],
          [1, 13, 16],
          [1, 32, 32],
          [2, 33, 32],
          [3, 37, 32],
          [1, 100, 32],
        ]) {
          const [r, k, j] = [makeVar("r", 3), makeVar("k", outer), makeVar("j", n)];
          const index = add(scale(varIndex(r), outer * n), add(scale(varIndex(k), n), varIndex(j)));
          const total = result(op, dtype, [k, j], lanes, load(dtype, 0, index));
          const body = [loop(r, [total, store(1, varIndex(r), local(total.result))])];
          checkLoops(body, [tame(dtype, 3 * outer * n), empty(dtype, 3)]);
          checkLoops(body, [filled(dtype, 3 * outer * n), empty(dtype, 3)]);
        }
      });

      test(`${op} of ${dtype}, one after the other`, () => {
        for (const [k, n] of [
          [1, 5],
          [3, 4],
          [9, 3],
          [20, 37],
        ]) {
          for (const how of ["vector", "plain"] as const) {
            const [r, j] = [makeVar("r", k), makeVar("j", n)];
            const value = load(dtype, 0, add(scale(varIndex(r), n), varIndex(j)));
            const total = result(op, dtype, [r], 1, value);
            const scaled = binary("sub", local(total.result), load(dtype, 1, varIndex(j)));
            checkLoops([loop(j, [total, store(1, varIndex(j), scaled)], how)], [tame(dtype, k * n), tame(dtype, n, 2)]);
          }
        }
      });
    }

    for (const op of ["argmax", "argmin"] as const) {
      test(`${op} of ${dtype}`, () => {
        for (const [outer, n, lanes] of [
          [1, 3, 4],
          [2, 7, 8],
          [3, 37, 32],
          [1, 100, 32],
          [2, 5, 1],
        ]) {
          for (const seed of [1, 2, 3]) {
            const [r, k, j] = [makeVar("r", 4), makeVar("k", outer), makeVar("j", n)];
            const index = add(scale(varIndex(r), outer * n), add(scale(varIndex(k), n), varIndex(j)));
            const best = result(op, "i32", [k, j], lanes, load(dtype, 0, index));
            const body = [loop(r, [best, store(1, varIndex(r), local(best.result))])];
            checkLoops(body, [filled(dtype, 4 * outer * n, seed), empty("i32", 4)]);
            checkLoops(body, [tame(dtype, 4 * outer * n, seed), empty("i32", 4)]);
            const worst = op === "argmax" ? -Infinity : Infinity;
            if (dtype === "f32" || dtype === "f64")
              checkLoops(body, [buffer(dtype, new Array(4 * outer * n).fill(worst)), empty("i32", 4)]);
          }
        }
        const [r, j] = [makeVar("r", 9), makeVar("j", 23)];
        const best = result(op, "i32", [r], 1, load(dtype, 0, add(scale(varIndex(r), 23), varIndex(j))));
        checkLoops(
          [loop(j, [best, store(1, varIndex(j), local(best.result))], "vector")],
          [filled(dtype, 9 * 23), empty("i32", 23)],
        );
      });
    }

    test(`dot of ${dtype}`, () => {
      const [m, k, n] = [3, 7, 23];
      const [i, r, j] = [makeVar("i", m), makeVar("r", k), makeVar("j", n)];
      const a = load(dtype, 0, add(scale(varIndex(i), k), varIndex(r)));
      const b = load(dtype, 1, add(scale(varIndex(r), n), varIndex(j)));
      const sum = result("dot", dtype, [r], 1, a, b);
      const body = [
        loop(i, [loop(j, [sum, store(2, add(scale(varIndex(i), n), varIndex(j)), local(sum.result))], "vector")]),
      ];
      checkLoops(body, [tame(dtype, m * k), tame(dtype, k * n, 2), empty(dtype, m * n)]);
    });

    test(`dot of ${dtype} in lanes`, () => {
      for (const k of [32, 64, 75, 131]) {
        const m = 3;
        const [i, r] = [makeVar("i", m), makeVar("r", k)];
        const a = load(dtype, 0, add(scale(varIndex(i), k), varIndex(r)));
        for (const stride of [1, 3]) {
          const b = load(dtype, 1, scale(varIndex(r), stride));
          const sum = result("dot", dtype, [r], 32, a, b);
          checkLoops(
            [loop(i, [sum, store(2, varIndex(i), local(sum.result))])],
            [tame(dtype, m * k), tame(dtype, k * stride, 2), empty(dtype, m)],
          );
        }
      }
    });
  }

  test("windows that reach over the edge", () => {
    const [n, size] = [19, 5];
    const [i, r] = [makeVar("i", n), makeVar("r", size)];
    const at = offset(add(varIndex(i), varIndex(r)), -2);
    const value = load("f32", 0, at, [{ index: at, low: 0, high: n }], -Infinity);
    const most = result("max", "f32", [r], 1, value);
    checkLoops(
      [loop(i, [most, store(1, varIndex(i), local(most.result))], "vector")],
      [tame("f32", n), empty("f32", n)],
    );
  });

  test("reductions over nothing give the identity", () => {
    const [r, j] = [makeVar("r", 0), makeVar("j", 6)];
    const sum = result("sum", "f32", [r], 1, load("f32", 0, add(scale(varIndex(r), 6), varIndex(j))));
    const inLanes = result("prod", "f32", [r], 1, load("f32", 0, varIndex(r)));
    checkLoops([loop(j, [sum, store(1, varIndex(j), local(sum.result))], "vector")], [empty("f32", 1), tame("f32", 6)]);
    checkLoops([inLanes, store(1, constantIndex(0), local(inLanes.result))], [empty("f32", 1), tame("f32", 1)]);
  });

  test("softmax: a row's maximum, sum and quotients in one nest", () => {
    const [rows, n] = [3, 21];
    const i = makeVar("i", rows);
    const [j, k, l] = [makeVar("j", n), makeVar("k", n), makeVar("l", n)];
    const at = (v: Var) => load("f32", 0, add(scale(varIndex(i), n), varIndex(v)));
    const most = result("max", "f32", [j], 32, at(j));
    const exps = (v: Var) => FLOAT32.exp(EXPR_OPS, binary("sub", at(v), local(most.result)));
    const sum = result("sum", "f32", [k], 32, exps(k));
    const quotient = binary("div", exps(l), local(sum.result));
    checkLoops(
      [loop(i, [most, sum, loop(l, [store(1, add(scale(varIndex(i), n), varIndex(l)), quotient)], "vector")])],
      [tame("f32", rows * n), empty("f32", rows * n)],
    );
  });

  test("a row that is written before it is read, also as an index", () => {
    const [rows, n] = [3, 10];
    const i = makeVar("i", rows);
    const [j, k, l] = [makeVar("j", n), makeVar("k", n), makeVar("l", n)];
    const at = (v: Var) => add(scale(varIndex(i), n), varIndex(v));
    const picked = dataIndex(load("i32", 3, varIndex(i)), 0, n - 1);
    const sum = result("sum", "f32", [k], 16, load("f32", 1, at(k)));
    checkLoops(
      [
        loop(i, [
          loop(j, [store(1, at(j), unary("neg", load("f32", 0, at(j))))], "vector"),
          sum,
          store(3, varIndex(i), cast({ op: "index", dtype: "i32", index: add(varIndex(i), constantIndex(4)) }, "i32")),
          loop(
            l,
            [store(2, at(l), binary("add", load("f32", 1, add(scale(varIndex(i), n), picked)), load("f32", 1, at(l))))],
            "vector",
          ),
          store(4, varIndex(i), local(sum.result)),
        ]),
      ],
      [tame("f32", rows * n), empty("f32", rows * n), empty("f32", rows * n), empty("i32", rows), empty("f32", rows)],
    );
  });

  test("mean and deviation of columns: a reduction that needs another", () => {
    const [rows, n] = [9, 39];
    const j = makeVar("j", n);
    const [r, s] = [makeVar("r", rows), makeVar("s", rows)];
    const at = (v: Var) => load("f32", 0, add(scale(varIndex(v), n), varIndex(j)));
    const sum = result("sum", "f32", [r], 1, at(r));
    const mean = binary("div", local(sum.result), constant(rows, "f32"));
    const deviation = binary("sub", at(s), mean);
    const squares = result("sum", "f32", [s], 1, binary("mul", deviation, deviation));
    checkLoops(
      [loop(j, [sum, squares, store(1, varIndex(j), mean), store(2, varIndex(j), local(squares.result))], "vector")],
      [tame("f32", rows * n), empty("f32", n), empty("f32", n)],
    );
  });

  test("a mixed kernel: f32 data summed in f64, bool counted", () => {
    const n = 37;
    const [i, k] = [makeVar("i", n), makeVar("k", n)];
    const sum = result("sum", "f64", [i], 32, cast(load("f32", 0, varIndex(i)), "f64"));
    const count = result(
      "sum",
      "i32",
      [k],
      32,
      cast(compare("lt", load("f32", 0, varIndex(k)), constant(0, "f32")), "i32"),
    );
    const zero = constantIndex(0);
    checkLoops(
      [sum, count, store(1, zero, local(sum.result)), store(2, zero, local(count.result))],
      [tame("f32", n), empty("f64", 1), empty("i32", 1)],
    );
  });
});

describe("running sums", () => {
  for (const dtype of ["f32", "f64", "i32", "u8"] as const) {
    for (const op of ["cumsum", "cumprod"] as const) {
      test(`${op} of ${dtype}`, () => {
        for (const reverse of [false, true]) {
          for (const how of ["vector", "plain"] as const) {
            for (const n of [1, 7, 21]) {
              const [r, j] = [makeVar("r", 6), makeVar("j", n)];
              const at = add(scale(varIndex(r), n), varIndex(j));
              const value = load(dtype, 0, at);
              const body: Stmt = { kind: "cumulate", op, variable: r, reverse, value, store: store(1, at, value) };
              checkLoops([loop(j, [body], how)], [tame(dtype, 6 * n), empty(dtype, 6 * n)]);
            }
          }
        }
      });
    }
  }
});
