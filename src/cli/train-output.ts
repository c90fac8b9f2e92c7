import { currentDevice } from "../runtime/select.ts";
import { type EpochResult, formatScore, type Progress, type Recipe, type RunFolder, scoreOf } from "../train/index.ts";
import { err, out } from "./colors.ts";
import { commandLine } from "./invocation.ts";
import { samplePicture } from "./places.ts";
import { duration, ProgressBar } from "./progress.ts";

/** What `chainrule train` writes: results to stdout (as JSON lines if wanted), everything else to stderr. */
export class TrainOutput {
  readonly #recipe: Recipe;
  readonly #run: RunFolder;
  readonly #json: boolean;
  #bar: ProgressBar | undefined;

  constructor(recipe: Recipe, run: RunFolder, json: boolean) {
    this.#recipe = recipe;
    this.#run = run;
    this.#json = json;
  }

  header(): void {
    const { path, info } = this.#run;
    const settings = Object.entries(info.settings).map(([key, value]) => `${key}=${value}`);
    say(`${err.bold(this.#recipe.name)}  ${this.#recipe.description}`);
    say(err.dim(`device    ${currentDevice().description}`));
    say(err.dim(`settings  ${settings.join(" ")}`));
    say(err.dim(`run       ${path}`));
    this.#result({ event: "start", run: path, ...info });
  }

  start(progress: Readonly<Progress>, examples: number): void {
    const { epochs } = this.#run.info.settings;
    const done = progress.history.length;
    if (progress.step > 0) say(err.dim(`resumed   after step ${progress.step}`));
    if (done < epochs) {
      this.#bar = new ProgressBar(this.#run.info.settings, examples);
      this.#bar.show(progress);
    } else {
      say(`all ${done} epochs are done already: --epochs ${done + 1} goes on`);
    }
  }

  step(progress: Readonly<Progress>): void {
    this.#bar?.show(progress);
  }

  epoch(result: EpochResult, samples: Readonly<Record<string, string>>): void {
    this.#bar?.hide();
    const { epoch, loss, seconds } = result;
    const score = scoreOf(this.#recipe);
    const { epochs } = this.#run.info.settings;
    const numbers = `loss ${loss.toFixed(4)}  test ${score.name} ${formatScore(score, result[score.name])}  ${duration(seconds)}`;
    this.#result({ event: "epoch", ...result }, `epoch ${epoch}/${epochs}  ${numbers}`);
    for (const [file, text] of Object.entries(samples)) {
      if (!file.endsWith(".txt")) continue;
      const lines = text.trimEnd().split("\n");
      this.#result({ event: "sample", epoch, file, text }, lines.map((line) => out.dim(`  ${line}`)).join("\n"));
    }
  }

  damaged(reason: string): void {
    say(`${err.yellow("warning")} ${reason} Trying the checkpoint before it.`);
  }

  stopping(): void {
    this.end();
    say("stopping after this step and saving; Ctrl-C again stops at once");
  }

  interrupted(): void {
    const resume = commandLine("train", "--resume", this.#run.path);
    this.#result({ event: "interrupted", run: this.#run.path, resume });
    say(`saved. To go on:\n  ${err.bold(resume)}`);
  }

  done(): void {
    const { path, model, info } = this.#run;
    const { input, classes, predict } = this.#recipe;
    const isDigits = input?.shape.join() === "1,28,28" && !classes;
    const next = [
      ...(isDigits ? [commandLine("predict", samplePicture())] : predict ? [commandLine("predict", "some text")] : []),
      ...(!isDigits && input ? [commandLine("summary", info.recipe)] : []),
      commandLine("eval", path),
      commandLine("train", "--resume", path, "--epochs", String(info.settings.epochs + 1)),
    ];
    this.#result({ event: "done", run: path, model }, `saved ${out.bold(model)}\nnext:\n  ${next.join("\n  ")}`);
  }

  /** Takes the progress away, for good. */
  end(): void {
    this.#bar?.hide();
    this.#bar = undefined;
  }

  #result(fields: object, text?: string): void {
    if (this.#json) process.stdout.write(`${JSON.stringify(fields)}\n`);
    else if (text !== undefined) process.stdout.write(`${text}\n`);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
