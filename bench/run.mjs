/**
 * chainrule's speed against its peers and against the machine's own limits.
 *
 *   npm run bench -- [--only W1,W9-512 …] [--device native,wasm] [--peers torch,jax,tfjs,jax-js] [--threads 1,2]
 *                    [--node 24] [--quick] [--compare FILE]
 *
 *   --only      workloads, or the beginnings of their names (default: all; see workloads.mjs)
 *   --device    our devices to measure (default: those that run here); --peers likewise
 *   --threads   numbers of threads (default: 2, and for W9 and W10 also 1)
 *   --node      the version of Node to measure on (default: the running one)
 *   --quick     short rounds, two of them: whether everything works, not how fast it is
 *   --compare   print what changed since an earlier file of bench/results
 *
 * PyTorch and JAX are those of the Python in CHAINRULE_PYTHON (default python3).
 *
 * Every contender of a workload lives in a process of its own. Each first takes five steps (two, where a step takes many
 * seconds or the workload says so) whose losses must agree with everyone else's, and is warmed up; then they are timed in
 * turn, A B C A B C, so that a slow minute of the machine is shared by all. A contender's figure is the median of its
 * rounds; the best one stands beside it.
 */
import { execFileSync, execSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeDevices } from "../dist/index.js";
import { contendersOf, DEVICES, nodeFor, PEERS, start, whyNot } from "./contenders.mjs";
import { costOf } from "./floor.mjs";
import { buildProbe } from "./probe.mjs";
import { differs, printComparison, printTable } from "./report.mjs";
import { wasmPeak } from "./wasm-probe.mjs";
import { workloadsFor } from "./workloads.mjs";

const CHECK_STEPS = 5;
/** Whoever has taken so many milliseconds is let off after two: the second shows that the gradients were right. */
const CHECK_MS = 20_000;

const here = dirname(fileURLToPath(import.meta.url));
const list = { type: "string", multiple: true };
const options = parseArgs({
  options: {
    only: list,
    device: list,
    peers: list,
    threads: list,
    node: { type: "string" },
    quick: { type: "boolean" },
    compare: { type: "string" },
  },
}).values;
const listed = (name) => options[name]?.flatMap((text) => text.split(",").filter(Boolean));
const [rounds, roundMs] = options.quick ? [2, 60] : [7, 300];

/** Ends with a sentence for whoever typed the command. */
function stop(message) {
  console.error(message);
  process.exit(1);
}

const median = (xs) => xs.toSorted((a, b) => a - b)[xs.length >> 1];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bytes of the last-level cache that a core sees; 32 MiB where nobody says. */
function lastLevelCache() {
  const folder = "/sys/devices/system/cpu/cpu0/cache";
  for (const index of [3, 2]) {
    const file = join(folder, `index${index}/size`);
    if (existsSync(file)) return 1024 * Number.parseInt(readFileSync(file, "utf8"), 10);
  }
  return 32 * 2 ** 20;
}

/** The names asked for that can take part; says who cannot, and why. */
function choose(kind, asked, known, reason) {
  for (const name of asked ?? []) {
    if (!known.includes(name)) stop(`--${kind} ${name}: there is ${known.join(", ")}`);
  }
  return (asked ?? known).filter((name) => {
    const why = reason(name);
    if (why) console.log(`${name}: skipped, ${why}`);
    return !why;
  });
}

function whyNoDevice(name) {
  const found = describeDevices().devices.find((device) => device.name === name);
  if (!found) return "this build has no such device";
  return found.available ? undefined : found.description;
}

/** The values of each of the first steps. */
async function check(entry, steps = CHECK_STEPS) {
  const values = [];
  const begin = performance.now();
  while (values.length < steps && (values.length < 2 || performance.now() - begin < CHECK_MS)) {
    values.push((await entry.process.ask({ op: "check" })).values);
  }
  return values;
}

/** Milliseconds of the next so many steps. */
async function run(entry, steps) {
  const { ms, memory } = await entry.process.ask({ op: "run", from: entry.from, steps });
  entry.from += steps;
  entry.memory = memory;
  return ms;
}

/**
 * Doubles the steps until a run fills a round, three at least, so that everything is compiled; gives how many fill one.
 * Whoever takes seconds for a step is not worth everybody's time: that step, after those of the check, is its only round.
 */
async function warmUp(entry, repeats) {
  for (let steps = 1, runs = 1; ; runs++) {
    const ms = await run(entry, steps);
    entry.slow = ms / steps > 10 * roundMs;
    if (entry.slow) entry.times.push(ms / steps / repeats);
    if (entry.slow || (ms > roundMs && runs >= 3)) return Math.max(1, Math.round((steps * roundMs) / ms));
    if (ms < roundMs) steps *= 2;
  }
}

async function measure(workload, contenders) {
  const { repeats = 1 } = workload;
  const entries = contenders.map((contender) => ({ contender, process: start(contender), times: [], from: 0 }));
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
      Object.assign(entry, await entry.process.ask({ op: "prepare", workload }));
      entry.values = await check(entry, workload.checkSteps);
      entry.steps = await warmUp(entry, repeats);
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      if (entry.slow) continue;
      await attempt(entry, async () => {
        entry.times.push((await run(entry, entry.steps)) / entry.steps / repeats);
        // Pools that spin for a while after their work must not take the next one's processor.
        if (entry.contender.threads > 1) await sleep(50);
      });
    }
  }
  for (const { process } of entries) process.stop();
  return entries;
}

/** Largest |a - b| of the steps that both have, relative to the largest |b|. */
function difference(stepsOfA, stepsOfB) {
  const steps = Math.min(stepsOfA.length, stepsOfB.length);
  const [a, b] = [stepsOfA, stepsOfB].map((values) => values.slice(0, steps).flat());
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / Math.max(...b.map(Math.abs));
}

/** One row a contender, with the shares of what the machine can do. */
function rowsOf(workload, entries, cost, probe) {
  const reference = entries.find(({ contender, error }) => PEERS.includes(contender.name) && !error) ?? entries[0];
  return entries.map(({ contender: { name, threads }, about, parameters, values, times, memory, error }) => {
    const key = { workload: workload.name, name, threads };
    if (error) return { ...key, error };
    if (cost.parameters && parameters && parameters !== cost.parameters) {
      throw new Error(`${workload.name}: ${name} has ${parameters} parameters, floor.mjs counts ${cost.parameters}`);
    }
    const ms = median(times);
    const [peak, bandwidth] = [probe?.best("fma", threads), probe?.best(cost.mix, threads)];
    const floor = probe && cost.flops / peak / 1e6 + (cost.bytes && cost.bytes / bandwidth / 1e6);
    return {
      ...key,
      about,
      ms,
      best: Math.min(...times),
      spread: (Math.max(...times) - Math.min(...times)) / ms,
      difference: reference.values && difference(values, reference.values),
      gflops: cost.flops / ms / 1e6,
      memory,
      ...(probe && {
        floor,
        floorShare: floor / ms,
        peakShare: cost.flops / ms / 1e6 / peak,
        bandwidthShare: cost.bytes / ms / 1e6 / bandwidth,
      }),
    };
  });
}

/** Adds to our rows how many times longer each peer takes, on as many threads if it has them. */
function relate(rows) {
  for (const row of rows) {
    if (!row.ms || !DEVICES.includes(row.name)) continue;
    row.ratios = {};
    for (const name of PEERS) {
      const peers = rows.filter((peer) => peer.name === name && peer.workload === row.workload && peer.ms);
      const peer = peers.find(({ threads }) => threads === row.threads) ?? (name === "jax-js" ? peers[0] : undefined);
      if (peer) row.ratios[name] = peer.ms / row.ms;
    }
  }
}

const before = options.compare && JSON.parse(readFileSync(options.compare, "utf8"));
const cache = lastLevelCache();
const all = workloadsFor(cache);
const only = listed("only");
const isWanted = ({ name }) => !only || only.some((wanted) => name === wanted || name.startsWith(`${wanted}-`));
const workloads = all.filter(isWanted);
if (workloads.length === 0) stop(`--only ${only}: there is ${all.map(({ name }) => name).join(", ")}`);

const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const isInstalled = ([name, version]) => {
  const file = join(here, "node_modules", name, "package.json");
  return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version === version;
};
if (!Object.entries(dependencies).every(isInstalled)) execSync("npm ci", { cwd: here, stdio: "inherit" });

const names = [
  ...choose("device", listed("device"), DEVICES, whyNoDevice),
  ...choose("peers", listed("peers"), PEERS, whyNot),
];
const node = nodeFor(options.node);
const probe = buildProbe();
if (!probe) console.log("There is no C compiler, hence no probe of the machine, and no floors.");
if (probe?.spills === "yes") stop("probe.c: the compiler keeps its sums in memory, so the peak would be too low.");

const { model } = os.cpus()[0];
const result = {
  date: new Date().toISOString(),
  commit: execFileSync("git", ["describe", "--always", "--dirty"], { cwd: here, encoding: "utf8" }).trim(),
  quick: options.quick ?? false,
  cpu: model.trim(),
  cores: os.availableParallelism(),
  cache,
  node: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
  load: os.loadavg()[0],
  wasmPeak: await wasmPeak(),
  workloads: {},
  rows: [],
};

const measured = [];
for (const workload of workloads) {
  const isScaling = workload.kind === "matmul" || workload.kind === "memory";
  const threads = listed("threads")?.map(Number) ?? (isScaling ? [1, 2] : [2]);
  const cost = costOf(workload, cache);
  process.stderr.write(`${workload.name} `);
  // Before and after, so that one quiet moment is enough.
  const contenders = contendersOf(workload, names, threads, node);
  const probeAll = () => {
    for (const count of new Set(contenders.map((contender) => contender.threads))) {
      probe?.measure("fma", count);
      if (cost.bytes) probe?.measure(cost.mix, count, workload.floats ?? Math.ceil(cache / 2 ** 20) * 2 ** 20);
    }
  };
  probeAll();
  measured.push([workload, cost, await measure(workload, contenders)]);
  probeAll();
}
process.stderr.write("\n");

for (const [workload, cost, entries] of measured) {
  const { name, title, tolerance } = workload;
  result.workloads[name] = { title, tolerance, flops: cost.flops, bytes: cost.bytes };
  result.rows.push(...rowsOf(workload, entries, cost, probe));
}
if (probe) result.probe = { compiler: probe.compiler, spills: probe.spills, best: probe.all() };
probe?.close();
relate(result.rows);

printTable(result);
if (before) printComparison(before, result);

const file = join(here, "results", `${result.date.slice(0, 19).replaceAll(":", "-")}-${result.commit}.json`);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
const { chart } = await import("./chart.mjs");
const picture = file.replace(/json$/, "svg");
writeFileSync(picture, chart(result));
console.log(`\n${relative(process.cwd(), file)}\n${relative(process.cwd(), picture)}`);
if (result.rows.some((row) => differs(row, result.workloads))) process.exitCode = 1;
