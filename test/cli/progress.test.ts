import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { duration, ProgressBar } from "../../src/cli/progress.ts";
import type { Progress } from "../../src/train/index.ts";

const settings = { epochs: 2, batchSize: 10, lr: 0.1, seed: 0 };
const at = (seen: number, history: Progress["history"] = []): Progress => ({
  step: seen / 10,
  seen,
  lossSum: seen * 0.5,
  correct: seen * 0.75,
  history,
});

let written: string;
const isTTY = process.stderr.isTTY;
beforeEach(() => {
  written = "";
  process.stderr.isTTY = true;
  vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout", "clearTimeout"] });
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    written += chunk;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  process.stderr.isTTY = isTTY;
});

it("moves at once, then tells loss, accuracy, speed and the time left for all epochs", () => {
  const bar = new ProgressBar(settings, 100);
  bar.show(at(0));
  expect(written).toMatch(/epoch 1\/2 .*0 % {2}compiling/);
  vi.advanceTimersByTime(2000);
  bar.show(at(40));
  expect(written).toMatch(/40 % {2}step 4 {2}loss 0\.5000 {2}accuracy 75\.0 % {2}20 examples\/s {2}0:08 left/);
  vi.advanceTimersByTime(2000);
  bar.show(at(100));
  expect(written).toMatch(/100 % {2}testing/);
  bar.hide();
});

it("measures a resumed run's speed from where it was resumed", () => {
  const bar = new ProgressBar(settings, 100);
  bar.show(at(50));
  vi.advanceTimersByTime(1000);
  bar.show(at(60));
  expect(written).toMatch(/10 examples\/s {2}0:14 left/);
  bar.hide();
});

it("writes nothing where stderr is not a terminal", () => {
  process.stderr.isTTY = false;
  const bar = new ProgressBar(settings, 100);
  bar.show(at(0));
  bar.hide();
  expect(written).toBe("");
});

it("writes durations as clocks do", () => {
  expect([0.4, 59.6, 75, 3599, 3661].map(duration)).toEqual(["0:00", "1:00", "1:15", "59:59", "1:01:01"]);
});
