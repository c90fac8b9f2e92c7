import { describe, expect, it } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import type { Value } from "../../src/core/graph.ts";
import { apply, apply1, type ConvAttrs } from "../../src/core/primitives.ts";
import { numel, type Shape } from "../../src/core/shape.ts";
import type { ContractionKernel, Kernel } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { showProgram } from "../../src/lower/print.ts";
import { Random } from "../graphs.ts";
import { runProgram } from "./program-reference.ts";

const input = (shape: Shape): Value => apply1("input", [], { shape, dtype: "f32" });
const [dot, add, mul] = (["dot", "add", "mul"] as const).map((op) => (a: Value, b: Value) => apply1(op, [a, b], {}));
const t = (x: Value): Value => apply1("permute", [x], { perm: [1, 0] });
const zeros = (x: Value): Value =>
  apply1(
    "expand",
    [apply1("reshape", [apply1("constant", [], { value: 0, dtype: "f32" })], { shape: x.shape.map(() => 1) })],
    { shape: x.shape },
  );
const row = (x: Value, like: Value): Value =>
  apply1("expand", [apply1("reshape", [x], { shape: [1, x.shape[0]] })], { shape: like.shape });

const flat = (kernels: readonly Kernel[]): Kernel[] => kernels.flatMap((k) => (k.kind === "scan" ? flat(k.body) : [k]));

interface Expected {
  /** kernels in all, of which contractions with epilogues */
  readonly kernels: number;
  readonly epilogues: number;
}

/** Lowers with epilogues, runs in blocks of some sizes, and compares with the interpreter bit by bit. */
function check(
  inputs: readonly Value[],
  outputs: readonly Value[],
  expected: Expected,
  states: readonly { readonly input: number; readonly output: number }[] = [],
): ContractionKernel[] {
  const graph = { inputs, outputs };
  const random = new Random(inputs.length);
  const data = inputs.map(({ shape }) => Float32Array.from({ length: numel(shape) }, () => random.next() * 2 - 1));
  const traced = { graph, args: inputs.length - states.length, results: outputs.length - states.length, states };
  const program = lower(traced, { fuse: true, epilogues: true });
  const all = flat(program.kernels);
  const contractions = all.filter((k) => k.kind === "contraction");
  const found = { kernels: all.length, epilogues: contractions.filter((k) => k.epilogue).length };
  expect(found, showProgram(program)).toEqual(expected);
  for (const fma of [false, true]) {
    const want = interpret(graph, data, { mode: "exact", fma });
    for (const block of [
      [1000, 1000],
      [3, 5],
      [8, 16],
    ] as const) {
      const { results, states } = runProgram(program, data.slice(0, traced.args), data.slice(traced.args), {
        fma,
        block,
      });
      expect([...results, ...states]).toEqual(want);
    }
  }
  return contractions;
}

describe("what follows a contraction element by element is done with it", () => {
  const [x, w, b] = [input([24, 40]), input([30, 40]), input([30])];
  const z = dot(x, t(w));

  it("bias and relu", () => {
    const sum = add(z, row(b, z));
    const relu = apply1("maximum", [sum, zeros(sum)], {});
    const [kernel] = check([x, w, b], [relu], { kernels: 1, epilogues: 1 });
    expect(kernel.epilogue!.nest.reads).toContain(2);
    expect(kernel.reads).toContain(2);
    expect(
      showProgram(
        lower(
          { graph: { inputs: [x, w, b], outputs: [relu] }, args: 3, results: 1, states: [] },
          { fuse: true, epilogues: true },
        ),
      ),
    ).toContain("then for g");
  });

  it("a mask, a residual, two results", () => {
    const [mask, residual] = [input([24, 30]), input([24, 30])];
    const on = apply1("lt", [zeros(mask), mask], {});
    const masked = apply1("where", [on, z, zeros(z)], {});
    check([x, w, mask, residual], [masked, add(masked, residual), z], { kernels: 1, epilogues: 1 });
  });

  it("a map that reads two contractions goes with the one that comes last", () => {
    const [h, u] = [input([24, 40]), input([30, 40])];
    const sum = apply1("tanh", [add(add(z, dot(h, t(u))), row(b, z))], {});
    check([x, w, b, h, u], [sum], { kernels: 2, epilogues: 1 });
  });

  it("in another shape, and in another order of axes", () => {
    const y = dot(input([48, 30]), input([30, 40])); // (B·T, H·D)
    const [a, c] = y.node.inputs;
    const scaled = input([4, 12, 40]);
    check([a, c, scaled], [mul(apply1("reshape", [y], { shape: [4, 12, 40] }), scaled)], { kernels: 1, epilogues: 1 });
    const wide = input([40, 48]);
    const [kernel] = check([a, c, wide], [mul(t(y), wide)], { kernels: 1, epilogues: 1 });
    expect(kernel.epilogue!.cols.map((v) => v.size)).toEqual([48]); // neighbours in memory are columns
  });

  it("batch by batch", () => {
    const [p, q, r] = [input([3, 20, 30]), input([3, 30, 25]), input([3, 20, 25])];
    check([p, q, r], [mul(dot(p, q), r)], { kernels: 1, epilogues: 1 });
  });

  it("state that a gradient goes into", () => {
    const [g, state] = [input([24, 30]), input([30, 40])];
    const next = add(state, dot(t(g), x));
    check([x, g, state], [next], { kernels: 1, epilogues: 1 }, [{ input: 2, output: 0 }]);
  });

  it("a convolution's bias", () => {
    const attrs: ConvAttrs = {
      stride: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
      inputDilation: [1, 1],
      kernelDilation: [1, 1],
      featureGroups: 1,
      batchGroups: 1,
    };
    for (const images of [1, 3]) {
      const [image, kernel, bias] = [input([images, 4, 10, 10]), input([8, 4, 3, 3]), input([8])];
      const y = apply1("conv", [image, kernel], attrs);
      const spread = apply1("expand", [apply1("reshape", [bias], { shape: [1, 8, 1, 1] })], { shape: y.shape });
      const [found] = check([image, kernel, bias], [add(y, spread)], { kernels: 1, epilogues: 1 });
      expect(found.epilogue!.cols.map((v) => v.size)).toEqual(images > 1 ? [3, 64] : [64]);
    }
  });

  it("each step of a scan", () => {
    const [u, h0, xs] = [input([30, 30]), input([24, 30]), input([5, 24, 30])];
    const [wt, h, step] = [input([30, 30]), input([24, 30]), input([24, 30])];
    const y = apply1("tanh", [add(dot(h, wt), step)], {});
    const next = apply1("sin", [h], {});
    const body = { inputs: [wt, h, step], outputs: [next, y] };
    const { outputs } = apply("scan", [u, h0, xs], { body, length: 5, consts: 1, carries: 1, reverse: false });
    check([u, h0, xs], outputs, { kernels: 3, epilogues: 1 }); // carry, contraction, next
  });
});

describe("what does not belong to one element is not", () => {
  const [x, w] = [input([24, 40]), input([30, 40])];
  const z = dot(x, t(w));

  it("a reduction, or an element of another place", () => {
    check([x, w], [apply1("sum", [z], { axes: [1] })], { kernels: 2, epilogues: 0 });
    check([x, w], [add(z, apply1("flip", [z], { axes: [1] }))], { kernels: 2, epilogues: 0 });
    const half = apply1("slice", [z], { start: [0, 0], stop: [24, 30], step: [1, 2] });
    check([x, w], [add(half, half)], { kernels: 2, epilogues: 0 });
  });

  it("a map that needs what comes after the contraction", () => {
    const total = apply1("expand", [apply1("reshape", [apply1("sum", [z], { axes: [0, 1] })], { shape: [1, 1] })], {
      shape: z.shape,
    });
    check([x, w], [mul(z, total)], { kernels: 2, epilogues: 0 });
  });

  it("a map that overwrites what the contraction reads", () => {
    const state = input([24, 24]);
    const next = add(state, dot(x, t(x)));
    check([x, state], [next], { kernels: 1, epilogues: 1 }, [{ input: 1, output: 0 }]);
    const self = add(state, dot(state, t(state)));
    check([state], [self], { kernels: 2, epilogues: 0 }, [{ input: 0, output: 0 }]);
  });

  it("the parts of a long sum", () => {
    const [p, q] = [input([2, 33000]), input([33000, 2])];
    const y = dot(p, q);
    check([p, q], [add(y, y)], { kernels: 3, epilogues: 0 });
  });
});
