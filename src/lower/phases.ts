/**
 * A convolution as dense phases.
 *
 * On an image that is dilated by d, taps of d outputs in a row fall on elements at different remainders: outputs that
 * share one read the same taps, in strides through the image as it was before. So a convolution is one dense
 * convolution for each remainder (one in all if there is no dilation), and none of them reads what lies between elements.
 */

import type { Node } from "../core/graph.ts";
import type { Shape } from "../core/shape.ts";
import { add, div, gcd, type Index, offset, scale } from "./index-expr.ts";

/** Positions start, start + step, … */
interface Steps {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** A phase along one axis: its outputs and its taps, and where the first output's first tap falls in the image. */
interface AxisPhase {
  readonly outputs: Steps;
  readonly taps: Steps;
  readonly origin: number;
  /** in the image, from one output and from one tap of the phase to the next */
  readonly stride: number;
  readonly dilation: number;
}

export class Phase {
  readonly #node: Node<"conv">;
  readonly #axes: readonly AxisPhase[];

  constructor(node: Node<"conv">, axes: readonly AxisPhase[]) {
    this.#node = node;
    this.#axes = axes;
  }

  /** Its outputs, along each spatial axis. */
  get positions(): Shape {
    return this.#axes.map(({ outputs }) => outputs.size);
  }

  /** Channels of a group, and its taps along each axis. */
  get taps(): Shape {
    return [this.#node.inputs[1].shape[1], ...this.#axes.map(({ taps }) => taps.size)];
  }

  /** Which elements of image and weight meet in output (n, o, …position) at tap (channel, …kernel), and where that output is. */
  at(
    n: Index,
    o: Index,
    position: readonly Index[],
    [channel, ...kernel]: readonly Index[],
  ): { image: Index[]; weight: Index[]; out: Index[] } {
    const [x, w] = this.#node.inputs;
    const { featureGroups, batchGroups } = this.#node.attrs;
    const featureGroup = div(o, w.shape[0] / featureGroups);
    const batchGroup = div(o, w.shape[0] / batchGroups);
    return {
      image: [
        add(scale(batchGroup, x.shape[0] / batchGroups), n),
        add(scale(featureGroup, w.shape[1]), channel),
        ...this.#axes.map(({ origin, stride, dilation }, d) =>
          offset(add(scale(position[d], stride), scale(kernel[d], dilation)), origin),
        ),
      ],
      weight: [o, channel, ...this.#axes.map(({ taps }, d) => at(taps, kernel[d]))],
      out: [n, o, ...this.#axes.map(({ outputs }, d) => at(outputs, position[d]))],
    };
  }
}

const at = ({ start, step }: Steps, i: Index): Index => offset(scale(i, step), start);

export const isDilated = (node: Node<"conv">): boolean => node.attrs.inputDilation.some((d) => d > 1);

/** The phases of a convolution whose padding (but for what is less than its dilation) stands in the image itself. */
export function phasesOf(node: Node<"conv">): Phase[] {
  const spatial = [...node.attrs.stride.keys()];
  const combinations = spatial.reduce<readonly (readonly AxisPhase[])[]>(
    (found, d) => found.flatMap((axes) => axisPhases(node, d).map((phase) => [...axes, phase])),
    [[]],
  );
  return combinations.map((axes) => new Phase(node, axes));
}

function axisPhases({ attrs, inputs, outputs }: Node<"conv">, d: number): AxisPhase[] {
  const dilation = attrs.inputDilation[d];
  const stride = attrs.stride[d];
  const kernelDilation = attrs.kernelDilation[d];
  const [low] = attrs.padding[d];
  const [kernel, size] = [inputs[1].shape[d + 2], outputs[0].shape[d + 2]];
  // After so many outputs or taps all comes round.
  const period = dilation / gcd(dilation, stride);
  const tapPeriod = dilation / gcd(dilation, kernelDilation);
  const count = Math.max(1, Math.min(period, size)); // an empty output has one empty phase
  const found: AxisPhase[] = [];
  for (let output = 0; output < count; output++) {
    const place = (tap: number): number => output * stride + tap * kernelDilation - low;
    let tap = 0;
    while (tap < kernel && place(tap) % dilation !== 0) tap++;
    found.push({
      outputs: { start: output, step: period, size: Math.ceil((size - output) / period) },
      taps: { start: tap, step: tapPeriod, size: Math.ceil((kernel - tap) / tapPeriod) },
      origin: place(tap) / dilation,
      stride: (period * stride) / dilation,
      dilation: (tapPeriod * kernelDilation) / dilation,
    });
  }
  return found;
}
