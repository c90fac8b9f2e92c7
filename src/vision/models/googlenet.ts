import { Conv2d, Dropout, Identity, init, type Layer, Linear, MaxPool2d, Module } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { BasicConv2d, Inception, type InceptionOptions } from "../blocks/index.ts";
import type { ClassifierOptions } from "./options.ts";

export interface GoogLeNetOptions extends ClassifierOptions, InceptionOptions {
  /** by how much all channels are multiplied; 1 by default */
  widthMult?: number;
  /** the probability with which the classifier's inputs are dropped; 0.2 by default */
  dropout?: number;
}

/**
 * GoogLeNet: a stem and nine `Inception` blocks, without the two classifiers on its way.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), logits. For large pictures, sizes shrink by 32 as in the paper; for
 * small ones, by 4: the first convolution is 3×3, and nothing shrinks before the first block. torchvision's class of that
 * name with `aux_logits=False`; its weights that begin with aux1 and aux2 have no place here (`strict: false`). Szegedy
 * et al., Going deeper with convolutions, 2015; with batch normalisation.
 *
 * ```ts
 * const model = new GoogLeNet({ numClasses: 10, widthMult: 0.25, stem: "small" });
 * model.summary([1, 3, 32, 32]).parameters; // 355138
 * ```
 */
export class GoogLeNet extends Module {
  readonly conv1: BasicConv2d;
  readonly maxpool1: Layer;
  readonly conv2: BasicConv2d;
  readonly conv3: BasicConv2d;
  readonly maxpool2: Layer;
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3: MaxPool2d;
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4: MaxPool2d;
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, stem = "imagenet", widthMult = 1, dropout = 0.2 } = options;
    const small = stem === "small";
    const width = (channels: number) => Math.max(1, Math.round(channels * widthMult));
    const halve = (size: number) => new MaxPool2d(size, { stride: 2, ceilMode: true });
    this.conv1 = new BasicConv2d(inChannels, width(64), small ? 3 : 7, {
      stride: small ? 1 : 2,
      padding: small ? 1 : 3,
    });
    this.maxpool1 = small ? new Identity() : halve(3);
    this.conv2 = new BasicConv2d(width(64), width(64), 1);
    this.conv3 = new BasicConv2d(width(64), width(192), 3, { padding: 1 });
    this.maxpool2 = small ? new Identity() : halve(3);
    let channels = width(192);
    const inception = (...unscaled: number[]): Inception => {
      const [ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj] = unscaled.map(width);
      const block = new Inception(channels, { ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj }, options);
      channels = ch1x1 + ch3x3 + ch5x5 + poolProj;
      return block;
    };
    // table 1 of the paper
    this.inception3a = inception(64, 96, 128, 16, 32, 32);
    this.inception3b = inception(128, 128, 192, 32, 96, 64);
    this.maxpool3 = halve(3);
    this.inception4a = inception(192, 96, 208, 16, 48, 64);
    this.inception4b = inception(160, 112, 224, 24, 64, 64);
    this.inception4c = inception(128, 128, 256, 24, 64, 64);
    this.inception4d = inception(112, 144, 288, 32, 64, 64);
    this.inception4e = inception(256, 160, 320, 32, 128, 128);
    this.maxpool4 = halve(2);
    this.inception5a = inception(256, 160, 320, 32, 128, 128);
    this.inception5b = inception(384, 192, 384, 48, 128, 128);
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(channels, numClasses);
    this.apply((layer) => {
      if (layer instanceof Conv2d || layer instanceof Linear) init.truncNormal(layer.weight, { std: 0.01 });
    });
  }

  override forward(x: Tensor): Tensor {
    const { conv1, maxpool1, conv2, conv3, maxpool2, inception3a, inception3b, maxpool3 } = this;
    const { inception4a, inception4b, inception4c, inception4d, inception4e, maxpool4, inception5a, inception5b } =
      this;
    const layers = [
      ...[conv1, maxpool1, conv2, conv3, maxpool2],
      ...[inception3a, inception3b, maxpool3],
      ...[inception4a, inception4b, inception4c, inception4d, inception4e, maxpool4],
      ...[inception5a, inception5b],
    ];
    for (const layer of layers) x = layer.forward(x);
    return this.fc.forward(this.dropout.forward(x.mean([2, 3]))); // (N, C, H, W) ─► (N, C)
  }
}

/** GoogLeNet: see `GoogLeNet`. It has 6,624,904 parameters for 1,000 classes. */
export function googlenet(options: GoogLeNetOptions = {}): GoogLeNet {
  return new GoogLeNet(options);
}
