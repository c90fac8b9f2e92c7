import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chainrule, type Outcome, shell, start, workplace } from "./command.ts";

const EPOCHS = "6";
const model = (folder: string) => readFileSync(join(folder, "runs/tiny-001/model.safetensors"));
const events = ({ stdout }: Outcome) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The weights of a run from beginning to end; the recipe lies in `folder`, whose path is part of the file. */
async function uninterrupted(folder: string, epochs: string): Promise<Buffer> {
  const outcome = await chainrule(folder, ["train", "tiny.ts", "--epochs", epochs]);
  expect(outcome).toMatchObject({ code: 0 });
  const runs = readdirSync(join(folder, "runs"));
  return readFileSync(join(folder, "runs", runs[runs.length - 1], "model.safetensors"));
}

describe("chainrule train", () => {
  it("trains a recipe from outside the package and says what to do next", async () => {
    const folder = workplace();
    const { code, stdout, stderr } = await chainrule(folder, ["train", "./tiny.ts"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^tiny {2}stripes\ndevice {4}.+\nsettings {2}epochs=2 .*\nrun {7}runs\/tiny-001\n$/,
      ),
    });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/^epoch 1\/2 {2}loss \d\.\d{4} {2}test accuracy \d+\.\d\d % {2}0:\d\d$/);
    expect(lines[2]).toBe("saved runs/tiny-001/model.safetensors");
    expect(lines[3]).toBe("next:");
    for (const line of lines.slice(4)) {
      const next = await shell(folder, line);
      expect({ line, ...next }).toMatchObject({ code: 0 });
    }
    expect(readdirSync(join(folder, "runs/tiny-001")).sort()).toEqual([
      "checkpoints",
      "metrics.jsonl",
      "model.safetensors",
      "run.json",
    ]);
    expect(readFileSync(join(folder, "runs/tiny-001/metrics.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(3);
  });

  it("never writes into another run's folder, and gives the same bytes again", async () => {
    const folder = workplace();
    const [first, second] = [await uninterrupted(folder, "1"), await uninterrupted(folder, "1")];
    expect(readdirSync(join(folder, "runs"))).toEqual(["tiny-001", "tiny-002"]);
    expect(second).toEqual(first);
  });

  it("prints JSON lines with --json", async () => {
    const outcome = await chainrule(workplace(), [
      "train",
      "tiny.ts",
      "--json",
      "--set",
      "lr=0.02",
      "--set",
      "note=a=b",
      "--seed",
      "3",
    ]);
    const [begin, ...rest] = events(outcome);
    expect(begin).toMatchObject({
      event: "start",
      run: "runs/tiny-001",
      settings: { lr: 0.02, note: "a=b", seed: 3, epochs: 2 },
    });
    expect(rest.map(({ event }) => event)).toEqual(["epoch", "epoch", "done"]);
    expect(rest[1]).toMatchObject({ epoch: 2, step: 8 });
    expect(rest[1].accuracy).toBeGreaterThan(0.5);
    expect(rest[2].model).toBe("runs/tiny-001/model.safetensors");
  });

  it("saves on Ctrl-C, and the command that it prints goes on as if nothing had happened", async () => {
    const folder = workplace();
    const running = start(folder, ["train", "tiny.ts", "--epochs", EPOCHS]);
    await running.seen("epoch 1/");
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.done;
    expect({ code, stdout, stderr }).toMatchObject({ code: 130 });
    expect(stdout).not.toContain(`epoch ${EPOCHS}/`);
    const command = /saved\. To go on:\n {2}(.+)\n$/.exec(stderr)![1];
    const resumed = await shell(folder, command);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toContain("resumed   after step");
    expect(model(folder)).toEqual(await uninterrupted(folder, EPOCHS));
  });

  it("exits at once on the second Ctrl-C", async () => {
    const folder = workplace();
    const endless = readFileSync(join(folder, "tiny.ts"), "utf8").replace(
      /data: .*,/,
      "data: () => new Promise((r) => setTimeout(r, 1e8)),",
    );
    writeFileSync(join(folder, "endless.ts"), endless);
    const running = start(folder, ["train", "endless.ts", "--json"]);
    await running.seen('"event":"start"');
    running.child.kill("SIGINT");
    await running.seen("Ctrl-C again stops at once");
    running.child.kill("SIGINT");
    expect(await running.done).toMatchObject({ code: 130 });
  });

  it("says so when there is nothing left to train", async () => {
    const folder = workplace();
    await chainrule(folder, ["train", "tiny.ts", "--epochs", "1"]);
    const again = await chainrule(folder, ["train", "--resume"]);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("done already: --epochs 2 goes on") });
  });

  it("takes SIGTERM like Ctrl-C", async () => {
    const folder = workplace();
    const running = start(folder, ["train", "tiny.ts", "--epochs", "1000", "--json"]);
    await running.seen('"epoch":2');
    running.child.kill("SIGTERM");
    const outcome = await running.done;
    expect(outcome).toMatchObject({ code: 143 });
    expect(events(outcome).at(-1)).toMatchObject({ event: "interrupted", run: "runs/tiny-001" });
  });

  it("survives SIGKILL: resumed, the weights are the same bytes", async () => {
    const folder = workplace();
    const running = start(folder, ["train", "tiny.ts", "--epochs", EPOCHS]);
    await running.seen("epoch 2/");
    running.child.kill("SIGKILL");
    expect(await running.done).toMatchObject({ signal: "SIGKILL" });
    const resumed = await chainrule(folder, ["train", "tiny.ts", "--resume"]);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).toContain(`epoch ${EPOCHS}/${EPOCHS}`);
    expect(resumed.stdout).not.toContain("epoch 1/");
    expect(model(folder)).toEqual(await uninterrupted(folder, EPOCHS));
  });

  it("names a truncated checkpoint and uses the one before it", async () => {
    const folder = workplace();
    await chainrule(folder, ["train", "tiny.ts", "--epochs", "3"]);
    const checkpoints = join(folder, "runs/tiny-001/checkpoints");
    expect(readdirSync(checkpoints)).toEqual(["00000004.safetensors", "00000008.safetensors", "00000012.safetensors"]);
    truncateSync(join(checkpoints, "00000012.safetensors"), 5000);
    const resumed = await chainrule(folder, ["train", "--resume", "runs/tiny-001", "--epochs", "4"]);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toContain("warning runs/tiny-001/checkpoints/00000012.safetensors is truncated or altered");
    expect(resumed.stderr).toContain("resumed   after step 8");
    expect(model(folder)).toEqual(await uninterrupted(folder, "4"));
    for (const name of readdirSync(checkpoints)) truncateSync(join(checkpoints, name), 100);
    const hopeless = await chainrule(folder, ["train", "--resume", "runs/tiny-001", "--epochs", "5"]);
    expect(hopeless.code).toBe(1);
    expect(hopeless.stderr).toContain(
      "error[E_DATA] no checkpoint in runs/tiny-001/checkpoints can be read: train again.",
    );
  });

  it("stops with E_NAN when the loss is lost", async () => {
    const { code, stderr } = await chainrule(workplace(), ["train", "tiny.ts", "--set", "lr=1e38"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error\[E_NAN\] the loss is \S+ at step \d+: try a smaller/),
    });
  });
});

describe("errors", () => {
  const broken = (name: string, text: string) => {
    const folder = workplace();
    writeFileSync(join(folder, name), text);
    return folder;
  };

  it.each<[string, string[], string]>([
    ["an unknown option", ["train", "tiny.ts", "--nonsense"], "error[E_USAGE] unknown option '--nonsense'"],
    ["an unknown command", ["nonsense"], "error[E_USAGE] unknown command 'nonsense'"],
    ["no recipe", ["train"], "error[E_USAGE] train needs a recipe: "],
    ["a device that is none", ["train", "tiny.ts", "--device", "abacus"], "argument 'abacus' is invalid"],
    [
      "threads that are none",
      ["train", "tiny.ts", "--threads", "0"],
      "error[E_USAGE] --threads must be a whole number from 1",
    ],
    [
      "an unknown setting",
      ["train", "tiny.ts", "--set", "lt=1"],
      'error[E_USAGE] there is no setting "lt"; there are epochs, batchSize, lr',
    ],
    [
      "a setting without value",
      ["train", "tiny.ts", "--set", "lr"],
      'error[E_USAGE] --set takes key=value, but got "lr".',
    ],
    [
      "a number that is none",
      ["train", "tiny.ts", "--set", "lr=fast"],
      'error[E_USAGE] lr must be a number, but got "fast".',
    ],
    [
      "a boolean that is none",
      ["train", "tiny.ts", "--set", "bias=1"],
      'error[E_USAGE] bias must be true or false, but got "1".',
    ],
    [
      "half an epoch",
      ["train", "tiny.ts", "--epochs", "0.5"],
      "error[E_USAGE] epochs must be a whole number from 1, but got 0.5.",
    ],
    ["nothing to resume", ["train", "--resume"], "error[E_USAGE] there is no run to resume in "],
  ])("exit 2 for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await chainrule(workplace(), args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect(stderr).not.toContain("    at ");
  });

  it.each<[string, string[], string]>([
    ["a recipe that is missing", ["train", "mnist-cmm"], 'error[E_RECIPE] there is no recipe "mnist-cmm"; there are '],
    ["a file that is missing", ["train", "./none.ts"], "error[E_RECIPE] there is no file "],
    ["a run that is none", ["train", "--resume", "tiny.ts"], "error[E_DATA] tiny.ts is not the folder of a run: "],
    ["no model yet", ["eval"], "error[E_DATA] there is no run in "],
    ["a picture that is missing", ["predict", "none.png"], "error[E_DATA] cannot open none.png: "],
    ["no model for a text", ["predict", "tiny.ts"], "error[E_DATA] there is no run in "],
  ])("exit 1 for %s", async (_, args, message) => {
    const { code, stdout, stderr } = await chainrule(workplace(), args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
    expect(stderr).not.toContain("    at ");
  });

  it("says when a module's default export is not a recipe, cannot be parsed, or throws", async () => {
    const plain = await chainrule(broken("a.ts", "export default { name: 'a' };"), ["summary", "./a.ts"]);
    expect(plain).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error\[E_RECIPE\] the default export of .*a\.ts is not a recipe/),
    });
    const syntax = await chainrule(broken("b.ts", "export default {{"), ["summary", "./b.ts"]);
    expect(syntax).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error\[E_RECIPE\] cannot load .*b\.ts: /),
    });
    const half =
      'import { defineRecipe } from "chainrule/train"; export default defineRecipe({ name: "half" } as never);';
    const incomplete = await chainrule(broken("c.ts", half), ["summary", "./c.ts"]);
    expect(incomplete).toMatchObject({ code: 1, stderr: 'error[E_RECIPE] recipe "half" has no function `data`.\n' });
  });

  it("says that a recipe's own mistake can be looked for", async () => {
    const folder = workplace();
    const wrong = readFileSync(join(folder, "tiny.ts"), "utf8").replace(
      "new Flatten()",
      "(undefined as never as () => never)()",
    );
    writeFileSync(join(folder, "wrong.ts"), wrong);
    const { code, stderr } = await chainrule(folder, ["summary", "wrong.ts"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[E_UNEXPECTED\] .* is not a function\nCHAINRULE_DEBUG=1 shows where\.\n$/);
    const debug = await chainrule(folder, ["summary", "wrong.ts"], { CHAINRULE_DEBUG: "1" });
    expect(debug.stderr).toContain("wrong.ts:");
  });

  it("shows the stack with CHAINRULE_DEBUG", async () => {
    const { stderr } = await chainrule(workplace(), ["train", "nothing"], { CHAINRULE_DEBUG: "1" });
    expect(stderr).toContain("    at ");
  });

  it("refuses other settings when it resumes, and a run of another recipe", async () => {
    const folder = workplace();
    await chainrule(folder, ["train", "tiny.ts", "--epochs", "1"]);
    const settings = await chainrule(folder, ["train", "--resume", "runs/tiny-001", "--set", "lr=1"]);
    expect(settings).toMatchObject({ code: 2, stderr: expect.stringContaining("only epochs can be changed, not lr") });
    const other = await chainrule(folder, ["train", "mnist-mlp", "--resume", "runs/tiny-001"]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("not of mnist-mlp") });
  });
});
