/** Loop IR programs by their definition: contractions block by block, each followed by its part of the epilogue. */

import { allocate, type TypedArray } from "../../src/core/dtype.ts";
import { exactBinary, fma32 } from "../../src/core/scalar.ts";
import type { Index, Var } from "../../src/lower/index-expr.ts";
import type { ContractionAxis, ContractionKernel, Kernel, Program } from "../../src/lower/loop-ir.ts";
import { Reference } from "../codegen/loop-reference.ts";

export interface Outcome {
  readonly results: readonly TypedArray[];
  readonly states: readonly (TypedArray | undefined)[];
}

/** One run; `block` is how many rows and columns of a contraction are done at once. */
export function runProgram(
  program: Program,
  args: readonly TypedArray[],
  states: readonly (TypedArray | undefined)[],
  options: { readonly fma: boolean; readonly block: readonly [rows: number, cols: number] },
): Outcome {
  const buffers = program.buffers.map(({ dtype, length, role, position }) => {
    if (role === "arg") return args[position].slice();
    const state = role === "state" ? states[position] : undefined;
    if (state) return state.slice();
    return allocate(dtype, length);
  });
  const positions = new Map<Var, number>();
  const run = (kernel: Kernel): void => {
    if (kernel.kind === "loops") new Reference(buffers, positions).run(kernel);
    else if (kernel.kind === "contraction") contract(kernel, buffers, positions, options);
    else if (kernel.kind === "argsort") sort(kernel, buffers);
    else if (kernel.kind === "scan") {
      for (let i = 0; i < kernel.variable.size; i++) {
        positions.set(kernel.variable, kernel.reverse ? kernel.variable.size - 1 - i : i);
        kernel.body.forEach(run);
      }
    }
  };
  program.kernels.forEach(run);
  const outcome = { results: [] as TypedArray[], states: [] as TypedArray[] };
  program.buffers.forEach(({ role, position }, i) => {
    if (role === "result") outcome.results[position] = buffers[i];
    if (role === "state") outcome.states[position] = buffers[i];
  });
  return outcome;
}

/** Offsets in each operand of all positions of some axes, row-major. */
function offsets(axes: readonly ContractionAxis[]): number[][] {
  let all = [[0, 0, 0]];
  for (const { size, strides } of axes) {
    all = all.flatMap((at) => Array.from({ length: size }, (_, i) => at.map((o, k) => o + i * strides[k])));
  }
  return all;
}

function contract(
  kernel: ContractionKernel,
  buffers: readonly TypedArray[],
  positions: ReadonlyMap<Var, number>,
  { fma, block: [height, width] }: { readonly fma: boolean; readonly block: readonly [rows: number, cols: number] },
): void {
  const [a, b, out] = [kernel.a, kernel.b, kernel.out].map(({ buffer }) => buffers[buffer]);
  const [a0, b0, out0] = [kernel.a, kernel.b, kernel.out].map(({ offset }) => at(offset, positions));
  const [rows, cols, inner] = [offsets(kernel.rows), offsets(kernel.cols), offsets(kernel.inner)];
  const [add, multiply] = [exactBinary("add", "f32"), exactBinary("mul", "f32")];
  const step = fma ? fma32 : (x: number, y: number, sum: number) => add(sum, multiply(x, y));
  const part = Math.ceil(inner.length / kernel.parts);
  offsets(kernel.batch).forEach((batch, g) => {
    for (let r0 = 0; r0 < rows.length; r0 += height) {
      for (let c0 = 0; c0 < cols.length; c0 += width) {
        const [r1, c1] = [Math.min(rows.length, r0 + height), Math.min(cols.length, c0 + width)];
        for (const row of rows.slice(r0, r1)) {
          for (const col of cols.slice(c0, c1)) {
            for (let p = 0; p < kernel.parts; p++) {
              let sum = 0;
              for (const k of inner.slice(p * part, (p + 1) * part))
                sum = step(a[a0 + batch[0] + row[0] + k[0]], b[b0 + batch[1] + col[1] + k[1]], sum);
              out[out0 + batch[2] + row[2] + col[2] + p * kernel.partStride] = sum;
            }
          }
        }
        if (kernel.epilogue) new Reference(buffers, positions).runPart(kernel.epilogue, g, r0, r1, c0, c1);
      }
    }
  });
}

const at = ({ constant, terms }: Index, positions: ReadonlyMap<Var, number>): number =>
  terms.reduce(
    (sum, { atom, coefficient }) => sum + (atom.kind === "var" ? coefficient * positions.get(atom.variable)! : 0),
    constant,
  );

function sort({ keys, out, rows, length }: Extract<Kernel, { kind: "argsort" }>, buffers: readonly TypedArray[]): void {
  for (let row = 0; row < rows; row++) {
    const of = buffers[keys].subarray(row * length, (row + 1) * length);
    const order = Array.from(of, (_, i) => i).sort((i, j) => of[i] - of[j]);
    buffers[out].set(order, row * length);
  }
}
