import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "jpeg-js";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, it } from "vitest";
import { missing } from "../native/device.ts";
import { chainrule, MAIN, workplace } from "./command.ts";

const AUTO = { CHAINRULE_DEVICE: "auto" };

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}.png`, import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** A folder where tiny was trained. */
let folder: string;
beforeAll(async () => {
  folder = workplace();
  expect(await chainrule(folder, ["train", "tiny.ts"])).toMatchObject({ code: 0 });
});

describe("chainrule eval", () => {
  it("gives the accuracy that training ended with", async () => {
    const { accuracy } = JSON.parse(
      readFileSync(join(folder, "runs/tiny-001/metrics.jsonl"), "utf8").trimEnd().split("\n")[1],
    );
    for (const which of [[], ["runs/tiny-001"], ["runs/tiny-001/model.safetensors"]]) {
      const { stdout } = await chainrule(folder, ["eval", ...which, "--json"]);
      expect(JSON.parse(stdout)).toEqual({
        event: "eval",
        model: "runs/tiny-001/model.safetensors",
        examples: 20,
        accuracy,
      });
    }
    const { stdout } = await chainrule(folder, ["eval"]);
    expect(stdout).toBe(
      `test accuracy ${(100 * accuracy).toFixed(2)} %  (20 examples, runs/tiny-001/model.safetensors)\n`,
    );
  });
});

describe("chainrule explain", () => {
  it("says which models it is for, and which examples there are", async () => {
    const { code, stderr } = await chainrule(folder, ["explain"]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^error\[E_USAGE\] explain is for classifiers of pictures that have convolutions/);
    expect((await chainrule(folder, ["explain", "--examples", "0,x"])).stderr).toMatch(
      /whole number from 0, but got "x"/,
    );
  });
});

describe("a recipe that answers texts", () => {
  it("shows samples after each epoch, keeps them, and answers piece by piece", async () => {
    const place = workplace("letters.ts");
    const { code, stdout } = await chainrule(place, ["train", "letters.ts"]);
    expect(code).toBe(0);
    // 4 steps of Adam at a rate of 1 raise the right one of 26 scores far above the others.
    expect(stdout).toMatch(/^epoch 1\/2 .* test nats \d\.\d{4} .*\n {2}bcde\nepoch 2\/2 .*\n {2}bcde\n/);
    for (const epoch of ["0001", "0002"]) {
      const kept = join(place, "runs/letters-001/samples", epoch);
      expect(readFileSync(join(kept, "alphabet.txt"), "utf8")).toBe("bcde");
      expect(readFileSync(join(kept, "nothing.svg"), "utf8")).toMatch(/^<svg/);
    }
    const model = ["--model", "runs/letters-001"];
    expect((await chainrule(place, ["predict", "x", ...model])).stdout).toBe("yzab\n");
    expect((await chainrule(place, ["predict", "x", ...model, "--set", "length=2"])).stdout).toBe("yz\n");
    expect(JSON.parse((await chainrule(place, ["predict", "m", ...model, "--json"])).stdout)).toEqual({
      event: "predict",
      text: "m",
      model: "runs/letters-001/model.safetensors",
      answer: "nopq",
    });
    expect((await chainrule(place, ["eval", "runs/letters-001"])).stdout).toMatch(/^test nats 0\.\d{4} {2}\(26 ex/);
    expect((await chainrule(place, ["summary", "./letters.ts"])).stderr).toMatch(/does not say what its model takes/);
  });

  it("is none, if it was trained on pictures", async () => {
    const { stderr } = await chainrule(folder, ["predict", "x", "--model", "runs/tiny-001", "--set", "length=2"]);
    expect(stderr).toMatch(/^error\[E_USAGE\] --set is for recipes that answer texts, but tiny does not/);
  });
});

describe("chainrule predict", () => {
  it("shows what the model saw and its three best guesses", async () => {
    const { code, stdout, stderr } = await chainrule(folder, ["predict", sample("digit-7")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [picture, guesses] = stdout.split("\n\n");
    expect(picture.split("\n")).toHaveLength(14);
    expect(picture).toMatch(/^[ ▀▄█\n]+$/);
    expect(guesses.trimEnd().split("\n")).toHaveLength(3);
    for (const line of guesses.trimEnd().split("\n")) expect(line).toMatch(/^\d {2}[█░]{30} +\d+\.\d %$/);
  });

  it("gives every class with --json, the probabilities adding up to one", async () => {
    const { stdout } = await chainrule(folder, ["predict", sample("drawing"), "--model", "runs/tiny-001", "--json"]);
    const { classes, warnings } = JSON.parse(stdout) as {
      classes: { label: number; probability: number }[];
      warnings: string[];
    };
    expect(warnings).toEqual([]);
    expect(classes.map(({ label }) => label).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  });

  it("reads JPEG, turned as the camera noted", async () => {
    const [width, height] = [120, 80];
    const data = new Uint8Array(width * height * 4).fill(255);
    for (let y = 30; y < 50; y++)
      for (let x = 20; x < 100; x++) data.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 3);
    const jpeg = encode({ width, height, data }, 95).data;
    // Exif with orientation 6: the camera was held upright, the bar stands.
    const exif = Buffer.from("ffe100224578696600004d4d002a00000008000101120003000000010006000000000000", "hex");
    writeFileSync(join(folder, "flat.jpg"), jpeg);
    writeFileSync(join(folder, "upright.jpg"), Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]));
    const rows = async (name: string) => {
      const { stdout } = await chainrule(folder, ["predict", name]);
      return stdout
        .split("\n\n")[0]
        .split("\n")
        .filter((line) => line.trim() !== "").length;
    };
    expect(await rows("flat.jpg")).toBeLessThan(5);
    expect(await rows("upright.jpg")).toBeGreaterThan(9);
  });

  it("calls classes as the recipe does, and says so if there are none", async () => {
    const place = workplace();
    const variant = async (name: string, ...changes: [from: string, to: string][]) => {
      let text = readFileSync(join(place, "tiny.ts"), "utf8").replace('"tiny"', `"${name}"`);
      for (const [from, to] of changes) text = text.replace(from, to);
      writeFileSync(join(place, `${name}.ts`), text);
      const trained = await chainrule(place, ["train", `./${name}.ts`, "--epochs", "1"]);
      expect(trained).toMatchObject({ code: 0 });
      return await chainrule(place, ["predict", sample("digit-7"), "--model", `runs/${name}-001`]);
    };
    const named = await variant("named", ["input:", 'classes: [..."abcdefghij"], input:']);
    expect(named.stdout.split("\n\n")[1]).toMatch(/^[a-j] {2}[█░]{30}/);
    const score = 'score: { name: "half", of: () => async () => 0.5 }';
    const pictures = await variant(
      "pictures",
      ["new Flatten(), new Dropout(dropout), new Linear(784, 10, { bias })", "new Linear(28, 28, { bias })"],
      ["loss: crossEntropy", `loss: (output) => output.square().mean(), ${score}`],
    );
    expect(pictures).toMatchObject({ code: 2, stderr: expect.stringContaining("pictures is no classifier: try eval") });
    const { stdout } = await chainrule(place, ["eval", "runs/pictures-001"]);
    expect(stdout).toMatch(/^test half 50\.00 % /);
  });

  it("says when a picture is damaged and when a model is not one of ours", async () => {
    writeFileSync(join(folder, "half.png"), readFileSync(sample("drawing")).subarray(0, 3000));
    expect(await chainrule(folder, ["predict", "half.png"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error[E_DATA] half.png is damaged"),
    });
    copyFileSync(sample("digit-1"), join(folder, "picture.safetensors"));
    const { code, stderr } = await chainrule(folder, ["predict", sample("digit-1"), "--model", "picture.safetensors"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("error[E_DATA] picture.safetensors is truncated or not a safetensors file"),
    });
  });
});

it("warns on stderr when the picture is unlike the training data", async () => {
  const png = new PNG({ width: 40, height: 40 });
  png.data.fill(255);
  writeFileSync(join(folder, "white.png"), PNG.sync.write(png));
  const { code, stderr } = await chainrule(folder, ["predict", "white.png"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("warning Nothing was found") });
});

describe("chainrule", () => {
  it("summarises a recipe's model", async () => {
    const { code, stdout } = await chainrule(folder, ["summary", "mnist-cnn"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/421,?642/); // 320 + 18,496 + 401,536 + 1,290 parameters
  });

  it("lists devices, the chosen one marked", async () => {
    const best = missing ? "wasm" : "native";
    const { stdout } = await chainrule(folder, ["devices"], AUTO);
    expect(stdout).toMatch(new RegExp(`^\\* ${best} +\\S`, "m"));
    expect(stdout).toMatch(new RegExp(`^auto takes ${best}: it is the fastest one`, "m"));
    const { stdout: lines } = await chainrule(folder, ["devices", "--json"], AUTO);
    const devices = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(devices.filter(({ chosen }) => chosen)).toHaveLength(1);
    expect(devices.map(({ event, name }) => [event, name])).toEqual([
      ["device", "native"],
      ["device", "wasm"],
      ["device", "interp"],
      ["auto", best],
    ]);
    expect(devices[2].description).toMatch(/^The interpreter/);
  });

  it("says why a device cannot run", async () => {
    const { stdout } = await chainrule(folder, ["devices"], { ...AUTO, CHAINRULE_CC: "nothing" });
    expect(stdout).toMatch(/^- native +The native device needs a C compiler, but CHAINRULE_CC is "nothing"/m);
    expect(stdout).toMatch(/^auto takes wasm: it is the fastest one left: native cannot run here\.$/m);
  });

  it("helps, and tells its version", async () => {
    expect(await chainrule(folder, ["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const help = await chainrule(folder, ["train", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/, or the path of your\s+own/);
  });

  it("writes no colours into a pipe, and some where they are wanted", async () => {
    const coloured = await chainrule(folder, ["predict", sample("digit-7")], { NO_COLOR: "", FORCE_COLOR: "1" });
    expect(coloured.stdout).toContain("\x1b[38;5;");
    expect((await chainrule(folder, ["predict", sample("digit-7")], { NO_COLOR: "" })).stdout).not.toContain("\x1b");
    expect((await chainrule(folder, ["predict", sample("digit-7")], { FORCE_COLOR: "1" })).stdout).not.toContain(
      "\x1b",
    );
  });

  it("takes a reader that closes early for no failure", () => {
    const line = `"${process.execPath}" "${MAIN}" predict "${sample("digit-7")}" | head -n 1`;
    const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", line], { cwd: folder, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
