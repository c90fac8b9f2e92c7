/**
 * A run's folder, which nothing else overwrites:
 *
 *     runs/mnist-cnn-001/
 *       run.json                              what was asked for
 *       metrics.jsonl                         one line an epoch
 *       model.safetensors                     the weights after the last whole epoch
 *       samples/0003/alignment.svg            what the recipe shows after epoch 3
 *       checkpoints/00000938.safetensors      everything needed to continue after step 938
 */

import { DataError } from "../core/errors.ts";
import { saveSafetensors, writeFileAtomic } from "../io/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { loadCheckpoint, saveCheckpoint, type Training } from "./checkpoint.ts";
import { requireName, type Settings } from "./recipe.ts";

export interface RunInfo {
  /** the name of a recipe that comes with chainrule, or the path of one's own */
  readonly recipe: string;
  readonly settings: Settings;
  /** results differ in bits between devices: a run stays on one */
  readonly device: string;
  /** ISO 8601 */
  readonly created: string;
}

/** One line of metrics.jsonl. */
export interface EpochResult {
  /** 1 for the first */
  readonly epoch: number;
  /** steps since the beginning */
  readonly step: number;
  /** mean over the epoch's examples */
  readonly loss: number;
  readonly seconds: number;
  /** on the test set, by the score's name: accuracy is the share that is classified correctly */
  readonly [score: string]: number;
}

const KEPT_CHECKPOINTS = 3;

export class RunFolder {
  readonly path: string;
  readonly info: RunInfo;

  constructor(path: string, info: RunInfo) {
    this.path = path;
    this.info = info;
  }

  /** Makes `<root>/<name>-001`, or the first number that is free. */
  static async create(root: string, name: string, info: RunInfo): Promise<RunFolder> {
    const { mkdir } = await import("node:fs/promises");
    const path = await newFolder(root, name);
    await mkdir(`${path}/checkpoints`);
    return await new RunFolder(path, info).withSettings(info.settings);
  }

  /** Throws a DataError if `path` is not the folder of a run. */
  static async open(path: string): Promise<RunFolder> {
    const { readFile } = await import("node:fs/promises");
    const file = `${path}/run.json`;
    try {
      const info = JSON.parse(await readFile(file, "utf8")) as RunInfo;
      if (typeof info.recipe !== "string" || typeof info.settings !== "object")
        throw new Error(`${file} describes none`);
      return new RunFolder(path, info);
    } catch (error) {
      throw new DataError(`${path} is not the folder of a run: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The run in `root`, of `recipe` if that is given, that was begun last; undefined if there is none. */
  static async latest(root: string, recipe?: string): Promise<RunFolder | undefined> {
    const { readdir } = await import("node:fs/promises");
    let latest: RunFolder | undefined;
    for (const name of await readdir(root).catch(() => [])) {
      const run = await RunFolder.open(`${root}/${name}`).catch(() => undefined); // other things may lie there
      if (run && recipe !== undefined && run.info.recipe !== recipe) continue;
      if (run && !(latest && latest.info.created >= run.info.created)) latest = run;
    }
    return latest;
  }

  /** The same run with other settings, written to run.json. */
  async withSettings(settings: Settings): Promise<RunFolder> {
    const info = { ...this.info, settings };
    await writeFileAtomic(`${this.path}/run.json`, `${JSON.stringify(info, null, 2)}\n`);
    return new RunFolder(this.path, info);
  }

  get model(): string {
    return `${this.path}/model.safetensors`;
  }

  async saveCheckpoint(training: Training): Promise<void> {
    const { rm } = await import("node:fs/promises");
    const name = `${String(training.progress.step).padStart(8, "0")}.safetensors`;
    await saveCheckpoint(`${this.path}/checkpoints/${name}`, training);
    for (const old of (await this.#checkpoints()).slice(KEPT_CHECKPOINTS)) await rm(old, { force: true });
  }

  /**
   * Loads the newest checkpoint that can be read; without any, `training` stays as it is.
   * `onDamaged` hears of each that cannot; a DataError if there are some but none can.
   */
  async loadCheckpoint(training: Training, onDamaged: (reason: string) => void = () => {}): Promise<void> {
    const paths = await this.#checkpoints();
    for (const path of paths) {
      try {
        return await loadCheckpoint(path, training);
      } catch (error) {
        if (!(error instanceof DataError)) throw error; // the recipe has changed: older ones will not fit it either
        onDamaged(error.message);
      }
    }
    if (paths.length > 0) throw new DataError(`no checkpoint in ${this.path}/checkpoints can be read: train again.`);
  }

  async saveModel(tensors: Readonly<Record<string, Tensor>>): Promise<void> {
    await saveSafetensors(this.model, tensors, {
      metadata: { recipe: this.info.recipe, settings: JSON.stringify(this.info.settings) },
    });
  }

  async saveSamples(epoch: number, samples: Readonly<Record<string, string>>): Promise<void> {
    const { mkdir } = await import("node:fs/promises");
    const folder = `${this.path}/samples/${String(epoch).padStart(4, "0")}`;
    for (const [name, text] of Object.entries(samples)) {
      requireName("sample", name);
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(`${folder}/${name}`, text);
    }
  }

  async saveMetrics(history: readonly EpochResult[]): Promise<void> {
    await writeFileAtomic(`${this.path}/metrics.jsonl`, history.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  /** Newest first. */
  async #checkpoints(): Promise<string[]> {
    const { readdir } = await import("node:fs/promises");
    const names = await readdir(`${this.path}/checkpoints`);
    return names
      .filter((name) => /^\d+\.safetensors$/.test(name))
      .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))
      .map((name) => `${this.path}/checkpoints/${name}`);
  }
}

/** Makes `<root>/<name>-001`, or the first number that is free, and gives its path. */
export async function newFolder(root: string, name: string): Promise<string> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(root, { recursive: true });
  for (let number = 1; ; number++) {
    const path = `${root}/${name}-${String(number).padStart(3, "0")}`;
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new DataError(`cannot make the folder ${path}: ${(error as Error).message}`, { cause: error });
    }
  }
}
