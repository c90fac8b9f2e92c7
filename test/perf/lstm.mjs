/**
 * One training step of a character LSTM on WebAssembly: CPU time of the process on one thread, and the kernels of its scans.
 * Run: npm run build && node test/perf/lstm.mjs [folder of the build]
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [STEPS, BATCH, VOCABULARY, EMBEDDING, HIDDEN] = [64, 32, 65, 64, 128];
const load = (path) => import(pathToFileURL(resolve(process.argv[2] ?? "dist", path)).href);
const { compile, currentDevice, scan, setDevice, tensor, zeros } = await load("index.js");
const { crossEntropy, Embedding, Linear } = await load("nn/index.js");
const { SGD } = await load("optim/index.js");
const { lower } = await load("lower/lower.js");

setDevice("wasm", { threads: 1 });
const [embedding, input, recurrent, output] = [
  new Embedding(VOCABULARY, EMBEDDING),
  new Linear(EMBEDDING, 4 * HIDDEN),
  new Linear(HIDDEN, 4 * HIDDEN),
  new Linear(HIDDEN, VOCABULARY),
];
const cell = ([h, c], x) => {
  const [i, f, g, o] = input.forward(x).add(recurrent.forward(h)).chunk(4, 1);
  const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  const out = o.sigmoid().mul(next.tanh());
  return [[out, next], out];
};
const parameters = [embedding, input, recurrent, output].flatMap((layer) => layer.parameters());
const optimizer = new SGD(parameters, { lr: 0.1 });
const train = compile((text, next) => {
  const start = [zeros([BATCH, HIDDEN]), zeros([BATCH, HIDDEN])];
  const [, states] = scan(cell, start, embedding.forward(text)); // (T, B, H)
  const logits = output.forward(states.reshape([STEPS * BATCH, HIDDEN]));
  const loss = crossEntropy(logits, next.reshape([STEPS * BATCH]));
  loss.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return loss;
});

const characters = (seed) =>
  tensor(
    Int32Array.from({ length: STEPS * BATCH }, (_, i) => (i * 31 + seed * 17 + ((i * i) % 7)) % VOCABULARY),
    { dtype: "i32", shape: [STEPS, BATCH] },
  );
const [text, next] = [characters(1), characters(2)];

const device = currentDevice();
const { compile: original } = device;
device.compile = (traced) => {
  for (const kernel of lower(traced).kernels) {
    if (kernel.kind !== "scan") continue;
    const names = kernel.body.map(({ kind, name }) => (kind === "loops" ? name : `[${kind} ${name}]`));
    console.log(`scan of ${names.length} kernels: ${names.join(" | ")}`);
  }
  return original(traced);
};
const losses = [];
let best = Infinity;
for (let i = 0; i < 40; i++) {
  const before = process.cpuUsage();
  losses.push(train(text, next).itemSync());
  const { user, system } = process.cpuUsage(before);
  if (i > 5) best = Math.min(best, user + system);
}
console.log(`${(best / 1000).toFixed(2)} ms a step; loss ${losses[0].toFixed(6)} ─► ${losses.at(-1).toFixed(6)}`);
process.exit(0);
