/** Runs the examples of the public docstrings: a line that ends in a comment must print what the comment says. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { parseSync, transformSync } from "rolldown/utils";
import { afterAll, beforeAll, expect, test } from "vitest";

// The rooms that users see, and so the names that an example may use.
const ROOMS = ["tensor", "nn", "optim", "metrics", "data", "io", "vision", "train"];
const SOURCE = join(import.meta.dirname, "../src");

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The ```ts blocks of a file's docstrings. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  const blocks = text.matchAll(/^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm);
  return [...blocks].map(({ 0: whole, 1: body, index }) => ({
    file,
    line: text.slice(0, index + whole.indexOf("\n")).split("\n").length,
    code: body.replace(/^ *\* ?/gm, ""),
  }));
}

/** The code with every commented expression wrapped in a check, stripped of its types. */
function instrumented(code: string): string {
  const { program, comments, errors } = parseSync("example.ts", code);
  if (errors.length > 0) throw new Error(`${errors[0].message}\n${code}`);
  let out = "";
  let position = 0;
  for (const statement of program.body) {
    if (statement.type !== "ExpressionStatement") continue;
    const comment = comments.find(
      ({ start }) => start >= statement.end && !/\n/.test(code.slice(statement.end, start)),
    );
    if (!comment) continue;
    const { start, end } = statement.expression;
    const wanted = JSON.stringify(comment.value.trim());
    out += `${code.slice(position, start)}await $check(async () => (${code.slice(start, end)}), ${wanted})`;
    position = end;
  }
  return transformSync("example.ts", `export {};\n${out}${code.slice(position)}`).code.replace(
    /^export \{\s*\};?$/m,
    "",
  );
}

/** How an example writes a value: on one line. */
function show(value: unknown): string {
  const text =
    typeof value === "string" ? JSON.stringify(value) : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
  return text.replace(/\s+/g, " ").trim();
}

async function check(compute: () => Promise<unknown>, wanted: string): Promise<void> {
  const thrown = /^throws (\w+)/.exec(wanted);
  if (thrown) await expect(compute()).rejects.toMatchObject({ name: thrown[1] });
  else expect(show(await compute())).toBe(wanted.replace(/\s+/g, " "));
}

const names: Record<string, unknown> = {};
const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "chainrule-examples-"));

beforeAll(async () => {
  for (const room of ROOMS) {
    const entry = join(SOURCE, room, "index.ts");
    if (existsSync(entry)) Object.assign(names, await import(entry));
  }
  process.chdir(folder); // examples may write files
});

afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

for (const room of ROOMS.filter((name) => existsSync(join(SOURCE, name)))) {
  const files = readdirSync(join(SOURCE, room)).filter((file) => file.endsWith(".ts"));
  for (const example of files.flatMap((file) => examplesOf(join(room, file)))) {
    test(`${example.file}:${example.line}`, async () => {
      const AsyncFunction = (async () => {}).constructor as new (
        ...args: string[]
      ) => (...values: unknown[]) => Promise<void>;
      const run = new AsyncFunction("$check", ...Object.keys(names), instrumented(example.code));
      await run(check, ...Object.values(names));
    });
  }
}
