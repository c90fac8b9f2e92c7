import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { missing } from "../native/device.ts";

// Without a compiler every command would say so.
if (missing) process.env["CHAINRULE_DEVICE"] ??= "wasm";

export const MAIN: string = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  /** resolves once stdout or stderr holds `text` */
  seen(text: string): Promise<void>;
}

/** Starts the built command in a folder. */
export function start(cwd: string, args: readonly string[], env: Record<string, string> = {}): Running {
  return watch(spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, NO_COLOR: "1", ...env } }));
}

/** Runs the built command in a folder to its end. */
export const chainrule = (cwd: string, args: readonly string[], env?: Record<string, string>): Promise<Outcome> =>
  start(cwd, args, env).done;

/** Runs a line as a person would paste it. */
export const shell = (cwd: string, line: string): Promise<Outcome> => watch(spawn(line, { cwd, shell: true })).done;

function watch(child: ChildProcess): Running {
  let [stdout, stderr] = ["", ""];
  const waiting: (() => void)[] = [];
  child.stdout!.on("data", (chunk) => {
    stdout += chunk;
    for (const check of waiting) check();
  });
  child.stderr!.on("data", (chunk) => {
    stderr += chunk;
    for (const check of waiting) check();
  });
  const done = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const holds = (text: string) => stdout.includes(text) || stderr.includes(text);
  const seen = (text: string) =>
    Promise.race([
      new Promise<void>((resolve) => {
        const check = () => holds(text) && resolve();
        waiting.push(check);
        check();
      }),
      done.then((outcome) => {
        if (!holds(text)) throw new Error(`ended without "${text}": ${JSON.stringify(outcome, null, 2)}`);
      }),
    ]);
  return { child, done, seen };
}

/** A folder outside the package, with the recipe tiny.ts and the comparison coins.ts in it. */
export function workplace(...more: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-cli-"));
  for (const name of ["tiny.ts", "coins.ts", ...more]) {
    copyFileSync(new URL(`fixtures/${name}`, import.meta.url), join(folder, name));
  }
  return folder;
}
