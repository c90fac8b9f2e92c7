import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeEach, describe, expect, it } from "vitest";
import { CONTENDERS } from "../../src/cli/compare-optimizers/contenders.ts";
import { bestPath } from "../../src/cli/compare-optimizers/paths.ts";
import { SURFACES } from "../../src/cli/compare-optimizers/surfaces.ts";
import { grad, tensor } from "../../src/index.ts";
import { chainrule, start, workplace } from "./command.ts";

const contender = (name: string) => CONTENDERS.find((each) => each.name === name)!;

describe("chainrule compare-optimizers", () => {
  let folder: string;
  beforeEach(() => {
    folder = workplace();
  });

  it("prints a table and draws losses and paths", async () => {
    const args = ["compare-optimizers", "adam", "L-BFGS", "--passes", "1", "--out", "pictures"];
    const { code, stdout } = await chainrule(folder, args);
    expect(code).toBe(0);
    const [head, adam, lbfgs, ...files] = stdout.trim().split("\n");
    expect(head.split(/\s+/)).toEqual(["optimizer", "settings", "batch", "steps", "loss", "accuracy", "time", "state"]);
    // 60,000 pictures are 937 batches of 64; two moments a parameter
    expect(adam).toMatch(/^Adam +lr=0\.001 +64 +937 +0\.\d{4} +9[3-7]\.\d\d % +0:\d\d +2\.00$/);
    expect(head.length).toBeLessThan(100); // characters that a terminal has in a line
    expect(lbfgs).toMatch(/^L-BFGS +lr=1 lineSearchFn=strongWolfe +all +1 /);
    const names = ["losses", "rosenbrock", "saddle", "ravine", "local-minima"].map((name) => `${name}.svg`);
    expect(files).toEqual(names.map((name) => join("pictures", name)));
    expect(readdirSync(join(folder, "pictures")).sort()).toEqual(names.sort());
    const picture = (name: string) => parseHTML(readFileSync(join(folder, "pictures", name), "utf8")).document;
    const lines = (name: string) => [...picture(name).querySelectorAll('g[aria-label="line"]')];
    expect(lines("losses.svg")).toHaveLength(2);
    expect(lines("rosenbrock.svg")).toHaveLength(2);
    expect(picture("saddle.svg").querySelector("text")?.textContent).toBe("a saddle, x² − y² + y⁴ / 4");
    expect(picture("saddle.svg").querySelectorAll('g[aria-label="contour"] path').length).toBeGreaterThan(10);
    for (const name of names) expect(readFileSync(join(folder, "pictures", name), "utf8")).not.toMatch(/NaN|undefined/);
  });

  it("prints the numbers with --json, the same ones for the same seed", async () => {
    const run = async (seed: string) => {
      const args = ["compare-optimizers", "sgd", "--passes", "1", "--seed", seed, "--json"];
      const { stdout } = await chainrule(folder, args);
      const [event] = stdout.split("\n").map((line) => line && JSON.parse(line));
      return event;
    };
    const [first, again] = [await run("1"), await run("1")];
    expect(first).toMatchObject({
      event: "optimizer",
      name: "SGD",
      settings: { lr: 0.1 },
      batch: 64,
      steps: 937,
      state: 0,
    });
    expect(first.losses).toHaveLength(937);
    expect(first.losses[0]).toBeCloseTo(Math.log(10), 0); // nothing is known yet of ten digits
    expect(again.losses).toEqual(first.losses);
  });

  it("says after Ctrl-C what is missing, and leaves what it has printed", async () => {
    const { child, done, seen } = start(folder, ["compare-optimizers", "sgd", "rprop", "--passes", "30"]);
    await seen("optimizer  ");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await done;
    expect(code).toBe(130);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(
      `interrupted: without SGD, Rprop, ${["losses", "rosenbrock"].map((name) => join("compare-optimizers", `${name}.svg`)).join(", ")}, `,
    );
    expect(readdirSync(join(folder, "compare-optimizers"))).toEqual([]);
  });

  it("refuses a place where it cannot draw, before it trains", async () => {
    writeFileSync(join(folder, "taken"), "");
    const { code, stdout, stderr } = await chainrule(folder, ["compare-optimizers", "sgd", "--out", "taken"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("error[EEXIST]");
  });

  it("refuses what it does not know, before it trains", async () => {
    const { code, stderr } = await chainrule(folder, ["compare-optimizers", "adm"]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no optimizer "adm"; did you mean Adam');
    expect((await chainrule(folder, ["compare-optimizers", "--passes", "0"])).stderr).toContain(
      "--passes must be a whole number from 1",
    );
    expect(existsSync(join(folder, "compare-optimizers"))).toBe(false);
  });
});

describe("surfaces", () => {
  for (const [name, { height, minima }] of Object.entries(SURFACES)) {
    it(`${name} is flat at its minima and higher beside them`, async () => {
      for (const minimum of minima) {
        const slope = await grad((p) => height(p))(tensor(minimum, { dtype: "f64" })).data();
        for (const part of slope) expect(Math.abs(part)).toBeLessThan(1e-4);
        const at = async (dx: number, dy: number) =>
          height(tensor([minimum[0] + dx, minimum[1] + dy], { dtype: "f64" })).item();
        const lowest = await at(0, 0);
        for (const [dx, dy] of [
          [0.1, 0],
          [-0.1, 0],
          [0, 0.1],
          [0, -0.1],
        ])
          expect(await at(dx, dy)).toBeGreaterThan(lowest);
      }
    });
  }

  it("have the heights that are known", async () => {
    const at = (name: string, x: number, y: number) => SURFACES[name].height(tensor([x, y], { dtype: "f64" })).item();
    expect(await at("rosenbrock", -1, 2)).toBe(104);
    expect(await at("saddle", 1, 2)).toBe(1);
    expect(await at("ravine", 2, 1)).toBe(27);
    expect(await at("local-minima", -2.903534, -2.903534)).toBeCloseTo(-78.33233, 4);
  });
});

describe("paths", () => {
  it("lead gradient descent along powers of 1 − rate·curvature", async () => {
    const { rate, x, y } = await bestPath(contender("gradient descent"), SURFACES["ravine"], 10);
    expect([x.length, x[0], y[0]]).toEqual([11, -4, 1]);
    expect(x[10]).toBeCloseTo(-4 * (1 - rate) ** 10, 12);
    expect(y[10]).toBeCloseTo((1 - 50 * rate) ** 10, 12);
  });

  it("lead L-BFGS to the end of Rosenbrock's valley, and gradient descent not", async () => {
    expect((await bestPath(contender("L-BFGS"), SURFACES["rosenbrock"], 100)).height).toBeLessThan(1e-8);
    expect((await bestPath(contender("gradient descent"), SURFACES["rosenbrock"], 100)).height).toBeGreaterThan(0.1);
  });
});
