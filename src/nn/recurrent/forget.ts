import { ArgumentError } from "../../core/errors.ts";
import { cat, full } from "../../tensor/index.ts";
import type { UnitWeights } from "./units.ts";

/** Sets the two biases of an LSTM's forget gate to 1 and 0: σ(1) = 0.73 of the cell stays, in place of a half. */
export function setUnitForgetBias(op: string, { biasIh, biasHh }: UnitWeights): void {
  if (!biasIh || !biasHh) throw new ArgumentError(`${op}: unitForgetBias needs biases, but bias is false.`);
  const size = biasIh.shape[0] / 4; // gates i, f, g, o
  for (const [bias, value] of [
    [biasIh, 1],
    [biasHh, 0],
  ] as const) {
    const forget = full([size], value, { dtype: bias.dtype });
    bias.assign(cat([bias.narrow(0, 0, size), forget, bias.narrow(0, 2 * size, 2 * size)], 0).detach());
  }
}
