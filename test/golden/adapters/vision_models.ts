/** What the golden residual blocks, and the networks up to 2016, are in chainrule. */

import { ReLU } from "../../../src/nn/index.ts";
import {
  AlexNet,
  type AlexNetOptions,
  BasicBlock,
  Bottleneck,
  LeNet,
  type LeNetOptions,
  PreActBlock,
  PreActResNet,
  type PreActResNetOptions,
  type ResidualBlock,
  type ResidualOptions,
  ResNet,
  type ResNetOptions,
  resnet18,
  type VggOptions,
  vgg11,
  vgg11Bn,
  vgg13Bn,
  vgg16,
  vgg19,
} from "../../../src/vision/index.ts";
import type { MakesModule } from "./modules.ts";

interface BlockOptions extends ResidualOptions {
  readonly inChannels: number;
  readonly channels: number;
}

const block =
  (Block: ResidualBlock) =>
  ({ inChannels, channels, ...options }: BlockOptions) =>
    new Block(inChannels, channels, options);

interface ResNetCase extends ResNetOptions {
  /** without them it is resnet18 */
  readonly layers?: readonly number[];
  readonly block?: keyof typeof BLOCKS;
}

const BLOCKS = { BasicBlock, Bottleneck } as const;
const VGGS = { vgg11, vgg11Bn, vgg13Bn, vgg16, vgg19 } as const;

export const VISION_MODELS = {
  BasicBlock: block(BasicBlock),
  Bottleneck: block(Bottleneck),
  PreActBlock: block(PreActBlock),
  ResNet: ({ layers, block = "BasicBlock", ...options }: ResNetCase) =>
    layers ? new ResNet(BLOCKS[block], layers, options) : resnet18(options),
  PreActResNet: ({ n, ...options }: PreActResNetOptions & { n: number }) => new PreActResNet(n, options),
  LeNet: ({ relu, ...options }: LeNetOptions & { relu?: boolean }) =>
    new LeNet(relu ? { ...options, activation: () => new ReLU() } : options),
  AlexNet: (options: AlexNetOptions) => new AlexNet(options),
  VGG: ({ model, ...options }: VggOptions & { model: keyof typeof VGGS }) => VGGS[model](options),
} satisfies Record<string, MakesModule>;
