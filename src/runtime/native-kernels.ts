import { ATTENTION_OPERANDS, type AttentionKernel, type ContractionKernel } from "../lower/loop-ir.ts";
import type { NativeLoader } from "./native-loader.ts";
import type { KernelLibrary } from "./wasm-engine.ts";

/**
 * Contractions and attention by the native device's kernel library on another device's memory.
 *
 * Code that is not compiled runs on WebAssembly, which needs no C compiler: what the library does has the bits of compiled
 * code, and its speed.
 */
export function kernelsOf(loader: NativeLoader): KernelLibrary {
  const descriptors = new WeakMap<ContractionKernel | AttentionKernel, ArrayBuffer>();
  return (kernel, memory, at) => {
    let descriptor = descriptors.get(kernel);
    if (!descriptor) descriptors.set(kernel, (descriptor = describe(kernel)));
    const base = loader.address(memory);
    const addresses = at.map((address) => (address === undefined ? 0 : base + address));
    if (kernel.kind === "attention") loader.attend(descriptor, Float64Array.from(addresses));
    else loader.contract(descriptor, addresses[0], addresses[1], addresses[2]);
  };
}

/** What the loader's `contract` and `attend` read. */
function describe(kernel: ContractionKernel | AttentionKernel): ArrayBuffer {
  const words = kernel.kind === "attention" ? wordsOfAttention(kernel) : wordsOfContraction(kernel);
  return BigInt64Array.from(words, BigInt).buffer;
}

function wordsOfContraction({ batch, rows, cols, inner, parts, partStride }: ContractionKernel): number[] {
  const spaces = [batch, rows, cols, inner];
  const axes = spaces.flat().flatMap(({ size, strides }) => [size, ...strides]);
  return [...spaces.map(({ length }) => length), parts, partStride, ...axes];
}

function wordsOfAttention(kernel: AttentionKernel): number[] {
  const { gradient, batch, causal, queries, keys, width, valueWidth, maskColumn, operands, dropsBelow } = kernel;
  const rows = ATTENTION_OPERANDS.map((name) => operands[name]?.row ?? 0);
  const axes = batch.flatMap(({ size, strides }) => [size, ...strides]);
  const bits = new Int32Array(Float32Array.of(kernel.scale, kernel.kept).buffer);
  const flags = [gradient ? 1 : 0, batch.length, causal ? 1 : 0];
  return [...flags, queries, keys, width, valueWidth, maskColumn, ...bits, dropsBelow, ...rows, ...axes];
}
