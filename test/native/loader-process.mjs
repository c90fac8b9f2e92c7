// Run as a process of its own: node loader-process.mjs WHAT ADDON PROGRAMS. What it finds is its last line.
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const [what, addon, programs] = isMainThread ? process.argv.slice(2) : workerData;
const module = { exports: {} };
process.dlopen(module, addon);
const loader = module.exports;
const library = loader.open(programs);

/** A program with its words after the status; numbers are of 64 bits. */
function program(symbol, ...words) {
  const block = new ArrayBuffer(8 + 8 * words.length);
  new BigInt64Array(block).set(words.map(BigInt), 1);
  return loader.entry(library, symbol, block);
}

/** What programs work on: an address keeps nothing alive. */
const kept = [];

function incrementer(length) {
  const values = new Float32Array(length);
  kept.push(values);
  return { values, entry: program("increment", loader.address(values), length, 16) };
}

function resting(milliseconds) {
  const list = new BigInt64Array(1000);
  kept.push(list);
  return { list, entry: program("append", loader.address(list), 1, milliseconds * 1e6) };
}

const worker = (part) => new Worker(new URL(import.meta.url), { workerData: [part, addon, programs] });
const message = (from) => new Promise((resolve, reject) => from.once("message", resolve).once("error", reject));

const parts = {
  // all of them run and start, and each sees only its own results
  async workers() {
    loader.threads(3);
    const workers = Array.from({ length: 4 }, () => worker("work"));
    const done = Promise.all(workers.map(message));
    await parts.work();
    console.log((await done).join(" "));
  },
  async work() {
    const { values, entry } = incrementer(10_000);
    const promises = [];
    for (let i = 0; i < 300; i++) {
      loader.arena(1000 * i);
      if (i % 3 === 0) promises.push(loader.start(entry));
      else loader.run(entry);
      if (i % 50 === 0) await sleep(1);
    }
    await Promise.all(promises);
    const { parentPort } = await import("node:worker_threads");
    parentPort?.postMessage(values.every((value) => value === 300));
  },
  // Workers end in the middle of what they run and have started, while others go on
  async terminate() {
    loader.threads(3);
    const { values, entry } = incrementer(10_000);
    for (let i = 0; i < 20; i++) {
      const busy = [worker("forever"), worker("forever")];
      await Promise.all(busy.map(message));
      for (let j = 0; j < 50; j++) loader.run(entry);
      const codes = Promise.all(busy.map((thread) => thread.terminate()));
      for (let j = 0; j < 50; j++) loader.run(entry);
      await codes;
    }
    console.log(values.every((value) => value === 2000));
  },
  async forever() {
    const { parentPort } = await import("node:worker_threads");
    const { values, entry } = incrementer(100_000);
    const rest = resting(1);
    for (let i = 0; ; i++) {
      const last = Promise.all([loader.start(entry), loader.start(rest.entry), loader.start(entry)]);
      if (i < 3) loader.run(entry);
      if (i === 3) parentPort.postMessage("busy");
      if (i % 10 === 0) await last;
      if (i % 100 === 0) rest.list[0] = 0n;
      if (values[0] < 0) break;
    }
  },
  // with 50 s of work to go
  exit() {
    for (let i = 0; i < 5; i++) loader.start(resting(10_000).entry);
    console.log("exits");
    process.exit(0);
  },
  // somebody waits for a promise: the process does not end
  async pending() {
    console.log(await loader.start(resting(100).entry));
  },
  async spawn() {
    loader.threads(3);
    const { values, entry } = incrementer(1_000_000);
    const promises = Array.from({ length: 200 }, () => loader.start(entry));
    for (let i = 0; i < 10; i++) spawnSync(process.execPath, ["--version"]);
    loader.run(entry);
    await Promise.all(promises);
    console.log(values.every((value) => value === 201));
  },
  // nobody waits: threads keep nothing alive
  idle() {
    loader.threads(4);
    loader.run(incrementer(100_000).entry);
    console.log("ends");
  },
  async memory() {
    loader.threads(2);
    const { entry } = incrementer(64);
    const small = program("give_status");
    const round = async () => {
      for (let i = 0; i < 250_000; i++) loader.run(entry);
      for (let i = 0; i < 250_000; i++) loader.run(small);
      for (let i = 0; i < 5000; i++) await loader.start(small);
      for (let i = 0; i < 1000; i++) {
        loader.release(program("give_status", i));
        loader.close(loader.open(programs));
      }
      globalThis.gc();
      await sleep(1);
      return process.memoryUsage.rss();
    };
    await round();
    const before = await round();
    await round();
    console.log(((await round()) - before) / 1e6);
  },
  // nanoseconds a run of a program that does nothing
  cost() {
    const entry = program("give_status");
    let best = Infinity;
    for (let i = 0; i < 50; i++) {
      const begin = process.hrtime.bigint();
      for (let j = 0; j < 20_000; j++) loader.run(entry);
      best = Math.min(best, Number(process.hrtime.bigint() - begin) / 20_000);
    }
    console.log(best);
  },
};
await parts[what]();
