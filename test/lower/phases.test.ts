import { describe, expect, it } from "vitest";
import { backward } from "../../src/autodiff/grad.ts";
import { apply1, type ConvAttrs, type Padding, placeholder } from "../../src/core/primitives.ts";
import { numel, type Shape } from "../../src/core/shape.ts";
import type { Kernel, Program } from "../../src/lower/loop-ir.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Executable } from "../../src/runtime/device.ts";
import { wasmDevice } from "../../src/runtime/wasm.ts";
import { Random } from "../graphs.ts";
import { missing, native, useThreads } from "../native/device.ts";
import { type Case, difference, interpreted, runTwice, shared } from "./random.ts";

interface Convolution {
  readonly x: Shape;
  readonly w: Shape;
  readonly attrs: ConvAttrs;
}

function convolution(x: Shape, w: Shape, over: Partial<ConvAttrs> = {}): Convolution {
  const spatial = x.slice(2);
  const ones = spatial.map(() => 1);
  const padding = spatial.map((): Padding => [1, 1]);
  const plain = { stride: ones, padding, inputDilation: ones, kernelDilation: ones, featureGroups: 1, batchGroups: 1 };
  return { x, w, attrs: { ...plain, ...over } };
}

const unpadded: readonly Padding[] = [
  [0, 0],
  [0, 0],
];

/** Strided ones, whose input gradients have phases, then dilated ones: large enough for the template, and too small for it. */
const CONVOLUTIONS: { readonly [name: string]: Convolution } = {
  "3×3, stride 2": convolution([2, 8, 16, 16], [12, 8, 3, 3], { stride: [2, 2] }),
  "3×3, stride 2, odd sizes": convolution([2, 6, 15, 13], [8, 6, 3, 3], { stride: [2, 2] }),
  "1×1, stride 2: outputs without taps": convolution([3, 8, 16, 16], [16, 8, 1, 1], {
    stride: [2, 2],
    padding: unpadded,
  }),
  "5×4, stride 3 and 2": convolution([2, 4, 17, 14], [6, 4, 5, 4], { stride: [3, 2] }),
  "2×2, stride 3: gaps": convolution([2, 5, 18, 18], [8, 5, 2, 2], { stride: [3, 3], padding: unpadded }),
  "stride 1 and 3": convolution([2, 4, 12, 19], [8, 4, 3, 3], { stride: [1, 3] }),
  "kernel dilation 2 under stride 2: no tap for odd outputs": convolution([2, 6, 17, 17], [8, 6, 3, 3], {
    stride: [2, 2],
    kernelDilation: [2, 2],
  }),
  "kernel dilation 3 and 2 under stride 2": convolution([2, 4, 20, 21], [8, 4, 3, 3], {
    stride: [2, 2],
    kernelDilation: [3, 2],
    padding: [
      [2, 3],
      [0, 4],
    ],
  }),
  "asymmetric and negative padding": convolution([2, 6, 19, 16], [8, 6, 3, 3], {
    stride: [2, 3],
    padding: [
      [3, 0],
      [-1, 2],
    ],
  }),
  groups: convolution([2, 12, 15, 15], [18, 4, 3, 3], { stride: [2, 2], featureGroups: 3 }),
  "groups of the batch": convolution([4, 6, 14, 14], [16, 6, 3, 3], { stride: [2, 2], batchGroups: 2 }),
  lines: convolution([3, 16, 64], [16, 16, 5], { stride: [3] }),
  volumes: convolution([2, 4, 8, 7, 9], [6, 4, 3, 3, 3], { stride: [2, 1, 2] }),
  transposed: convolution([2, 8, 9, 9], [12, 8, 4, 4], {
    inputDilation: [2, 2],
    padding: [
      [2, 2],
      [2, 3],
    ],
  }),
  "transposed, with a stride": convolution([2, 8, 12, 12], [12, 8, 4, 4], {
    inputDilation: [2, 3],
    stride: [3, 2],
    kernelDilation: [2, 1],
  }),
  "transposed, its weights in parts": convolution([8, 2, 33, 33], [2, 2, 4, 4], { inputDilation: [2, 2] }),
  "transposed, its weights in more parts than there are terms": convolution([1, 2, 5], [2, 2, 3], {
    inputDilation: [9000],
  }),
  "dilated so far that hardly a tap meets anything": convolution([1, 12, 3], [24, 12, 4], {
    inputDilation: [40],
    padding: [[30, 50]],
  }),
  small: convolution([2, 2, 7, 8], [2, 2, 3, 3], { stride: [2, 2] }),
  "small, with gaps": convolution([1, 2, 9, 8], [3, 2, 2, 1], { stride: [3, 2] }),
  depthwise: convolution([2, 16, 17, 17], [16, 1, 3, 3], { stride: [2, 2], featureGroups: 16 }),
  "depthwise, rows longer than the lanes": convolution([2, 3, 9, 45], [3, 1, 3, 3], { featureGroups: 3 }),
  "depthwise, rows of no power of two": convolution([3, 4, 11, 22], [4, 1, 3, 3], { stride: [1, 2], featureGroups: 4 }),
  "depthwise, images of 8×8": convolution([2, 3, 8, 8], [3, 1, 3, 3], { featureGroups: 3 }),
  "depthwise, images of 4×4": convolution([3, 5, 4, 4], [5, 1, 3, 3], { featureGroups: 5 }),
  "depthwise, images of 6×2": convolution([2, 3, 6, 2], [3, 1, 3, 3], { featureGroups: 3 }),
  "one channel to one": convolution([2, 1, 12, 12], [1, 1, 3, 3], {}),
  "an image cropped to a place between pixels": convolution([1, 2, 3], [2, 2, 1], {
    inputDilation: [3],
    padding: [[-1, -5]],
  }),
  "an image of padding alone": convolution([1, 2, 0], [2, 2, 2], { inputDilation: [2], padding: [[3, 2]] }),
};

/** y, ∂x and ∂w, with some weights infinite if so asked. */
function caseOf({ x, w, attrs }: Convolution, infinite = false): Case {
  const input = (shape: Shape) => placeholder({ shape, dtype: "f32" }, true);
  const [image, weight] = [input(x), input(w)];
  const y = apply1("conv", [image, weight], attrs);
  const g = input(y.shape);
  const gradients = backward([y], [g], [image, weight]).map((gradient) => gradient!);
  const random = new Random(numel(x) + numel(w));
  const numbers = (shape: Shape) => Float32Array.from({ length: numel(shape) }, () => random.next() * 2 - 1);
  const inputs = [x, w, y.shape].map(numbers);
  if (infinite) inputs[1] = inputs[1].map((value) => (random.chance(0.1) ? value * Infinity : value));
  const graph = { inputs: [image, weight, g], outputs: [y, ...gradients] };
  return { traced: { graph, args: 3, results: 3, states: [] }, inputs };
}

const cases = Object.entries(CONVOLUTIONS).flatMap(([name, convolution]): [string, Case][] => [
  [name, caseOf(convolution)],
  [`${name}, infinite weights`, caseOf(convolution, true)],
]);

const ways = ({ traced }: Case): Program[] => {
  const fused = lower(traced, { fuse: true, epilogues: true });
  return [lower(traced, { fuse: false }), fused, shared(fused)];
};

describe("convolutions of dilated images", () => {
  const devices = [1, 2].map((threads) => wasmDevice({ threads }));

  for (const [name, example] of cases) {
    it(`are the interpreter's bits on wasm: ${name}`, () => {
      const fused = lower(example.traced, { fuse: true });
      for (const device of devices) {
        const want = interpreted(example, device.features.relaxedMadd);
        for (const program of [fused, shared(fused)])
          expect(difference(example.traced.graph, want, runTwice(device.load(program), example))).toBeUndefined();
      }
    });
  }

  it.skipIf(missing)("are the interpreter's bits in C, on any number of threads", () => {
    const executables: Executable[] = native().load(cases.flatMap(([, example]) => ways(example)));
    const wanted = cases.map(([, example]) => interpreted(example, native().fma));
    for (const threads of [1, 2, 3]) {
      useThreads(threads);
      executables.forEach((executable, i) => {
        const which = Math.floor(i / 3);
        const [name, example] = cases[which];
        expect(difference(example.traced.graph, wanted[which], runTwice(executable, example)), name).toBeUndefined();
      });
    }
  });

  const contractions = (kernels: readonly Kernel[]) => kernels.filter(({ kind }) => kind === "contraction");
  const inputGradient = ({ x, w, attrs }: Convolution): readonly Kernel[] => {
    const { traced } = caseOf({ x, w, attrs });
    const [, dx] = traced.graph.outputs;
    return lower({ ...traced, graph: { ...traced.graph, outputs: [dx] }, results: 1 }).kernels;
  };

  it("multiply by nothing that lies between pixels", () => {
    const strided = CONVOLUTIONS["3×3, stride 2"];
    const kernels = inputGradient(strided);
    expect(contractions(kernels)).toHaveLength(4);
    // as much as the convolution itself
    expect(contractions(kernels).reduce((sum, { work }) => sum + work, 0)).toBe(2 * 12 * 8 * 8 * 8 * 9);
    const sparse = inputGradient(CONVOLUTIONS["1×1, stride 2: outputs without taps"]);
    expect(sparse.map(({ name }) => name)).toEqual(["zeros", "conv"]);
  });
});
