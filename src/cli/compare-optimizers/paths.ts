/** Where optimizers go on a surface. */

import { Parameter, stack, type Tensor, tensor } from "../../tensor/index.ts";
import type { Contender, Group } from "./contenders.ts";
import type { Surface } from "./surfaces.ts";

export interface Path {
  /** the learning rate that ended lowest */
  readonly rate: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** the height where it ends */
  readonly height: number;
}

const RATES: readonly number[] = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1];

/** Walks some steps down a surface with each of several learning rates, and gives the path that ends lowest. */
export async function bestPath(contender: Contender, surface: Surface, steps: number): Promise<Path> {
  const start = () => new Parameter(tensor(surface.start, { dtype: "f64" }));
  const rates = contender.walks === "once" ? [contender.settings.lr] : RATES;
  const groups = rates.map((lr): Group => ({ params: [start()], lr }));
  const points = await walk(contender, surface, groups, steps);
  const heights = await surface.height(points[points.length - 1]).data();
  const all = (await stack(points).data()) as Float64Array; // (steps + 1, rates, 2)
  const paths = rates.map((rate, i): Path => {
    const along = (axis: number) => Float64Array.from(points, (_, k) => all[(k * rates.length + i) * 2 + axis]);
    return { rate, x: along(0), y: along(1), height: heights[i] };
  });
  return paths.reduce((best, path) => (path.height < best.height || Number.isNaN(best.height) ? path : best));
}

/** Where each group's point stands before the first step and after each: (groups, 2) each. */
async function walk(
  contender: Contender,
  surface: Surface,
  groups: readonly Group[],
  steps: number,
): Promise<Tensor[]> {
  const places = groups.map(({ params: [point] }) => point);
  const now = () => stack(places.map((place) => place.detach()));
  const step = contender.create(groups).on(() => surface.height(stack(places)).sum());
  const points = [now()];
  for (let i = 0; i < steps; i++) {
    await step();
    points.push(now());
  }
  return points;
}
