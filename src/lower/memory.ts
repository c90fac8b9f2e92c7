/** Where temporaries lie in the arena: two share bytes if no kernel runs while both hold something. */

import { BYTES } from "../core/dtype.ts";
import type { BufferRole, Kernel, Program, ScanKernel } from "./loop-ir.ts";

/** Byte offsets by buffer (−1: the buffer is not in the arena), and the arena's size. */
export interface MemoryPlan {
  readonly offsets: readonly number[];
  readonly size: number;
}

const ALIGNMENT = 64;
// Vector loads may read up to a vector past the end.
const SLACK = 64;

interface Life {
  readonly buffer: number;
  readonly bytes: number;
  first: number;
  last: number;
}

/** Where the buffers of some roles lie. Largest first, each at the lowest place that is free for all of its life. */
export function planMemory(program: Program, roles: readonly BufferRole[]): MemoryPlan {
  const lives = new Map<number, Life>();
  const touch = (buffer: number, first: number, last: number) => {
    const { role, dtype, length } = program.buffers[buffer];
    if (!roles.includes(role)) return;
    const life = lives.get(buffer);
    if (life === undefined) lives.set(buffer, { buffer, bytes: round(length * BYTES[dtype] + SLACK), first, last });
    else {
      life.first = Math.min(life.first, first);
      life.last = Math.max(life.last, last);
    }
  };
  const end = lifetimes(program.kernels, 0, touch, (buffer) => program.buffers[buffer].role !== "temp");
  program.buffers.forEach(({ role }, buffer) => {
    if (role === "arg") touch(buffer, -1, -1);
    if (role === "result") touch(buffer, end, end);
  });
  const offsets = program.buffers.map(() => -1);
  let size = 0;
  const placed: Life[] = [];
  for (const life of [...lives.values()].sort((a, b) => b.bytes - a.bytes || a.buffer - b.buffer)) {
    const rivals = placed
      .filter((p) => p.first <= life.last && life.first <= p.last)
      .sort((a, b) => offsets[a.buffer] - offsets[b.buffer]);
    let at = 0;
    for (const rival of rivals) {
      if (at + life.bytes <= offsets[rival.buffer]) break;
      at = Math.max(at, offsets[rival.buffer] + rival.bytes);
    }
    offsets[life.buffer] = at;
    size = Math.max(size, at + life.bytes);
    placed.push(life);
  }
  return { offsets, size };
}

const round = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Numbers the kernels in the order in which they run; what a scan's body touches and others too lives through the scan. */
function lifetimes(
  kernels: readonly Kernel[],
  start: number,
  touch: (buffer: number, first: number, last: number) => void,
  outlives: (buffer: number) => boolean,
): number {
  let now = start;
  const inScans = new Map<ScanKernel, { first: number; last: number; buffers: Set<number> }>();
  for (const kernel of kernels) {
    const first = now;
    if (kernel.kind === "scan") {
      now = lifetimes(kernel.body, now, touch, outlives) + 1;
      inScans.set(kernel, { first, last: now, buffers: new Set([...kernel.reads, ...kernel.writes]) });
    } else {
      for (const buffer of [...kernel.reads, ...kernel.writes]) touch(buffer, now, now);
    }
    now++;
  }
  // A buffer that only one scan touches, and writes before it reads, starts anew in each round, if all rows are there.
  for (const [scan, { first, last, buffers }] of inScans) {
    for (const buffer of buffers) {
      const elsewhere = kernels.some((k) => k !== scan && (k.reads.includes(buffer) || k.writes.includes(buffer)));
      if (elsewhere || outlives(buffer) || scan.rows > 1 || readsFirst(scan.body, buffer)) touch(buffer, first, last);
    }
  }
  return now;
}

/** Whether the program needs what a state holds. A kernel that writes a new state and reads it back does not. */
export const needsState = ({ buffers, kernels }: Program, buffer: number): boolean =>
  buffers[buffer].given && readsFirst(kernels, buffer);

/** Whether kernels read a buffer before one of them has written it, or one that writes it reads it too. */
function readsFirst(kernels: readonly Kernel[], buffer: number): boolean {
  for (const kernel of kernels) {
    if (kernel.kind === "scan" ? readsFirst(kernel.body, buffer) : kernel.reads.includes(buffer)) return true;
    if (kernel.writes.includes(buffer)) return false;
  }
  return false;
}

/** The plan as text: a buffer a line, and the size of the arena. */
export function showMemory({ buffers }: Program, { offsets, size }: MemoryPlan): string {
  const rows = buffers.map(({ dtype, length, role }, i) => {
    const where = offsets[i] >= 0 ? `at ${offsets[i]}` : "in its own region";
    return `b${i}\t${role}\t${dtype}[${length}]\t${BYTES[dtype] * length} bytes\t${where}`;
  });
  return [...rows, `arena: ${size} bytes`].join("\n");
}
