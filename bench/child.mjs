/**
 * One contender in a process of its own: `node child.mjs NAME THREADS`, told what to do by lines of JSON on stdin, and
 * answering each with one line on stdout. The same protocol is spoken by the Python contenders.
 *
 *   {"op": "prepare", "workload": …}     build and upload everything         → {"about": "version, threads", "parameters": n}
 *   {"op": "check"}                      a step on the first batch, read     → {"values": […]}
 *   {"op": "run", "from": i, "steps": n} steps i to i+n-1                    → {"ms": total, "memory": peak bytes}
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [name, threads] = process.argv.slice(2);
// Peers greet on stdout, which is ours.
console.log = console.info = console.error;

let job;

/** Peak resident memory. Linux's maxRSS begins with that of the process which started this one. */
function peakMemory() {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

async function answer({ op, workload, from, steps }) {
  if (op === "prepare") {
    const peer = await import(`./peers/${name}.mjs`);
    job = await peer.prepare(workload, Number(threads));
    return { about: job.about, parameters: job.parameters };
  }
  if (op === "check") {
    await job.step(0);
    return { values: await job.read() };
  }
  const start = performance.now();
  for (let i = from; i < from + steps; i++) {
    // Awaited where it is asynchronous only: a microtask is not nothing beside the smallest steps.
    const pending = job.step(i);
    if (pending) await pending;
  }
  return { ms: performance.now() - start, memory: peakMemory() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit();
