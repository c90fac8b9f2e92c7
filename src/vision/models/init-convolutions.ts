import { Conv2d, init, type Module } from "../../nn/index.ts";

/** Convolutions begin as N(0, 2 / fan-out), which keeps the size of gradients (He et al., 2015). */
export function initConvolutions(model: Module): void {
  for (const layer of model.modules()) {
    if (layer instanceof Conv2d) init.kaimingNormal(layer.weight, { mode: "fanOut", nonlinearity: "relu" });
  }
}
