import { describe, expect, it } from "vitest";
import { interpret } from "../../src/codegen/interp.ts";
import type { Graph, Value } from "../../src/core/graph.ts";
import { apply1, type ConvAttrs } from "../../src/core/primitives.ts";
import { numel, type Shape } from "../../src/core/shape.ts";
import { Storage } from "../../src/core/storage.ts";
import type { Kernel } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { Random } from "../graphs.ts";

const devices = [1, 2].map((threads) => wasmDevice({ threads }));

/** Runs the graph on one and on two threads and holds the results against the interpreter's, bit for bit. */
function agrees(
  shapes: readonly Shape[],
  build: (...inputs: Value[]) => Value,
  kind: Kernel["kind"] = "contraction",
): void {
  const inputs = shapes.map((shape) => apply1("input", [], { shape, dtype: "f32" }));
  const graph: Graph = { inputs, outputs: [build(...inputs)] };
  const random = new Random(numel(shapes[0]) + numel(shapes[1]));
  const data = shapes.map((shape) => Float32Array.from({ length: numel(shape) }, () => random.next() * 2 - 1));
  for (const device of devices) {
    const [want] = interpret(graph, data, { mode: "exact", fma: device.features.relaxedMadd });
    const program = lower({ graph, args: inputs.length, results: 1, states: [] });
    expect(program.kernels.some((kernel) => kernel.kind === "contraction")).toBe(kind === "contraction");
    const { results } = device.load(program).run(
      data.map((array) => Storage.of(array.slice())),
      [],
    );
    expect(
      Buffer.compare(Buffer.from(results[0].bytes()), Buffer.from(want.buffer, want.byteOffset, want.byteLength)),
    ).toBe(0);
  }
}

const transpose = (x: Value): Value => {
  const rank = x.shape.length;
  const perm = [...Array(rank).keys()];
  return apply1("permute", [x], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
};
const dot = (a: Value, b: Value): Value => apply1("dot", [a, b], {});

describe("matrix products", () => {
  const sizes: [m: number, n: number, k: number][] = [
    [1, 300, 128],
    [1, 7, 333],
    [2, 16, 600],
    [3, 17, 512],
    [64, 64, 64],
    [65, 63, 127],
    [7, 130, 65],
    [128, 10, 70],
    [5, 200, 1537],
    [4, 5, 40000],
    [600, 40, 1030],
  ];
  for (const [m, n, k] of sizes) {
    it(`(${m}, ${k}) × (${k}, ${n}) in every transpose`, () => {
      agrees(
        [
          [m, k],
          [k, n],
        ],
        dot,
      );
      agrees(
        [
          [k, m],
          [k, n],
        ],
        (a, b) => dot(transpose(a), b),
      );
      agrees(
        [
          [m, k],
          [n, k],
        ],
        (a, b) => dot(a, transpose(b)),
      );
      agrees(
        [
          [k, m],
          [n, k],
        ],
        (a, b) => transpose(dot(transpose(a), transpose(b))),
      );
    });
  }

  // matrices and vectors, whole lanes and broken ones, in parts and in one
  const vectors: [m: number, n: number, k: number][] = [
    [1, 1, 100],
    [9, 1, 1000],
    [6, 1, 40000],
  ];
  for (const [m, n, k] of vectors) {
    it(`(${m}, ${k}) × (${k}, ${n}) in lanes`, () => {
      for (const [a, b] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]) {
        agrees(
          [a ? [k, m] : [m, k], b ? [n, k] : [k, n]],
          (x, y) => dot(a ? transpose(x) : x, b ? transpose(y) : y),
          "loops",
        );
        agrees(
          [a ? [3, k, m] : [3, m, k], b ? [3, n, k] : [3, k, n]],
          (x, y) => dot(a ? transpose(x) : x, b ? transpose(y) : y),
          "loops",
        );
      }
    });
  }

  it("multiplies batches, sliced, flipped and broadcast operands", () => {
    agrees(
      [
        [3, 20, 33],
        [3, 33, 18],
      ],
      dot,
    );
    agrees(
      [
        [40, 66],
        [33, 18],
      ],
      (a, b) => dot(apply1("slice", [a], { start: [0, 0], stop: [40, 66], step: [1, 2] }), b),
    );
    agrees(
      [
        [40, 33],
        [33, 18],
      ],
      (a, b) => dot(apply1("flip", [a], { axes: [0, 1] }), b),
    );
    agrees(
      [
        [3, 20, 33],
        [1, 33, 18],
      ],
      (a, b) => dot(a, apply1("expand", [b], { shape: [3, 33, 18] })),
    );
    agrees(
      [
        [4, 10, 33],
        [33, 18],
      ],
      (a, b) => dot(apply1("reshape", [apply1("permute", [a], { perm: [1, 0, 2] })], { shape: [40, 33] }), b),
    );
  });
});

describe("convolutions", () => {
  const plain = (d: number, over: Partial<ConvAttrs> = {}): ConvAttrs => ({
    stride: new Array<number>(d).fill(1),
    padding: Array.from({ length: d }, () => [1, 1] as const),
    inputDilation: new Array<number>(d).fill(1),
    kernelDilation: new Array<number>(d).fill(1),
    featureGroups: 1,
    batchGroups: 1,
    ...over,
  });
  const conv = (attrs: ConvAttrs) => (x: Value, w: Value) => apply1("conv", [x, w], attrs);

  it("slides over images, lines and volumes", () => {
    agrees(
      [
        [2, 3, 14, 14],
        [8, 3, 3, 3],
      ],
      conv(plain(2)),
    );
    agrees(
      [
        [2, 1, 28, 28],
        [6, 1, 3, 3],
      ],
      conv(plain(2)),
    );
    agrees(
      [
        [3, 4, 7, 7],
        [10, 4, 3, 3],
      ],
      conv(plain(2)),
    );
    agrees(
      [
        [2, 8, 64],
        [16, 8, 5],
      ],
      conv(plain(1)),
    );
    agrees(
      [
        [2, 3, 6, 7, 8],
        [8, 3, 2, 3, 3],
      ],
      conv(plain(3)),
    );
    agrees(
      [
        [2, 16, 9, 9],
        [32, 16, 1, 1],
      ],
      conv(
        plain(2, {
          padding: [
            [0, 0],
            [0, 0],
          ],
        }),
      ),
    );
  });

  it("strides, dilates, crops and groups", () => {
    agrees(
      [
        [2, 4, 15, 15],
        [8, 4, 3, 3],
      ],
      conv(plain(2, { stride: [2, 2] })),
    );
    agrees(
      [
        [2, 4, 15, 13],
        [8, 4, 3, 3],
      ],
      conv(
        plain(2, {
          kernelDilation: [2, 1],
          padding: [
            [2, 1],
            [0, 3],
          ],
        }),
      ),
    );
    agrees(
      [
        [2, 4, 8, 8],
        [8, 4, 3, 3],
      ],
      conv(
        plain(2, {
          inputDilation: [2, 2],
          padding: [
            [1, 2],
            [1, 2],
          ],
        }),
      ),
    );
    agrees(
      [
        [2, 4, 15, 15],
        [8, 4, 3, 3],
      ],
      conv(
        plain(2, {
          padding: [
            [-1, 2],
            [0, -2],
          ],
        }),
      ),
    );
    agrees(
      [
        [2, 8, 12, 12],
        [12, 4, 3, 3],
      ],
      conv(plain(2, { featureGroups: 2 })),
    );
    agrees(
      [
        [4, 6, 12, 12],
        [8, 6, 3, 3],
      ],
      conv(plain(2, { batchGroups: 2 })),
    );
  });

  it("gives both of its gradients", () => {
    // weights: the image's channels become examples, the gradient becomes the kernel
    agrees(
      [
        [16, 3, 30, 30],
        [16, 8, 28, 28],
      ],
      (x, g) =>
        apply1(
          "permute",
          [
            apply1(
              "conv",
              [apply1("permute", [x], { perm: [1, 0, 2, 3] }), apply1("permute", [g], { perm: [1, 0, 2, 3] })],
              plain(2, {
                padding: [
                  [0, 0],
                  [0, 0],
                ],
              }),
            ),
          ],
          { perm: [1, 0, 2, 3] },
        ),
    );
    // image: the kernel turned around
    agrees(
      [
        [2, 8, 14, 14],
        [8, 3, 3, 3],
      ],
      (g, w) =>
        apply1(
          "conv",
          [g, apply1("permute", [apply1("flip", [w], { axes: [2, 3] })], { perm: [1, 0, 2, 3] })],
          plain(2),
        ),
    );
  });
});

describe("operands seen through reshapes that cut across axes", () => {
  const reshape = (shape: Shape) => (x: Value) => apply1("reshape", [x], { shape });

  it("are walked in strides, or copied where no strides do", () => {
    const [tall, deep] = [reshape([4, 40, 2, 1]), reshape([6, 35, 12])];
    agrees(
      [
        [2, 40, 4],
        [4, 40, 1, 520],
      ],
      (a, b) => dot(tall(a), b),
    );
    agrees(
      [
        [7, 60, 6],
        [6, 12, 43],
      ],
      (a, b) => dot(deep(a), b),
    );
    agrees(
      [
        [35, 72],
        [8, 9, 9],
      ],
      (a, b) => dot(transpose(reshape([72, 35])(a)), reshape([72, 9])(b)),
    );
    agrees(
      [
        [9, 16, 70],
        [3, 7, 48],
      ],
      (a, b) =>
        dot(
          transpose(reshape([70, 144])(a)),
          reshape([70, 14])(apply1("slice", [reshape([72, 14])(b)], { start: [1, 0], stop: [71, 14], step: [1, 1] })),
        ),
    );
  });
});
