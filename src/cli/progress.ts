import { SingleBar } from "cli-progress";
import type { Progress, Settings } from "../train/index.ts";
import { err } from "./colors.ts";

const STYLE = {
  barCompleteChar: "█",
  barIncompleteChar: "░",
  barsize: 24,
  fps: 10,
  hideCursor: true,
  clearOnComplete: true,
  gracefulExit: false, // Ctrl-C saves first, and is not the bar's to handle
};

/** The live line on the terminal: nothing of it is written when stderr is not one. */
export class ProgressBar {
  readonly #settings: Settings;
  readonly #examples: number;
  readonly #bar: SingleBar;
  #running = false;
  #first: { time: number; done: number } | undefined;

  /** `examples` in an epoch */
  constructor(settings: Settings, examples: number) {
    this.#settings = settings;
    this.#examples = examples;
    this.#bar = new SingleBar({
      ...STYLE,
      format: `epoch {epoch}/${settings.epochs} ${err.green("{bar}")} {percentage} %  {numbers}`,
    });
  }

  /** Draws where training stands; the first call starts the clock. */
  show(progress: Readonly<Progress>): void {
    if (!process.stderr.isTTY) return;
    const { seen, history } = progress;
    const payload = { epoch: history.length + 1, numbers: this.#numbers(progress) };
    if (this.#running) this.#bar.update(seen, payload);
    else this.#bar.start(this.#examples, seen, payload);
    this.#running = true;
  }

  #numbers({ step, seen, lossSum, correct, history }: Readonly<Progress>): string {
    const done = history.length * this.#examples + seen;
    this.#first ??= { time: performance.now(), done };
    if (done === this.#first.done) return "compiling";
    if (seen === this.#examples) return "testing";
    const rate = (1000 * (done - this.#first.done)) / (performance.now() - this.#first.time);
    const left = (this.#settings.epochs * this.#examples - done) / rate;
    return [
      `step ${step}`,
      `loss ${(lossSum / seen).toFixed(4)}`,
      ...(correct === undefined ? [] : [`accuracy ${((100 * correct) / seen).toFixed(1)} %`]),
      `${Math.round(rate)} examples/s`,
      `${duration(left)} left`,
    ].join("  ");
  }

  /** Takes the line away, so that others can print. */
  hide(): void {
    if (this.#running) this.#bar.stop();
    this.#running = false;
  }
}

/** One task after another. */
export class TaskBar {
  #bar: SingleBar | undefined;
  #name = "";

  /** Draws how far a task has come. */
  show(name: string, done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    if (name !== this.#name) this.hide();
    this.#name = name;
    this.#bar ??= started(name, total);
    this.#bar.update(done);
  }

  /** Takes the line away, so that others can print. */
  hide(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

function started(name: string, total: number): SingleBar {
  const bar = new SingleBar({ ...STYLE, format: `${name} ${err.green("{bar}")} {percentage} %  {eta_formatted} left` });
  bar.start(total, 0);
  return bar;
}

/** 75 is "1:15". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}
