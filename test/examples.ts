/** Runs code as documentation shows it: a line that ends in a comment must print what the comment says. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { parseSync, transformSync } from "rolldown/utils";
import { afterAll, beforeAll, expect } from "vitest";

export const ROOT: string = join(import.meta.dirname, "..");

/** The rooms that users see, and so the names that an example may use without importing them. */
export const ROOMS: readonly string[] = [
  "tensor",
  "nn",
  "optim",
  "metrics",
  "data",
  "io",
  "vision",
  "text",
  "audio",
  "train",
].filter((room) => existsSync(join(ROOT, "src", room, "index.ts")));

/** Gives the examples of this file their names, and a folder of their own to write files to. */
export function provideExamples(): void {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "chainrule-examples-"));
  beforeAll(async () => {
    for (const room of ROOMS) Object.assign(names, await entry(room));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
}

const names: Record<string, unknown> = {};

const entry = (room: string): Promise<Record<string, unknown>> => import(join(ROOT, "src", room, "index.ts"));

/**
 * Runs an example to its end; it fails if some value is not what its comment says. Two rooms may use a name, such as
 * gaussianNoise: one that belongs to the example's own `room` is meant.
 */
export async function runExample(code: string, room?: string): Promise<void> {
  const { runnable, imports } = instrumented(code);
  const scope = { ...names, ...(room && (await entry(room))) };
  for (const { from, name, as } of imports) {
    const module = await (from === "chainrule" ? import("../src/index.ts") : entry(from.replace("chainrule/", "")));
    expect(Object.keys(module), `import from "${from}"`).toContain(name);
    scope[as] = (module as Record<string, unknown>)[name];
  }
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...values: unknown[]) => Promise<void>;
  // In a block: an example may use a name of the library for something of its own.
  await new AsyncFunction("$check", ...Object.keys(scope), `{${runnable}\n}`)(check, ...Object.values(scope));
}

interface Import {
  readonly from: string;
  readonly name: string;
  readonly as: string;
}

/** The code with every commented expression wrapped in a check, stripped of its types, imports and `export default`. */
function instrumented(code: string): { runnable: string; imports: Import[] } {
  const { program, comments, errors } = parseSync("example.mts", code);
  if (errors.length > 0) throw new Error(`${errors[0].message}\n${code}`);
  const imports: Import[] = [];
  let out = "";
  let position = 0;
  const replace = (start: number, end: number, text: string) => {
    out += code.slice(position, start) + text;
    position = end;
  };
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const specifier of statement.specifiers) {
        if (statement.importKind === "type" || specifier.type !== "ImportSpecifier" || specifier.importKind === "type")
          continue;
        const name = specifier.imported.type === "Identifier" ? specifier.imported.name : specifier.imported.value;
        imports.push({ from: statement.source.value, name, as: specifier.local.name });
      }
      replace(statement.start, statement.end, "");
    }
    if (statement.type === "ExportDefaultDeclaration") replace(statement.start, statement.declaration.start, "");
    if (statement.type !== "ExpressionStatement") continue;
    const comment = comments.find(
      ({ start }) => start >= statement.end && !/\n/.test(code.slice(statement.end, start)),
    );
    if (!comment) continue;
    const { start, end } = statement.expression;
    const wanted = JSON.stringify(comment.value.trim());
    replace(start, end, `await $check(async () => (${code.slice(start, end)}), ${wanted})`);
  }
  const typed = `export {};\n${out}${code.slice(position)}`;
  return { runnable: transformSync("example.mts", typed).code.replace(/^export \{\s*\};?$/m, ""), imports };
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
