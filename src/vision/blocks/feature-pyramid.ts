import { Conv2d, init, interpolate, Module } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { Conv2dNormActivation } from "./conv-norm-activation.ts";

/**
 * Feature maps of falling size, each told what the smaller ones have seen: a 1×1 convolution gives all of them the same
 * channels, each but the smallest gets the next smaller one added, at its own size by the nearest elements, and a 3×3
 * convolution ends.
 *
 * Shapes: (N, Cᵢ, Hᵢ, Wᵢ), the largest first ─► (N, O, Hᵢ, Wᵢ). torchvision's
 * FeaturePyramidNetwork. Lin et al., Feature pyramid networks for object detection, 2017.
 *
 * ```ts
 * const pyramid = new FeaturePyramidNetwork([8, 16], 4);
 * const maps = pyramid.forward([zeros([1, 8, 7, 8]), zeros([1, 16, 4, 4])]);
 * maps.map((map) => map.shape); // [ [ 1, 4, 7, 8 ], [ 1, 4, 4, 4 ] ]
 * ```
 */
export class FeaturePyramidNetwork extends Module {
  readonly innerBlocks: readonly Conv2dNormActivation[];
  readonly layerBlocks: readonly Conv2dNormActivation[];

  constructor(inChannelsList: readonly number[], outChannels: number) {
    super();
    const plain = { norm: null, activation: null };
    this.innerBlocks = inChannelsList.map((channels) => new Conv2dNormActivation(channels, outChannels, 1, plain));
    this.layerBlocks = inChannelsList.map(() => new Conv2dNormActivation(outChannels, outChannels, 3, plain));
    this.apply((layer) => {
      if (!(layer instanceof Conv2d)) return;
      init.kaimingUniform(layer.weight, { a: 1 });
      if (layer.bias) init.zeros(layer.bias);
    });
  }

  override forward(maps: readonly Tensor[]): Tensor[] {
    const inner = maps.map((map, i) => this.innerBlocks[i].forward(map)); // (N, O, Hᵢ, Wᵢ)
    for (let i = inner.length - 2; i >= 0; i--) {
      inner[i] = inner[i].add(interpolate(inner[i + 1], { size: inner[i].shape.slice(2) })); // (N, O, Hᵢ, Wᵢ)
    }
    return inner.map((map, i) => this.layerBlocks[i].forward(map));
  }
}
