/** The device that runs everywhere: WebAssembly SIMD, on as many threads as the machine and the page allow. */

import { ModuleBuilder } from "../codegen/wasm/assembler.ts";
import type { WasmFeatures } from "../codegen/wasm/context.ts";
import { ArgumentError, DeviceError } from "../core/errors.ts";
import { printGraph } from "../core/print.ts";
import type { TracedProgram } from "../core/traced.ts";
import type { Program } from "../lower/loop-ir.ts";
import { lower } from "../lower/lower.ts";
import { planMemory } from "../lower/memory.ts";
import type { Device, Executable } from "./device.ts";
import { env } from "./env.ts";
import { availableThreads, builtin, debug, debugLevel, envNumber } from "./host.ts";
import { type KernelLibrary, WasmEngine } from "./wasm-engine.ts";
import { WasmExecutable } from "./wasm-executable.ts";

export interface WasmOptions {
  /** 1 runs everything in the calling thread; default: CHAINRULE_THREADS, or the cores that the process may use */
  readonly threads?: number;
  /** bytes that the device may use; default: CHAINRULE_MEMORY_LIMIT, or WebAssembly's 4 GiB */
  readonly memoryLimit?: number;
  /** bytes of state to keep in the device between runs; default 1 GiB */
  readonly residentLimit?: number;
  /** does contractions and attention in place of WebAssembly */
  readonly kernels?: KernelLibrary;
}

export interface WasmDevice extends Device {
  readonly threads: number;
  readonly features: WasmFeatures;
  /** what is below `compile`: takes a program that is lowered already */
  load(program: Program, graph?: () => string): Executable;
}

const MAX_THREADS = 64;

/** Throws a DeviceError where WebAssembly or its SIMD instructions are missing. */
export function wasmDevice(options: WasmOptions = {}): WasmDevice {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(simdProbe("f32x4.add"))) {
    throw new DeviceError("The wasm device needs WebAssembly with SIMD: Node 20 or later, or a browser from 2023 on.");
  }
  const wanted = options.threads ?? availableThreads();
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new ArgumentError(`wasm device: threads must be a whole number from 1 up, not ${wanted}.`);
  const threads = canShareMemory() ? Math.min(wanted, MAX_THREADS) : 1;
  const features: WasmFeatures = { relaxedMadd: fusesRelaxedMadd() };
  const level = debugLevel();
  const engine = new WasmEngine({
    features,
    threads,
    memoryLimit: options.memoryLimit ?? envNumber("MEMORY_LIMIT", 1 << 20) ?? 2 ** 32,
    residentLimit: options.residentLimit ?? 2 ** 30,
    ...(options.kernels && { kernels: options.kernels }),
  });

  const load = (program: Program, graph: () => string = () => ""): Executable => {
    const begin = performance.now();
    const executable = new WasmExecutable(
      engine,
      program,
      planMemory(program, ["arg", "result", "temp"]),
      graph,
      level >= 2,
    );
    if (level >= 1) {
      const { phases, code } = executable.rendered;
      debug(`wasm: ${phases.length} phases, ${code.length} bytes in ${(performance.now() - begin).toFixed(1)} ms`);
    }
    return executable;
  };
  const compile = (traced: TracedProgram): Executable => {
    const begin = performance.now();
    const program = lower(traced, { fuse: !env("NOFUSE"), attention: options.kernels !== undefined });
    if (level >= 1)
      debug(`wasm: lowered to ${program.kernels.length} kernels in ${(performance.now() - begin).toFixed(1)} ms`);
    return load(program, () => printGraph(traced.graph));
  };
  const madd = features.relaxedMadd ? ", with fused multiply-add" : "";
  const description = `WebAssembly SIMD${madd}, on ${threads} thread${threads === 1 ? "" : "s"}: runs wherever JavaScript does.`;
  return { name: "wasm", description, threads, features, compile, load };
}

/** Node shares memory always, a browser only with pages that are isolated, and never lets its main thread wait. */
function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  if (builtin("node:worker_threads")) return true;
  return globalThis.crossOriginIsolated === true && typeof document === "undefined" && typeof Worker !== "undefined";
}

/** A function () ─► f32 of lane 0 of op(a, b, c), where a·b − c is 0 if the product is rounded first. */
function simdProbe(op: "f32x4.add" | "f32x4.relaxed_madd"): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const a = 1 + 2 ** -12;
  module.function(
    [],
    ["f32"],
    (f) => {
      f.f32x4(a).f32x4(a);
      if (op === "f32x4.relaxed_madd") f.f32x4(-Math.fround(a * a));
      f.op(op).lane("f32x4.extract_lane", 0);
    },
    "probe",
  );
  return module.build();
}

/** Whether relaxed_madd exists and rounds once. */
function fusesRelaxedMadd(): boolean {
  const code = simdProbe("f32x4.relaxed_madd");
  if (!WebAssembly.validate(code)) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  return (exports["probe"] as () => number)() !== 0;
}
