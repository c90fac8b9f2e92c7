/** Bundled for a browser: runs a program on the page's thread, or in a worker that is told to. */

import { wasmDevice } from "../../src/runtime/wasm.ts";
import { axpy, store } from "./programs.ts";

export function report(): { threads: number; right: boolean } {
  const device = wasmDevice({ threads: 3 });
  const executable = device.load(axpy(10_000, 1e9));
  const x = store(new Float32Array(10_000).fill(2));
  let right = true;
  for (let i = 0; i < 500; i++) {
    const out = new Float32Array(executable.run([x, x], []).results[0].bytes().buffer);
    right &&= out.every((value) => value === 6);
  }
  return { threads: device.threads, right };
}

if (typeof document === "undefined") globalThis.onmessage = () => globalThis.postMessage(report());
