import { BYTES } from "../core/dtype.ts";
import type { Kernel, Program } from "../lower/loop-ir.ts";

/**
 * What `CHAINRULE_DEBUG=2` tells of a run: for each kernel its time, operations and bytes a second and, where the peak of
 * the threads in use is known (GFLOP/s), its share of that.
 */
export function showTimes(program: Program, microseconds: readonly number[], peak: number | undefined): string {
  const total = microseconds.reduce((sum, time) => sum + time, 0);
  const rows = program.kernels.map((kernel, i) => {
    const time = microseconds[i] ?? 0;
    const flops = flopsOf(kernel) / time / 1e3; // GFLOP/s
    const share = peak === undefined ? "" : `${percent(flops / peak)} of peak`;
    const bytes = bytesOf(kernel, program) / time / 1e3; // GB/s
    const rates = `${number(flops, 8)} GFLOP/s ${number(bytes, 7)} GB/s  ${share}`;
    return `${number(time, 9)} µs ${percent(time / total)}  ${rates}  ${kernel.kind} ${kernel.name}`;
  });
  return [...rows, `${number(total, 9)} µs in all`].join("\n");
}

const number = (value: number, width: number): string => value.toFixed(1).padStart(width);
const percent = (share: number): string => `${(100 * share).toFixed(0).padStart(3)} %`;

/** A multiplication and an addition count as two. */
function flopsOf(kernel: Kernel): number {
  if (kernel.kind === "contraction" || kernel.kind === "attention") return 2 * kernel.work;
  if (kernel.kind === "scan") return kernel.variable.size * kernel.body.reduce((sum, inner) => sum + flopsOf(inner), 0);
  return kernel.work;
}

/** The bytes of the buffers that it reads and writes, each once. */
function bytesOf(kernel: Kernel, { buffers }: Program): number {
  const size = (buffer: number) => buffers[buffer].length * BYTES[buffers[buffer].dtype];
  return [...kernel.reads, ...kernel.writes].reduce((sum, buffer) => sum + size(buffer), 0);
}
