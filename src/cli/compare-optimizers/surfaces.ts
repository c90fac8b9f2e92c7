/** Functions of two numbers on which the paths of optimizers are drawn. */

import type { Tensor } from "../../tensor/index.ts";

export interface Surface {
  readonly title: string;
  /** its height at points (…, 2) ─► (…) */
  readonly height: (point: Tensor) => Tensor;
  readonly start: readonly [number, number];
  readonly minima: readonly (readonly [number, number])[];
  /** what is drawn */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

const parts = (point: Tensor): readonly [Tensor, Tensor] => [point.select(-1, 0), point.select(-1, 1)];

export const SURFACES: Readonly<Record<string, Surface>> = {
  rosenbrock: {
    title: "Rosenbrock's valley, (1 − x)² + 100·(y − x²)²",
    height(point) {
      const [x, y] = parts(point);
      return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
    },
    start: [-1.2, 1],
    minima: [[1, 1]],
    x: [-2, 2],
    y: [-1, 3],
  },
  saddle: {
    title: "a saddle, x² − y² + y⁴ / 4",
    height(point) {
      const [x, y] = parts(point);
      return x.square().sub(y.square()).add(y.square().square().div(4));
    },
    start: [1.5, 0.001], // nearly on the ridge that leads to the saddle
    minima: [
      [0, Math.SQRT2],
      [0, -Math.SQRT2],
    ],
    x: [-2, 2],
    y: [-2, 2],
  },
  ravine: {
    title: "a ravine, (x² + 50·y²) / 2",
    height(point) {
      const [x, y] = parts(point);
      return x.square().add(y.square().mul(50)).div(2);
    },
    start: [-4, 1],
    minima: [[0, 0]],
    x: [-5, 2],
    y: [-1.75, 1.75],
  },
  "local-minima": {
    title: "four minima, (x⁴ − 16·x² + 5·x + y⁴ − 16·y² + 5·y) / 2",
    height: (point) => point.square().square().sub(point.square().mul(16)).add(point.mul(5)).sum(-1).div(2),
    start: [0.5, 4], // the lowest one, of Styblinski and Tang's function, is behind a ridge
    minima: [[-2.903534, -2.903534]],
    x: [-5, 5],
    y: [-5, 5],
  },
};
