/** The comparison as pictures: losses, and paths on surfaces. */

import * as Plot from "@observablehq/plot";
import { tensor } from "../../tensor/index.ts";
import { lineChart, type Panel } from "../chart.ts";
import type { Contender } from "./contenders.ts";
import type { Outcome } from "./digits.ts";
import type { Path } from "./paths.ts";
import type { Surface } from "./surfaces.ts";

/** Losses of mini-batches are shown as their mean over so many steps. */
const SMOOTH = 50;

/** One panel of those that see mini-batches, one of those that see everything in each step. */
export function lossCurves(outcomes: ReadonlyMap<Contender, Outcome>): string {
  const panel = (whole: boolean): Panel => {
    const mine = [...outcomes].filter(([{ batch }]) => (batch === Number.POSITIVE_INFINITY) === whole);
    return {
      title: whole ? "loss of all examples, step by step" : `loss of mini-batches, mean of ${SMOOTH} steps`,
      lines: new Map(mine.map(([{ name }, { losses }]) => [name, means(losses, whole ? 1 : SMOOTH)])),
      x: { label: "step" },
      y: { label: "loss", type: "log", tickFormat: "~g" },
    };
  };
  return lineChart([panel(false), panel(true)].filter(({ lines }) => lines.size > 0));
}

function means(losses: Float64Array, length: number): { x: number[]; y: number[] } {
  const count = Math.floor(losses.length / length);
  const mean = (i: number) => losses.subarray(i * length, (i + 1) * length).reduce((a, b) => a + b) / length;
  return {
    x: Array.from({ length: count }, (_, i) => (i + 1) * length),
    y: Array.from({ length: count }, (_, i) => mean(i)),
  };
}

/** The paths on one surface, a small panel each, over its contours. */
export async function pathsOn(surface: Surface, paths: ReadonlyMap<Contender, Path>): Promise<string> {
  const background = [await contours(surface), ...points(surface)];
  const panels = [...paths].map(([{ name }, { rate, x, y, height }]): Panel => {
    return {
      title: `${name}, rate ${rate}: ends at ${height.toPrecision(3)}`,
      lines: new Map([["path", { x, y }]]),
      x: { domain: surface.x, label: null },
      y: { domain: surface.y, label: null },
      background,
    };
  });
  return lineChart(panels, { title: surface.title, columns: 4, width: 300, height: 240, legend: false });
}

const points = ({ start, minima }: Surface): Plot.Markish[] => [
  Plot.dot([start], { r: 3, fill: "#222" }),
  Plot.dot(minima, { r: 5, symbol: "times", stroke: "#222", strokeWidth: 2 }),
];

const GRID = 61;

/** Lines of equal height, closer together near the lowest one. */
async function contours({ height, x, y }: Surface): Promise<Plot.Markish> {
  const at = ([from, to]: readonly [number, number], i: number) => from + ((to - from) * (i + 0.5)) / GRID;
  const places = Array.from({ length: GRID * GRID }, (_, i) => [at(x, i % GRID), at(y, Math.floor(i / GRID))]);
  const heights = (await height(tensor(places, { dtype: "f64" })).data()) as Float64Array;
  const lowest = heights.reduce((a, b) => Math.min(a, b));
  const steps = Array.from(heights, (z) => Math.log1p(z - lowest));
  return Plot.contour(steps, {
    width: GRID,
    height: GRID,
    x1: x[0],
    x2: x[1],
    y1: y[0],
    y2: y[1],
    thresholds: 12,
    stroke: "#bbb",
    strokeWidth: 0.75,
  });
}
