/** What runs us (Node, a browser, a worker of either), asked without importing anything: bundles must work in a browser. */

import { ArgumentError } from "../core/errors.ts";
import { env } from "./env.ts";

interface Builtins {
  "node:child_process": typeof import("node:child_process");
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:worker_threads": typeof import("node:worker_threads");
}

/** One of Node's own modules; undefined in a browser. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return typeof process === "undefined" ? undefined : process.getBuiltinModule?.(name);
}

/** CHAINRULE_<name> as a whole number from `low` up. */
export function envNumber(name: string, low: number): number | undefined {
  const text = env(name);
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= low) return value;
  throw new ArgumentError(`CHAINRULE_${name} must be a whole number from ${low} up, but it is "${text}".`);
}

/** How many threads can run at once: CHAINRULE_THREADS, or the cores that this process may use. */
export function availableThreads(): number {
  const asked = envNumber("THREADS", 1);
  if (asked !== undefined) return asked;
  const os = builtin("node:os");
  if (os) return Math.max(1, Math.min(os.availableParallelism(), containerQuota()));
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** The cores that a container's quota is worth (cgroups 2 and 1): a thread beyond it would only be throttled. */
function containerQuota(): number {
  const read = (path: string): string => {
    try {
      return builtin("node:fs")!.readFileSync(path, "utf8");
    } catch {
      return ""; // no such cgroup file: not in a container, or not on Linux
    }
  };
  const [quota, period] = read("/sys/fs/cgroup/cpu.max").split(" ").map(Number);
  if (quota > 0 && period > 0) return Math.ceil(quota / period);
  const quota1 = Number(read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  const period1 = Number(read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  return quota1 > 0 && period1 > 0 ? Math.ceil(quota1 / period1) : Infinity;
}

/** CHAINRULE_DEBUG: what to tell on stderr. */
export const debugLevel = (): number => envNumber("DEBUG", 0) ?? 0;

export function debug(text: string): void {
  console.error(text); // stderr in Node, the console in a browser
}
