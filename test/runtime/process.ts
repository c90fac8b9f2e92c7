/** Run as a process of its own, from a bundle: what a page or a script that uses the device would do. */

import { wasmDevice } from "../../src/runtime/wasm.ts";
import { axpy, f32, floats } from "./programs.ts";

const [what, wait] = process.argv.slice(2);
const begin = performance.now();
const executable = wasmDevice({ threads: 4 }).load(axpy(1, 1e9));
const [result] = executable.run([f32(5), f32(2)], []).results;
if (what === "first") console.log(performance.now() - begin);
if (what === "exit") {
  const large = wasmDevice({ threads: 4 }).load(axpy(1000, 1e9));
  const x = f32(...new Array(1000).fill(1));
  const end = performance.now() + Number(wait);
  do large.run([x, x], []);
  while (performance.now() < end);
  if (Number(wait) > 100) await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(floats(result)[0]);
}
