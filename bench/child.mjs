/**
 * One contender in a process of its own: `node child.mjs NAME THREADS`, told what to do by lines of JSON on stdin, and
 * answering each with one line on stdout. The same protocol is spoken by the Python contenders.
 *
 *   {"op": "prepare", "workload": …}  build and upload everything     → {"about": "version, threads"}
 *   {"op": "check", "steps": n}       n steps, reading after each one → {"values": […]}
 *   {"op": "run", "steps": n}         n steps, reading after the last → {"ms": total}
 */
import { createInterface } from "node:readline";

const [name, threads] = process.argv.slice(2);
// Peers greet on stdout, which is ours.
console.log = console.info = console.error;

let job;

async function answer({ op, workload, steps }) {
  if (op === "prepare") {
    const peer = await import(`./peers/${name}.mjs`);
    job = await peer.prepare(workload, Number(threads));
    return { about: job.about };
  }
  if (op === "check") {
    const values = [];
    for (let i = 0; i < steps; i++) {
      await job.step();
      values.push(...(await job.read()));
    }
    return { values };
  }
  const start = performance.now();
  for (let i = 0; i < steps; i++) {
    // Awaited where it is asynchronous only: a microtask is not nothing beside the smallest steps.
    const pending = job.step();
    if (pending) await pending;
  }
  await job.read();
  return { ms: performance.now() - start };
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit();
