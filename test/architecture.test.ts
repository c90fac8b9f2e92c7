import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const SRC = join(ROOT, "src");

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const text = new Map(files.map((path) => [path, readFileSync(join(SRC, path), "utf8")]));

interface Import {
  readonly from: string;
  /** a file of ours, or what the code names: a package, node:… */
  readonly to: string;
  /** `await import(…)`: only when the function that has it is called */
  readonly lazy: boolean;
}

function importsOf(from: string): Import[] {
  const source = text.get(from)!;
  const found = (pattern: RegExp, lazy: boolean): Import[] =>
    [...source.matchAll(pattern)].map(([, to]) => ({
      from,
      to: to.startsWith(".") ? normalize(join(dirname(from), to)) : to,
      lazy,
    }));
  return [
    ...found(/^(?:import|export)\s(?:[^;"]*\sfrom\s)?"([^"]+)";$/gm, false),
    ...found(/await import\("([^"]+)"\)/g, true),
  ];
}

const imports = files.flatMap(importsOf);
const ours = imports.filter(({ to }) => text.has(to));
const roomOf = (path: string): string => path.split("/")[0];
const show = ({ from, to }: Import): string => `${from} imports ${to}`;

/** Words that every room shares: errors, shapes and dtypes. */
const VOCABULARY = ["core/errors.ts", "core/shape.ts", "core/dtype.ts", "core/inspect.ts"];
/** What user-facing rooms see of tensors. */
const TENSOR = ["tensor/index.ts", ...VOCABULARY];

/** What each room may import besides itself: whole rooms, or some files. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  autodiff: ["core"],
  lower: ["core"],
  codegen: ["core", "lower"],
  runtime: ["core", "lower", "codegen"],
  tensor: ["core", "autodiff", "runtime"],
  nn: [...TENSOR, "tensor/convolution.ts", "tensor/random.ts"], // the general convolution and dropout's mask have no public name
  optim: TENSOR,
  metrics: [...TENSOR, "vision/boxes/rectangles.ts"], // what two boxes share is written once
  data: TENSOR,
  io: TENSOR,
  vision: [...TENSOR, "nn/index.ts", "nn/loss/loss.ts", "data", "io"], // how every loss is reduced
  text: [...TENSOR, "nn/index.ts", "data", "io"],
  audio: [...TENSOR, "nn/index.ts", "data", "io"],
  train: [...TENSOR, "nn/index.ts", "optim/index.ts", "data/index.ts", "io/index.ts"],
  cli: ["core", "runtime", "tensor", "nn", "optim", "metrics", "data", "io", "vision", "text", "audio", "train"],
  "index.ts": ["tensor/index.ts"],
};

/** Packages that a data set may ask for when it meets a file of their kind. */
const OPTIONAL = ["pngjs", "jpeg-js", "linkedom", "@huggingface/tokenizers"];

describe("imports", () => {
  test("are all understood", () => {
    const statements = [...text.values()].flatMap(
      (source) => source.match(/^(?! \*).*(?:\bfrom|^import) ".*";$/gm) ?? [],
    );
    expect(imports.filter(({ lazy }) => !lazy)).toHaveLength(statements.length);
    expect(imports.filter(({ to }) => to.endsWith(".ts") && !text.has(to)).map(show)).toEqual([]);
  });

  test("point one way", () => {
    const wrong = ours.filter(({ from, to }) => {
      const room = roomOf(from);
      return (
        roomOf(to) !== room && !(MAY_IMPORT[room] ?? []).some((allowed) => to === allowed || roomOf(to) === allowed)
      );
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test("of the library are its own, and Node's and decoders' only when they are needed", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const entries = Object.values<string | { default: string }>(exports)
      .filter((entry) => typeof entry === "object")
      .map((entry) => relative("dist", entry.default).replace(/\.js$/, ".ts"));
    const reached = new Set(entries);
    for (const path of reached) for (const { to } of importsOf(path)) if (text.has(to)) reached.add(to);
    const foreign = imports.filter(({ from, to, lazy }) => {
      return reached.has(from) && !text.has(to) && !(lazy && (to.startsWith("node:") || OPTIONAL.includes(to)));
    });
    expect(foreign.map(show)).toEqual([]);
    expect([...reached].filter((path) => roomOf(path) === "cli")).toEqual([]);
  });

  test("of packages are the command's dependencies", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const packages = imports.filter(({ to }) => !text.has(to) && !to.startsWith("node:"));
    expect(packages.filter(({ from, to }) => roomOf(from) !== "cli" && !OPTIONAL.includes(to)).map(show)).toEqual([]);
    expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(Object.keys(dependencies).sort());
  });
});

/** What a person reads to understand how a step runs: from the graph to the device, and the tensors in front. */
const ENGINE = ["core", "autodiff", "lower", "codegen", "runtime", "tensor"];
// A weekend's reading would be 10,000. The C back end, and what compiles and loads it, are 2,200 of these lines beside
// WebAssembly's; attention as one operator is 500, and dropout in it, which no table of scores has to hold, and keys that heads share are 110; threads that go
// through a scan with rows of their own, which made recurrent networks a third faster, are 120. The vocabulary of
// PyTorch's tensor operators is 900: compositions of what is there, no primitives. A change that needs more than this should find something to remove.
const MOST_LINES = 19_550;

test("the engine stays readable", () => {
  const linesOf = (room: string): number => {
    const sources = files.filter((path) => roomOf(path) === room).map((path) => text.get(path)!);
    const code = sources.map((source) => source.replace(/\/\*[\s\S]*?\*\//g, "").split("\n"));
    return code.flat().filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
  };
  const counts = ENGINE.map((room) => [room, linesOf(room)] as const);
  const total = counts.reduce((sum, [, lines]) => sum + lines, 0);
  console.log(`lines of code: ${counts.map(([room, lines]) => `${room} ${lines}`).join(", ")}; together ${total}`);
  expect(total).toBeLessThan(MOST_LINES);
});
