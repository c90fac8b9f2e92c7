/** Which room may import which, and that the library needs nothing but itself. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "rolldown/utils";
import { describe, expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");

/** As in docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  autodiff: ["core"],
  lower: ["core"],
  codegen: ["core", "lower"],
  runtime: ["core", "lower", "codegen"],
  tensor: ["core", "autodiff", "runtime"],
  nn: ["core", "tensor"],
  optim: ["core", "tensor"],
  metrics: ["core", "tensor"],
  data: ["core", "tensor"],
  io: ["core", "tensor"],
  vision: ["core", "tensor", "data", "io"],
  train: ["core", "tensor", "data", "io", "nn", "optim"],
};

/** What a file imports statically, types included. */
function importsOf(file: string): string[] {
  const { program } = parseSync(file, readFileSync(join(SOURCE, file), "utf8"));
  return program.body.flatMap((statement) =>
    "source" in statement && statement.source ? [statement.source.value] : [],
  );
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const roomOf = (file: string): string => (file.includes("/") ? file.split("/")[0] : "");
const isLibrary = (file: string): boolean => roomOf(file) !== "cli";

describe("rooms", () => {
  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    test(`${room} imports ${allowed.join(", ") || "nothing"}`, () => {
      const strangers = files
        .filter((file) => roomOf(file) === room)
        .flatMap((file) =>
          importsOf(file)
            .filter((name) => name.startsWith("."))
            .map((name) => relative(SOURCE, join(SOURCE, dirname(file), name)))
            .filter((target) => ![room, ...allowed].includes(roomOf(target)))
            .map((target) => `${file} imports ${target}`),
        );
      expect(strangers).toEqual([]);
    });
  }

  test("every room has its rule", () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== "" && room !== "cli"));
    expect([...rooms].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });
});

test("the library imports no package, and none of Node's modules but lazily", () => {
  const foreign = files.filter(isLibrary).flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith("."))
      .map((name) => `${file}: ${name}`),
  );
  expect(foreign).toEqual([]);
});

test("only tensor and what is below it sees the graph", () => {
  const seen = files
    .filter(
      (file) =>
        isLibrary(file) && !["core", "autodiff", "lower", "codegen", "runtime", "tensor"].includes(roomOf(file)),
    )
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => /core\/(graph|primitives)\.ts$/.test(name))
        .map((name) => `${file}: ${name}`),
    );
  expect(seen).toEqual([]);
});
