/** What each golden layer with a state is in chainrule. */

import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
  Linear,
  type Sizes,
  type WeightOptions,
} from "../../../src/nn/index.ts";
import type { MakesModule } from "./modules.ts";

interface ConvCase {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Sizes;
  readonly bias?: boolean;
}

const conv =
  (Layer: typeof Conv1d | typeof Conv2d | typeof Conv3d): MakesModule<ConvCase & ConvOptions> =>
  ({ inChannels, outChannels, kernelSize, ...options }) =>
    new Layer(inChannels, outChannels, kernelSize, options);

const convTranspose =
  (
    Layer: typeof ConvTranspose1d | typeof ConvTranspose2d | typeof ConvTranspose3d,
  ): MakesModule<ConvCase & ConvTransposeOptions> =>
  ({ inChannels, outChannels, kernelSize, ...options }) =>
    new Layer(inChannels, outChannels, kernelSize, options);

export const LAYER_MODULES = {
  Conv1d: conv(Conv1d),
  Conv2d: conv(Conv2d),
  Conv3d: conv(Conv3d),
  ConvTranspose1d: convTranspose(ConvTranspose1d),
  ConvTranspose2d: convTranspose(ConvTranspose2d),
  ConvTranspose3d: convTranspose(ConvTranspose3d),
  Linear: (options: WeightOptions) => new Linear(3, 4, options),
} satisfies Record<string, MakesModule>;
