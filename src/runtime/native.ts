/** The fastest device: programs as C, compiled by the system's compiler and called through one resident addon. */

import { renderPrograms } from "../codegen/c/program.ts";
import { DeviceError } from "../core/errors.ts";
import { printGraph } from "../core/print.ts";
import type { TracedProgram } from "../core/traced.ts";
import type { Program } from "../lower/loop-ir.ts";
import { lower } from "../lower/lower.ts";
import { planMemory } from "../lower/memory.ts";
import type { Device, Executable } from "./device.ts";
import { env } from "./env.ts";
import { availableThreads, builtin, debug, debugLevel } from "./host.ts";
import { type Compiler, findCompiler } from "./native-compiler.ts";
import { NativeExecutable } from "./native-executable.ts";
import { kernelsOf } from "./native-kernels.ts";
import { loadAddon, type NativeLoader } from "./native-loader.ts";
import { NativeMemory } from "./native-memory.ts";
import { type Blocks, blocksAsC, keepBlocks, searchBlocks, type Trial, tunedBlocks } from "./native-tuning.ts";
import { wasmDevice } from "./wasm.ts";

export interface NativeOptions {
  /** default: CHAINRULE_THREADS, or the cores that the process may use */
  readonly threads?: number;
}

export interface NativeDevice extends Device {
  readonly threads: number;
  /** whether it multiplies and adds with one rounding */
  readonly fma: boolean;
  /** what is below `compile`: programs that are lowered already, compiled together */
  load(programs: readonly Program[]): Executable[];
}

/** Throws a DeviceError, which says why, where no C compiler works. */
export function nativeDevice(options: NativeOptions = {}): NativeDevice {
  if (!builtin("node:child_process"))
    throw new DeviceError("The native device needs Node: a browser runs no C compiler.");
  const compiler = findCompiler();
  const loader = openLoader(compiler);
  openKernels(compiler, loader, tunedBlocks(compiler));
  const threads = Math.min(options.threads ?? availableThreads(), MAX_THREADS);
  loader.threads(threads);
  const level = debugLevel();
  const headers = HEADERS.map(source).join("\n");
  const wasm = wasmDevice({ threads, kernels: kernelsOf(loader) });
  const peak = level >= 2 ? threads * measurePeak(loader) : undefined;
  const memory = new NativeMemory(loader);
  let warned = false;

  const load = (programs: readonly Program[], graph = () => ""): Executable[] => {
    const rendered = renderPrograms(programs, {
      target: compiler.target,
      units: availableThreads(),
      marks: level >= 2,
    });
    const built = compiler.build(
      "program",
      rendered.units.map((unit) => headers + unit),
    );
    if (level >= 1) {
      const how = built.cached ? "found in the cache" : `compiled in ${rendered.units.length} units`;
      debug(`native: ${how} in ${built.milliseconds.toFixed(0)} ms`);
    }
    loader.scratch(rendered.scratch);
    const library = opening(() => loader.open(built.path));
    const text = rendered.units.join("\n");
    return programs.map((program, i) => {
      const plan = planMemory(program, ["temp"]);
      const loaded = { program, plan, rendered: rendered.programs[i], library, source: text, graph, peak };
      return new NativeExecutable(loader, memory, loaded);
    });
  };
  const compile = (traced: TracedProgram, quick = false): Executable => {
    if (quick) return wasm.compile(traced, quick);
    const program = lower(traced, { fuse: !env("NOFUSE"), epilogues: !env("NOFUSE"), attention: true });
    try {
      return load([program], () => printGraph(traced.graph))[0];
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      if (!warned) console.warn(`chainrule: ${error.message} This runs on WebAssembly instead.`);
      warned = true;
      return wasm.compile(traced, quick);
    }
  };
  return { name: "native", description: describe(compiler, threads), threads, fma: compiler.target.fma, compile, load };
}

const MAX_THREADS = 64;
const HEADERS = ["abi.h", "vectors.h"];
const KERNELS = [
  ...["contraction.c", "contraction-plain.c", "contraction-table.c", "contraction-runs.c"],
  ...["attention.c", "argsort.c", "probe.c"],
];

function openLoader(compiler: Compiler): NativeLoader {
  return opening(() => loadAddon(compiler.build("addon", [source("loader.c")]).path));
}

/** What the system does not load cannot be used: somewhere no code may be loaded from files at all. */
function opening<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    throw new DeviceError(`The native device could not load what it compiled: ${(error as Error).message}.`);
  }
}

function openKernels(compiler: Compiler, loader: NativeLoader, blocks: Partial<Blocks>): void {
  const units = KERNELS.map((name) => blocksAsC(blocks) + source(name));
  opening(() => loader.kernels(compiler.build("kernels", units).path));
}

/**
 * Searches for the block sizes that are fastest on this machine: gives each trial, the default first, and keeps the best
 * for every process that starts later, once the caller has taken the last one.
 */
export function* tuneKernels(): Generator<Trial, string> {
  const compiler = findCompiler();
  const loader = openLoader(compiler);
  loader.threads(Math.min(availableThreads(), MAX_THREADS));
  let best: Trial | undefined;
  for (const trial of searchBlocks(loader, (blocks) => openKernels(compiler, loader, blocks))) {
    if (!best || trial.mean < best.mean) best = trial;
    yield trial;
  }
  return keepBlocks(compiler, best!.blocks);
}

/** C of our own that is shipped with the package. Throws a DeviceError where it is not, as beside a bundle. */
function source(name: string): string {
  const url = new URL(`../../native/${name}`, import.meta.url);
  let text: string;
  try {
    text = builtin("node:fs")!.readFileSync(url, "utf8");
  } catch (error) {
    throw new DeviceError(
      `The native device needs the C that chainrule brings, but ${(error as Error).message}: whoever bundles for Node must leave chainrule external.`,
    );
  }
  return text.replace(/^#include "(.*)"$/gm, (_, included: string) => source(included));
}

/** GFLOP/s of one core: the best of a few short runs. */
function measurePeak(loader: NativeLoader): number {
  let best = 0;
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    const operations = loader.probe(10_000);
    best = Math.max(best, operations / (performance.now() - begin) / 1e6);
  }
  return best;
}

const VECTORS = { 64: "AVX-512", 32: "AVX2" } as const;

function describe({ version, target }: Compiler, threads: number): string {
  const vectors = target.vectorBytes === 16 ? (target.arch === "arm64" ? "NEON" : "SSE") : VECTORS[target.vectorBytes];
  return `C compiled by ${version} for ${vectors}, on ${threads} thread${threads === 1 ? "" : "s"}: as fast as this machine is.`;
}
