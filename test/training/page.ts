/** Bundled for a browser: trains on the page's thread, or in a worker that is told to. */

import { compile, currentDevice, setDevice } from "../../src/index.ts";
import { xor } from "./models.ts";

export interface Trained {
  /** tells whether products are added with one rounding: results are the same bits only where this is the same */
  readonly device: string;
  readonly losses: readonly number[];
  /** of all state, in hexadecimal */
  readonly state: string;
}

export async function train(steps: number): Promise<Trained> {
  setDevice("wasm");
  const { step, x, y, state } = xor();
  const run = compile(step);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(await run(x, y).item());
  const bytes = (await state()).flatMap((each) => [...each]);
  return {
    device: currentDevice().description,
    losses,
    state: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}

if (typeof document === "undefined" && typeof process === "undefined") {
  globalThis.onmessage = async ({ data }) => globalThis.postMessage(await train(data));
}
