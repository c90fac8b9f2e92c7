import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeEach, describe, expect, it } from "vitest";
import { chainrule, workplace } from "./command.ts";

describe("chainrule plot schedule", () => {
  let folder: string;
  beforeEach(() => {
    folder = workplace();
  });

  it("draws several in one picture and says where it is", async () => {
    const { code, stdout, stderr } = await chainrule(folder, [
      ...["plot", "schedule", "CosineAnnealingLR", "OneCycleLR annealStrategy=linear"],
    ]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "saved schedules.svg\n", stderr: "" });
    const { document } = parseHTML(readFileSync(join(folder, "schedules.svg"), "utf8"));
    expect(document.querySelectorAll('g[aria-label="line"] path')).toHaveLength(2);
    const texts = [...document.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["CosineAnnealingLR", "OneCycleLR annealStrategy=linear"]));
  });

  it("draws each with options that suit the number of steps", async () => {
    const { code, stderr } = await chainrule(folder, ["plot", "schedule", "none"]);
    expect(code).toBe(2);
    const names = / There are (.*)\./.exec(stderr)![1].split(", ");
    expect(names).toContain("NoamLR");
    const { stdout } = await chainrule(folder, ["plot", "schedule", ...names, "--steps", "12", "--json"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.pop()).toEqual({ event: "plot", file: "schedules.svg" });
    expect(events.map(({ schedule }) => schedule)).toEqual(names);
    for (const { schedule, lr } of events) {
      expect(lr).toHaveLength(12);
      expect(new Set(lr).size, schedule).toBeGreaterThan(1); // it moves
    }
  });

  it("prints the numbers with --json", async () => {
    const args = ["plot", "schedule", "StepLR stepSize=2 gamma=0.5", "--lr", "1", "--steps", "5", "--json"];
    const { stdout } = await chainrule(folder, args);
    expect(JSON.parse(stdout.split("\n")[0])).toEqual({
      event: "schedule",
      schedule: "StepLR stepSize=2 gamma=0.5",
      lr: [1, 1, 0.5, 0.5, 0.25],
    });
  });

  it("refuses what it does not know", async () => {
    const stderrOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await chainrule(folder, ["plot", "schedule", ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      return stderr;
    };
    expect(await stderrOf("StepRL")).toContain('there is no schedule "StepRL"; did you mean StepLR?');
    expect(await stderrOf("StepLR size=3")).toContain('StepLR takes stepSize=…, gamma=…, but got "size=3".');
    expect(await stderrOf("StepLR gamma=half")).toContain('gamma must be a number, but got "half".');
    expect(await stderrOf("StepLR", "--steps", "0")).toContain("--steps must be a whole number from 1");
    const wrong = await chainrule(folder, ["plot", "schedule", "StepLR stepSize=0.5"]);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("error[E_ARG] StepLR: stepSize must be") });
    expect(readdirSync(folder).sort()).toEqual(["coins.ts", "tiny.ts"]);
  });

  it("takes lists of numbers, and names in any spelling", async () => {
    const args = ["plot", "schedule", "multisteplr milestones=1,3 gamma=0.5", "--steps", "5", "--lr", "1", "--json"];
    const { stdout } = await chainrule(folder, args);
    expect(JSON.parse(stdout.split("\n")[0]).lr).toEqual([1, 0.5, 0.5, 0.25, 0.25]);
    const { code, stderr } = await chainrule(folder, ["plot", "schedule", "MultiStepLR milestones=1,x"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error[E_USAGE] milestones must be a number, but got "x".\n' });
  });
});
