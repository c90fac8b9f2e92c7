/**
 * A scan whose body works on the rows of a batch, each by itself: threads may walk through all of time with rows of
 * their own, and need not meet before the end.
 */

import { withoutVariables } from "./contract.ts";
import { add, coefficientOf, type Index, makeVar, scale, type Var, varIndex } from "./index-expr.ts";
import type { ContractionKernel, Kernel, LoopKernel } from "./loop-ir.ts";
import { visitAccesses } from "./nest.ts";

/** What a kernel reads or writes at a position of its outermost loop. */
interface Access {
  readonly buffer: number;
  readonly index: Index;
  readonly along: Var;
}

/**
 * The number of rows, 1 if the kernels do not work row by row. Iterations [r·n, (r + 1)·n) of a kernel's outermost loop
 * (of rows·n) then touch row r only of every buffer that any of them writes: of each slice that moves with `time`, the
 * r-th of `rows` equal runs.
 */
export function rowsOf(kernels: readonly Kernel[], time: Var): number {
  const accesses = kernels.map(accessesOf);
  if (accesses.length === 0 || !accesses.every((list) => list !== undefined)) return 1;
  const rows = accesses.map(([{ along }]) => along.size).reduce(greatestCommonDivisor);
  const written = new Set(kernels.flatMap(({ writes }) => writes));
  const pitches = new Map<number, number>();
  const isOwn = ({ buffer, index, along }: Access): boolean => {
    const step = coefficientOf(index, along) ?? 0;
    const count = along.size / rows;
    const pitch = pitches.get(buffer) ?? step * count;
    pitches.set(buffer, pitch);
    const slice = pitch * rows;
    if (step <= 0 || step * count !== pitch) return false;
    if ((coefficientOf(index, time) ?? Number.NaN) % slice !== 0) return false;
    const { low, high } = withoutVariables(index, [along, time]);
    const first = Math.floor(low / slice) * slice;
    return high - first + step * (count - 1) < pitch;
  };
  return accesses.flat().every((access) => !written.has(access.buffer) || isOwn(access)) ? rows : 1;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** What a kernel touches, its outermost loop's iterations being independent; undefined if they are not, or cannot be cut. */
function accessesOf(kernel: Kernel): readonly Access[] | undefined {
  if (kernel.kind === "contraction") return accessesOfContraction(kernel);
  if (kernel.kind !== "loops" || kernel.body.length !== 1) return undefined;
  const [loop] = kernel.body;
  return loop.kind === "loop" && !loop.serial ? accessesOfLoops(kernel, loop.variable) : undefined;
}

function accessesOfLoops({ body }: LoopKernel, along: Var): Access[] {
  const found: Access[] = [];
  visitAccesses(body, ({ buffer, index }) => found.push({ buffer, index, along }));
  return found;
}

function accessesOfContraction(kernel: ContractionKernel): readonly Access[] | undefined {
  const { batch, rows, cols, inner, a, b, out, parts, epilogue } = kernel;
  const outer = batch.length > 0 ? batch : rows;
  if (outer.length === 0 || parts > 1) return undefined;
  const axes = [...outer, ...(batch.length > 0 ? rows : []), ...cols, ...inner];
  const variables = axes.map(({ size }) => makeVar("x", size));
  const found = [a, b, out].map(({ buffer, offset }, operand) => ({
    buffer,
    index: axes.reduce((sum, { strides }, i) => add(sum, scale(varIndex(variables[i]), strides[operand])), offset),
    along: variables[0],
  }));
  if (epilogue === undefined) return found;
  // Its positions in the axes are one number, of which the outermost axis has equal runs.
  const whole = batch.length > 0 ? epilogue.batch : epilogue.row;
  return [...found, ...accessesOfLoops(epilogue.nest, whole)];
}
