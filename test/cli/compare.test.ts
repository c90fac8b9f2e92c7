import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { table } from "../../src/cli/compare-output.ts";
import { chainrule, start, workplace } from "./command.ts";

const folder = workplace();
const saved = (path: string) => readFileSync(join(folder, path), "utf8");

describe("chainrule compare", () => {
  it("prints a table and what follows from it, and keeps numbers and a chart", async () => {
    const { code, stdout, stderr } = await chainrule(folder, ["compare", "./coins.ts", "--quick", "--seed", "3"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^coins {2}a loaded coin .*\ndevice {4}.*\nsettings {2}seed=3 throws=200\n/);
    expect(stdout).toMatch(
      /^coin {4}throws {3}heads\nfair {7}200 {2}0\.[45]\d{3}\nloaded {5}200 {2}0\.[78]\d{3}\n\nHeads: 0\.\S* and 0\.\S*\.\n$/,
    );
    const { rows, charts, conclusion, settings } = JSON.parse(saved("runs/coins-001/comparison.json"));
    expect(rows.map(({ coin }: { coin: string }) => coin)).toEqual(["fair", "loaded"]);
    expect(conclusion.holds).toBe(true);
    expect(settings).toEqual({ seed: 3, throws: 200 });
    expect(charts[0].lines.fair.x).toEqual([100, 200]);
    expect(charts[1].lines.loaded.y[1]).toBeCloseTo(200 * charts[0].lines.loaded.y[1]);
    const { document } = parseHTML(saved("runs/coins-001/chart.svg"));
    expect(document.querySelectorAll('g[aria-label="line"]')).toHaveLength(4);
    expect(document.toString()).toContain("heads so far");
  });

  it("prints JSON lines, the same ones for the same seed", async () => {
    const run = async (seed: string) => {
      const { stdout } = await chainrule(folder, [
        "compare",
        "coins.ts",
        "--set",
        "throws=300",
        "--seed",
        seed,
        "--json",
      ]);
      const events = stdout.trimEnd().split("\n");
      return events.map((line) => JSON.parse(line));
    };
    const [first, again, other] = [await run("1"), await run("1"), await run("2")];
    expect(first.map(({ event }) => event)).toEqual(["row", "row", "done"]);
    expect(first[2]).toMatchObject({ holds: true, text: expect.stringMatching(/^Heads/) });
    expect(again.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(other[0]).not.toEqual(first[0]);
  });

  it("ends on Ctrl-C with what there is", async () => {
    const { child, done, seen } = start(folder, ["compare", "coins.ts", "--set", "throws=20000"]);
    await seen("fair, ");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await done;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^coin {2}throws {3}heads\nfair {2}20,000 {2}0\.\d+\n$/);
    const path = /interrupted: this is what there is\nsaved (\S+),/.exec(stderr)![1];
    const kept = JSON.parse(saved(path));
    expect(kept.rows).toHaveLength(1);
    expect(kept.conclusion).toBeUndefined();
  });

  it("says which comparisons there are, and that a recipe is none", async () => {
    const missing = await chainrule(folder, ["compare", "apples"]);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no comparison "apples"; there are '),
    });
    const recipe = await chainrule(folder, ["compare", "tiny.ts"]);
    expect(recipe).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("tiny.ts is not a comparison: make it with"),
    });
    const setting = await chainrule(folder, ["compare", "coins.ts", "--set", "weight=1"]);
    expect(setting).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no setting "weight"; there are seed, throws'),
    });
    const seed = await chainrule(folder, ["compare", "coins.ts", "--seed", "-1"]);
    expect(seed).toMatchObject({ code: 2, stderr: expect.stringContaining("seed must be a whole number") });
  });
});

it("a table has words on the left and numbers on the right, also where a cell is missing", () => {
  expect(
    table([
      { a: "one", b: 1234 },
      { a: "eleven", c: 0.5 },
    ]),
  ).toEqual(["a           b       c", "one     1,234", "eleven         0.5000"]);
  expect(table([])).toEqual([]);
});
