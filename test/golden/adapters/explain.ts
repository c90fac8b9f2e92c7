/** What each golden explanation is in chainrule, of a network with the case's weights. */

import type { Tensor } from "../../../src/index.ts";
import { AvgPool2d, Conv2d, Flatten, Linear, Sequential, Tanh } from "../../../src/nn/index.ts";
import { gradCam, saliency, type TargetOptions } from "../../../src/vision/index.ts";
import type { Operator } from "./operators.ts";

function network([w, b, v, c]: readonly Tensor[]): Sequential {
  const { dtype } = w;
  const model = new Sequential(
    new Conv2d(w.shape[1], w.shape[0], 3, { padding: 1, dtype }),
    new Tanh(),
    new AvgPool2d(2),
    new Flatten(),
    new Linear(v.shape[1], v.shape[0], { dtype }),
  );
  model.loadStateDict({ "0.weight": w, "0.bias": b, "4.weight": v, "4.bias": c });
  return model.eval();
}

export const EXPLAIN: Readonly<Record<string, Operator<TargetOptions>>> = {
  saliency: ([x, ...weights], options) => saliency(network(weights), x, options),
  gradCam: ([x, ...weights], options) => gradCam(network(weights), "1", x, options),
};
