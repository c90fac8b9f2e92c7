import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeEach, describe, expect, it } from "vitest";
import { lineChart } from "../../src/cli/chart.ts";
import { chainrule, workplace } from "./command.ts";

/** The paths of a picture's lines: everything else in it is shorter. */
function linesOf(svg: string): string[] {
  const { document } = parseHTML(svg);
  return [...document.querySelectorAll('g[aria-label="line"] path')].map((path) => path.getAttribute("d") ?? "");
}

const textsOf = (svg: string): string[] =>
  [...parseHTML(svg).document.querySelectorAll("text")].map((text) => text.textContent ?? "");

describe("chainrule plot activation", () => {
  let folder: string;
  beforeEach(() => {
    folder = workplace();
  });

  it("draws several in one picture and says where it is", async () => {
    const { code, stdout, stderr } = await chainrule(folder, ["plot", "activation", "tanh", "relu", "gelu"]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "saved activations.svg\n", stderr: "" });
    const svg = readFileSync(join(folder, "activations.svg"), "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*<\/svg>\n$/s);
    expect(linesOf(svg)).toHaveLength(3);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["tanh", "relu", "gelu", "f(x)"]));
    expect(textsOf(svg)).not.toContain("f′(x)");
    expect(readdirSync(folder).sort()).toEqual(["activations.svg", "coins.ts", "tiny.ts"]); // nothing temporary is left
  });

  it("draws derivatives beside them, into a file of one's own", async () => {
    const { stdout } = await chainrule(folder, [
      "plot",
      "activation",
      "silu",
      "elu",
      "--derivative",
      "--out",
      "two.svg",
    ]);
    expect(stdout).toBe("saved two.svg\n");
    const svg = readFileSync(join(folder, "two.svg"), "utf8");
    expect(linesOf(svg)).toHaveLength(4);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["f(x)", "f′(x)"]));
  });

  it("prints the numbers with --json", async () => {
    const args = ["plot", "activation", "sigmoid", "logit", "--from", "-2", "--to", "2", "--json"];
    const { stdout } = await chainrule(folder, args);
    const [sigmoid, logit, plot, ...rest] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rest).toEqual([]);
    expect([sigmoid.event, sigmoid.activation, sigmoid.x.length]).toEqual(["curve", "sigmoid", 401]);
    expect([sigmoid.x[0], sigmoid.x[200], sigmoid.x[400]]).toEqual([-2, 0, 2]);
    expect([sigmoid.y[200], sigmoid.dy[200]]).toEqual([0.5, 0.25]);
    expect(sigmoid.y[400]).toBeCloseTo(1 / (1 + Math.exp(-2)), 15);
    expect([logit.y[0], logit.y[250]]).toEqual([null, 0]); // no number outside of [0, 1]; logit(1/2)
    expect(plot).toEqual({ event: "plot", file: "activations.svg" });
  });

  it("refuses a name that it does not know, with those that are near", async () => {
    const stderrOf = async (...names: string[]) => {
      const { code, stdout, stderr } = await chainrule(folder, ["plot", "activation", ...names]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      return stderr;
    };
    expect(await stderrOf("relu", "tanhh")).toContain(
      'error[E_USAGE] there is no activation "tanhh"; did you mean tanh? There are linearActivation, step, sigmoid,',
    );
    expect(await stderrOf("constructor")).toContain('there is no activation "constructor". There are');
    expect(await stderrOf()).toContain("error[E_USAGE] missing required argument 'names'");
    expect(readdirSync(folder).sort()).toEqual(["coins.ts", "tiny.ts"]);
  });

  it("knows activations by their modules' names too", async () => {
    const { code } = await chainrule(folder, ["plot", "activation", "LeakyReLU", "GELU"]);
    expect(code).toBe(0);
    const svg = readFileSync(join(folder, "activations.svg"), "utf8");
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["leakyRelu", "gelu"]));
    expect((await chainrule(folder, ["plot", "activation", "--help"])).stdout).toContain("hardtanh, softsign");
  });

  it("refuses what is no range and no place", async () => {
    const failed = (...args: string[]) => chainrule(folder, ["plot", "activation", "relu", ...args]);
    expect(await failed("--from", "5")).toMatchObject({ code: 2, stderr: expect.stringContaining("from 5 to 5") });
    expect(await failed("--to", "far")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--to must be a number, but got "far".'),
    });
    expect(await failed("--out", "nowhere/x.svg")).toMatchObject({
      code: 1,
      stderr: "error[ENOENT] cannot write nowhere/x.svg: no such file or directory.\n",
    });
  });
});

describe("lineChart", () => {
  const line = { x: [1, 2, 3, 4], y: [1, 0, Number.POSITIVE_INFINITY, 10] };
  const figureOf = (svg: string) => parseHTML(svg).document.querySelector("svg svg")!;

  it("has room for long numbers and long names", () => {
    const svg = lineChart([{ title: "rate", lines: new Map([["a", { x: [0, 1], y: [0.500001, 0.500002] }]]) }]);
    const labels = figureOf(svg).querySelectorAll('[aria-label="y-axis tick label"] text');
    const longest = Math.max(...[...labels].map(({ textContent }) => textContent.length));
    expect(longest).toBeGreaterThanOrEqual(9); // 0.5000010
    const [, first] = /M(\d+)/.exec(linesOf(svg)[0])!;
    expect(Number(first)).toBeGreaterThan(7 * longest);

    const name = "OneCycleLR ".repeat(10);
    const wide = lineChart([{ title: "rate", lines: new Map([[name, line]]) }]);
    expect(Number(/width="(\d+)"/.exec(wide)![1])).toBeGreaterThan(7 * name.length);
  });

  it("shows a line of one point, and a title of its own", () => {
    const svg = lineChart([{ title: "loss", lines: new Map([["a", { x: [1], y: [2] }]]) }], { title: "a saddle" });
    expect(figureOf(svg).querySelector("marker")).not.toBeNull();
    expect(textsOf(svg)[0]).toBe("a saddle");
    expect(svg).toContain("<title>a saddle</title>");
  });

  it("interrupts a line where there is no number to draw", () => {
    const moves = (svg: string) => linesOf(svg)[0].match(/M/g);
    expect(moves(lineChart([{ title: "loss", lines: new Map([["a", line]]) }]))).toHaveLength(2);
    // 0 has no logarithm
    const logarithmic = [{ title: "loss", lines: new Map([["a", line]]), y: { type: "log" } as const }];
    expect(moves(lineChart(logarithmic))).toHaveLength(2);
    expect(lineChart(logarithmic)).not.toMatch(/NaN|Infinity/);
  });

  it("gives a name one look in all panels, each name another, and names as they are", () => {
    const names = Array.from({ length: 20 }, (_, i) => `a<${i}&`);
    const lines = new Map(names.map((name) => [name, line]));
    const svg = lineChart([
      { title: "first", lines },
      { title: "second", lines: new Map([["a<19&", line]]) },
    ]);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(names));
    const { document } = parseHTML(svg);
    const looks = [...document.querySelectorAll('g[aria-label="line"]')].map((group) =>
      ["stroke", "stroke-dasharray"].map((name) => group.getAttribute(name)).join(" "),
    );
    expect(new Set(looks.slice(0, 20)).size).toBe(20);
    expect(looks[20]).toBe(looks[19]);
  });
});
