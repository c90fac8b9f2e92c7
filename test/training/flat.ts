import { expect } from "vitest";
import { run } from "./bundle.ts";
import type { Held } from "./soak.ts";

const KB = 1024;

export interface Bounds {
  readonly heap: number;
  readonly rss: number;
}

/**
 * Trains in a process of its own, and expects the second half to hold what the first half held. Compares minima of
 * some samples: what V8 itself allocates (optimized code, feedback) comes and goes.
 */
export function expectFlat(
  program: string,
  device: string,
  how: string,
  pace: string,
  steps: number,
  bounds: Bounds,
): void {
  const flags = ["--expose-gc", "--single-threaded-gc"];
  const settings = { DEVICE: device, THREADS: "1" };
  const { samples, loss } = JSON.parse(run(program, [how, pace, `${steps}`], settings, flags)) as {
    samples: Held[];
    loss: number;
  };
  const middle = samples.slice(4, 7);
  const end = samples.slice(7);
  const growth = (of: (held: Held) => number): number => Math.min(...end.map(of)) - Math.min(...middle.map(of));
  const found = {
    wasm: growth(({ wasm }) => wasm),
    buffers: growth(({ buffers }) => buffers),
    heap: growth(({ heap }) => heap),
    rss: growth(({ rss }) => rss),
  };
  console.log(`${device} ${how} ${pace} ${steps}: ${JSON.stringify(found)}`);
  expect(loss).toBeLessThan(0.5);
  expect(found.wasm).toBe(0);
  expect(found.buffers).toBeLessThanOrEqual(64 * KB);
  expect(found.heap).toBeLessThanOrEqual(bounds.heap);
  expect(found.rss).toBeLessThanOrEqual(bounds.rss);
}
