import type { ContractionKernel } from "../lower/loop-ir.ts";
import type { NativeLoader } from "./native-loader.ts";
import type { Contract } from "./wasm-engine.ts";

/**
 * Contractions by the native device's kernel library on another device's memory.
 *
 * Code that is not compiled runs on WebAssembly, which needs no C compiler: what it contracts has the bits of compiled
 * code, and its speed.
 */
export function contractWith(loader: NativeLoader): Contract {
  const descriptors = new WeakMap<ContractionKernel, ArrayBuffer>();
  return (kernel, memory, [a, b, out]) => {
    let descriptor = descriptors.get(kernel);
    if (!descriptor) descriptors.set(kernel, (descriptor = describe(kernel)));
    const base = loader.address(memory);
    loader.contract(descriptor, base + a, base + b, base + out);
  };
}

/** What the loader's `contract` reads. */
function describe({ batch, rows, cols, inner, parts, partStride }: ContractionKernel): ArrayBuffer {
  const spaces = [batch, rows, cols, inner];
  const axes = spaces.flat().flatMap(({ size, strides }) => [size, ...strides]);
  const words = [...spaces.map(({ length }) => length), parts, partStride, ...axes];
  return BigInt64Array.from(words, BigInt).buffer;
}
