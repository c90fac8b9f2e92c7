/**
 * Sizes of the blocks in which the kernel library contracts, measured on the user's machine.
 *
 * They decide what stays in which cache, never the order in which an element adds up: no bit of any result depends on them.
 */

import { builtin } from "./host.ts";
import { cacheFolder } from "./native-cache.ts";
import type { Compiler } from "./native-compiler.ts";
import type { NativeLoader } from "./native-loader.ts";

/** Inner positions, rows and columns of a block: macros of native/contraction-plan.h. */
export interface Blocks {
  readonly BLOCK_K: number;
  readonly BLOCK_ROWS: number;
  readonly BLOCK_COLS: number;
}

const CHOICES: { readonly [name in keyof Blocks]: readonly number[] } = {
  BLOCK_K: [128, 192, 256, 320, 384, 512],
  BLOCK_ROWS: [96, 144, 192, 288, 384, 576],
  BLOCK_COLS: [128, 192, 256, 384, 512, 1024],
};
const NAMES = Object.keys(CHOICES) as (keyof Blocks)[];

/** What a training step contracts: rows, columns, inner positions; `turned`: the second operand is stored transposed. */
const SHAPES = [
  { rows: 64, cols: 64, inner: 64, turned: false },
  { rows: 128, cols: 512, inner: 784, turned: true },
  { rows: 512, cols: 784, inner: 128, turned: false },
  { rows: 768, cols: 512, inner: 128, turned: true },
  { rows: 256, cols: 256, inner: 256, turned: false },
  { rows: 512, cols: 512, inner: 512, turned: false },
  { rows: 1024, cols: 1024, inner: 1024, turned: false },
  { rows: 64, cols: 12544, inner: 288, turned: false },
] as const;

/** As C: what precedes the kernel library's source. */
export const blocksAsC = (blocks: Partial<Blocks>): string =>
  NAMES.flatMap((name) => (blocks[name] === undefined ? [] : [`#define ${name} ${blocks[name]}\n`])).join("");

/** What `tune-kernels` found on this machine with this compiler; nothing if it never ran. */
export function tunedBlocks(compiler: Compiler): Partial<Blocks> {
  try {
    const all = JSON.parse(builtin("node:fs")!.readFileSync(file(), "utf8")) as Record<string, Partial<Blocks>>;
    const blocks = all[machineOf(compiler)] ?? {};
    // The file is the user's own: anything else in it than the numbers below is not passed to the compiler.
    return NAMES.every((name) => CHOICES[name].includes(blocks[name] as number)) ? blocks : {};
  } catch {
    return {}; // there is none, or it is none of ours
  }
}

/** Keeps what was found, beside what was found for other compilers; gives the file. */
export function keepBlocks(compiler: Compiler, blocks: Partial<Blocks>): string {
  const { mkdirSync, readFileSync, renameSync, writeFileSync } = builtin("node:fs")!;
  let all: Record<string, unknown> = {};
  try {
    all = JSON.parse(readFileSync(file(), "utf8"));
  } catch {} // the first time
  mkdirSync(cacheFolder(), { recursive: true });
  const temporary = `${file()}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ ...all, [machineOf(compiler)]: blocks }, undefined, 2)}\n`);
  renameSync(temporary, file());
  return file();
}

const file = (): string => builtin("node:path")!.join(cacheFolder(), "tuning.json");

const machineOf = ({ version, target }: Compiler): string =>
  JSON.stringify([builtin("node:os")!.cpus()[0]?.model ?? "", version, target.flags, target.l1, target.l2]);

/** One kernel library that was tried. */
export interface Trial {
  readonly blocks: Partial<Blocks>;
  /** microseconds of each shape, and their geometric mean */
  readonly times: readonly number[];
  readonly mean: number;
}

/**
 * Tries sizes one after the other, keeping the best so far; `open` builds and opens the library with them.
 * Gives the trials, the default's first.
 */
export function* searchBlocks(loader: NativeLoader, open: (blocks: Partial<Blocks>) => void): Generator<Trial> {
  const measure = (blocks: Partial<Blocks>): Trial => {
    open(blocks);
    const times = SHAPES.map((shape) => timeOf(shape, loader));
    return { blocks, times, mean: Math.exp(times.reduce((sum, t) => sum + Math.log(t), 0) / times.length) };
  };
  let best = measure({});
  yield best;
  let start: Blocks = { BLOCK_K: 256, BLOCK_ROWS: 192, BLOCK_COLS: 256 };
  for (const name of NAMES) {
    for (const size of CHOICES[name]) {
      const trial = measure({ ...start, [name]: size });
      yield trial;
      if (trial.mean < best.mean) best = trial;
    }
    start = { ...start, ...best.blocks };
  }
}

// Long enough that the clock's steps do not matter, often enough that the best is undisturbed.
const ROUNDS = 7;
const ROUND_MS = 10;

/** Microseconds of one product, the best of some rounds. */
function timeOf({ rows, cols, inner, turned }: (typeof SHAPES)[number], loader: NativeLoader): number {
  const [a, b, out] = [rows * inner, inner * cols, rows * cols].map((length) => new Float32Array(length).fill(1));
  const [kStride, nStride] = turned ? [1, inner] : [cols, 1];
  const axes = [rows, inner, 0, cols, cols, 0, nStride, 1, inner, 1, kStride, 0];
  const descriptor = BigInt64Array.from([0, 1, 1, 1, 1, 0, ...axes], BigInt).buffer;
  const run = () => loader.contract(descriptor, loader.address(a), loader.address(b), loader.address(out));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    let runs = 0;
    do {
      run();
      runs++;
    } while (performance.now() - begin < ROUND_MS);
    best = Math.min(best, (1000 * (performance.now() - begin)) / runs);
  }
  return best;
}
