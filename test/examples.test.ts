/** Runs the examples of the public docstrings. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { provideExamples, ROOMS, ROOT, runExample } from "./examples.ts";

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The ```ts blocks of a file's docstrings. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(join(ROOT, "src", file), "utf8");
  const blocks = text.matchAll(/^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm);
  return [...blocks].map(({ 0: whole, 1: body, index }) => ({
    file,
    line: text.slice(0, index + whole.indexOf("\n")).split("\n").length,
    code: body.replace(/^ *\* ?/gm, ""),
  }));
}

provideExamples();

for (const room of ROOMS) {
  const files = readdirSync(join(ROOT, "src", room), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  for (const example of files.flatMap((file) => examplesOf(join(room, file)))) {
    test(`${example.file}:${example.line}`, () => runExample(example.code, room));
  }
}
