/** Run as a process of its own with --expose-gc: trains for long, and prints what memory it holds as time passes. */

import { compile } from "../../src/index.ts";
import { xor } from "./models.ts";

export interface Held {
  readonly wasm: number;
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
}

const [how, pace, count] = process.argv.slice(2);

const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

function held(): Held {
  for (let i = 0; i < 3; i++) globalThis.gc!();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { wasm, heap: heapUsed, buffers: arrayBuffers, rss };
}

const { step, x, y } = xor();
const run = how === "compiled" ? compile(step) : step;
const SAMPLES = 10;
const steps = Number(count) / SAMPLES;
const samples: Held[] = [];
const begin = performance.now();
let loss = 0;
for (let sample = 0; sample < SAMPLES; sample++) {
  // Without an await there is no turn of the event loop, and finalizers never run.
  for (let i = 0; i < steps; i++) {
    const result = run(x, y);
    if (pace === "await") loss = await result.item();
    else if (pace === "sync" || i === steps - 1) loss = result.itemSync();
  }
  samples.push(held());
}
console.log(JSON.stringify({ samples, loss, microseconds: ((performance.now() - begin) * 1000) / Number(count) }));
