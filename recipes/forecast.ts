/**
 * The next day of a series, hour by hour, from the week before it: how much closer than by saying what was a week ago?
 *
 *     chainrule train forecast
 *
 * The series looks like a town's use of electricity: days, weeks and a year, and weather that comes and stays a while; it
 * is drawn by a seed. What comes last is the test. Hyndman and Athanasopoulos, Forecasting: principles and practice, 2021
 * (the seasonal naive forecast, and the skill against it).
 */

import { arange, cat, compile, Generator, noGrad, randn, scan, stack, type Tensor, tensor } from "chainrule";
import { DataLoader, type Dataset, TensorDataset } from "chainrule/data";
import { Linear, LSTM, l1Loss, Module } from "chainrule/nn";
import { Adam } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";

const [DAY, WEEK, YEAR] = [24, 7 * 24, 365 * 24]; // hours

/** Where in a cycle each time is: (…) ─► (…, 2), a point on a circle. */
const cycle = (time: Tensor, period: number): Tensor => {
  const angle = time.mul((2 * Math.PI) / period);
  return stack([angle.sin(), angle.cos()], -1);
};

/** A value for each hour, of a standard deviation of about 1. */
function series(time: Tensor, generator: Generator): Tensor {
  const wave = (period: number, phase: number) =>
    time
      .mul((2 * Math.PI) / period)
      .add(phase)
      .sin();
  const busy = time
    .remainder(WEEK)
    .lt(5 * DAY)
    .to("f32")
    .mul(0.5)
    .add(0.5); // ½ on weekends
  const day = wave(DAY, -2)
    .add(wave(DAY / 2, 0).mul(0.5))
    .mul(busy);
  const normal = (std: number) => randn(time.shape, { generator }).mul(std);
  // Each hour's weather is 0.97 of the last one's, and something new.
  const stays = (before: Tensor, now: Tensor): [Tensor, Tensor] => {
    const weather = before.mul(0.97).add(now);
    return [weather, weather];
  };
  const [, weather] = scan(stays, tensor(0), normal(0.12));
  return day.add(busy).add(wave(YEAR, 0).mul(0.5)).add(weather).add(normal(0.1)).sub(0.85);
}

/** From each hour on, a week with its calendar (N, 168, 5), and the values of the day after it (N, 24). */
function windows(values: Tensor, time: Tensor) {
  const rows = (x: Tensor) => x.unfold(0, WEEK + DAY, 1); // (N, 192)
  const known = cat([rows(values).unsqueeze(2), cycle(rows(time), DAY), cycle(rows(time), WEEK)], 2);
  return new TensorDataset(known.narrow(1, 0, WEEK), rows(values).narrow(1, WEEK, DAY));
}

class Forecaster extends Module {
  readonly lstm: LSTM;
  readonly head: Linear;

  constructor(hidden: number) {
    super();
    this.lstm = new LSTM(5, hidden, { batchFirst: true });
    this.head = new Linear(hidden, DAY);
  }

  /** (B, 168, 5) ─► (B, 24) */
  override forward(week: Tensor): Tensor {
    const [, [h]] = this.lstm.forward(week); // (1, B, H)
    return this.head.forward(h.squeeze(0));
  }
}

/** What was a week before: (B, 168, 5) ─► (B, 24). */
const naive = (week: Tensor): Tensor => week.select(2, 0).narrow(1, 0, DAY);

/** Nine tenths of the series to learn from, and the last to be judged by. */
function split(years: number, seed: number) {
  const time = arange(years * YEAR).to("f32");
  const values = series(time, new Generator(seed));
  const begin = Math.floor(0.9 * years * YEAR);
  const part = (from: number, to: number) =>
    windows(values.narrow(0, from, to - from), time.narrow(0, from, to - from));
  return { train: part(0, begin), test: part(begin, years * YEAR) };
}

/** The mean absolute error of a model and of the naive forecast. */
const errorsOf = (model: Forecaster) => {
  const errors = compile((week: Tensor, next: Tensor) => {
    const error = (forecast: Tensor) => forecast.sub(next).abs().sum();
    return noGrad(() => [error(model.forward(week)), error(naive(week))]);
  });
  return async (days: Dataset<readonly [week: Tensor, next: Tensor]>): Promise<number[]> => {
    model.eval();
    const sums = [0, 0];
    for (const [week, next] of new DataLoader(days, { batchSize: 250 })) {
      for (const [i, sum] of errors(week, next).entries()) sums[i] += await sum.item();
    }
    return sums.map((sum) => sum / (DAY * days.length));
  };
};

export default defineRecipe({
  name: "forecast",
  description: "the next day of an hourly series, LSTM",
  defaults: { epochs: 5, batchSize: 64, lr: 3e-3, seed: 0, years: 3, hidden: 32 },
  quick: { epochs: 2, years: 1, lr: 1e-2 },

  input: { shape: [WEEK, 5] },

  data: async ({ years, seed }) => split(years, seed),
  model: ({ hidden }) => new Forecaster(hidden),
  optimizer: (model, { lr }) => new Adam(model.parameters(), { lr }),
  loss: (output, next) => l1Loss(output, next),

  score: {
    name: "skill", // 1 − error / error of the naive forecast
    of: (model) => {
      const errors = errorsOf(model);
      return async (days) => {
        const [own, before] = await errors(days);
        return 1 - own / before;
      };
    },
  },

  async samples(model, { years, seed }) {
    const { test } = split(years, seed);
    const [own, before] = await errorsOf(model)(test);
    const [week, next] = test.get(test.length - 1);
    const columns = [next, noGrad(() => model.forward(week.unsqueeze(0))), naive(week.unsqueeze(0))];
    const [values, forecast, ago] = await Promise.all(columns.map((column) => column.flatten().data()));
    const line = (...cells: (string | number)[]) =>
      cells.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell).padStart(12)).join("");
    const hours = [0, 4, 8, 12, 16, 20].map((hour) => line(`${hour} h`, values[hour], forecast[hour], ago[hour]));
    const text = [line("last day", "value", "forecast", "a week ago"), ...hours, line("mean error", "", own, before)];
    return { "forecast.txt": text.join("\n") };
  },
});
