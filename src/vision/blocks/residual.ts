import { BatchNorm2d, Conv2d, type Layer, Module, type ReceptiveField, Sequential } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/**
 * What goes around a block's layers. Where input and output have one shape, it is the input itself; elsewhere
 * `"convolution"` is a 1×1 convolution (with batch normalisation, except before pre-activation), `"zeros"` every
 * stride-th pixel with channels of zeros after its own, which has no parameters (options B and A of He et al.). With
 * `"none"` nothing goes around: a plain block.
 */
export type Shortcut = "convolution" | "zeros" | "none";

export interface ResidualOptions {
  /** between the windows of the first 3×3 convolution; 1 by default */
  stride?: number;
  /** `"convolution"` by default */
  shortcut?: Shortcut;
}

/** A block's class, as networks take it. */
export interface ResidualBlock {
  /** channels of the output for each of `channels` */
  readonly expansion: number;
  new (inChannels: number, channels: number, options?: ResidualOptions): Layer;
}

/** A 3×3 convolution that keeps the sizes at stride 1, and one of 1×1, without biases: a normalisation follows. */
const conv3x3 = (from: number, to: number, stride = 1): Conv2d =>
  new Conv2d(from, to, 3, { stride, padding: 1, bias: false });
const conv1x1 = (from: number, to: number, stride = 1): Conv2d => new Conv2d(from, to, 1, { stride, bias: false });

/** Every stride-th pixel, and channels of zeros after those of the input: (N, C, H, W) ─► (N, O, ⌈H/s⌉, ⌈W/s⌉). */
class Subsample extends Module {
  readonly more: number;
  readonly stride: number;

  constructor(more: number, stride: number) {
    super();
    this.more = more;
    this.stride = stride;
  }

  override forward(x: Tensor): Tensor {
    return x.slice(`:, :, ::${this.stride}, ::${this.stride}`).pad([0, 0, 0, 0, 0, this.more]);
  }

  override receptiveField(): ReceptiveField {
    return { size: [1, 1], step: [this.stride, this.stride] };
  }
}

/** What brings the input of a block to the shape of its output, if anything has to; `project` is its convolution. */
function downsampleOf(
  shortcut: Shortcut,
  [from, to, stride]: [inChannels: number, outChannels: number, stride: number],
  project: () => Layer,
): Layer | undefined {
  if (shortcut === "none" || (from === to && stride === 1)) return undefined;
  return shortcut === "zeros" ? new Subsample(to - from, stride) : project();
}

/** y and what goes around it. */
function joined(y: Tensor, x: Tensor, block: { shortcut: Shortcut; downsample: Layer | undefined }): Tensor {
  return block.shortcut === "none" ? y : y.add(block.downsample?.forward(x) ?? x);
}

/**
 * Two 3×3 convolutions and a shortcut: relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)).
 *
 * Shapes: (N, C, H, W) ─► (N, channels, ⌈H/stride⌉, ⌈W/stride⌉). The names are those of torchvision's class, which has
 * to be given the convolution that is `downsample` here. Throws a ShapeError if C is not `inChannels`.
 * He et al., Deep residual learning for image recognition, 2016.
 *
 * ```ts
 * const block = new BasicBlock(16, 32, { stride: 2 });
 * block.forward(zeros([1, 16, 8, 8])).shape; // [ 1, 32, 4, 4 ]
 * block.namedParameters().length; // 9
 * new BasicBlock(16, 32, { stride: 2, shortcut: "zeros" }).namedParameters().length; // 6
 * ```
 */
export class BasicBlock extends Module {
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Layer | undefined;
  readonly shortcut: Shortcut;

  constructor(inChannels: number, channels: number, options: ResidualOptions = {}) {
    super();
    const { stride = 1, shortcut = "convolution" } = options;
    this.conv1 = conv3x3(inChannels, channels, stride);
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = conv3x3(channels, channels);
    this.bn2 = new BatchNorm2d(channels);
    this.shortcut = shortcut;
    this.downsample = downsampleOf(
      shortcut,
      [inChannels, channels, stride],
      () => new Sequential(conv1x1(inChannels, channels, stride), new BatchNorm2d(channels)),
    );
  }

  override forward(x: Tensor): Tensor {
    const hidden = this.bn1.forward(this.conv1.forward(x)).relu(); // (N, channels, H/s, W/s) from here on
    return joined(this.bn2.forward(this.conv2.forward(hidden)), x, this).relu();
  }
}

/**
 * Convolutions of 1×1, 3×3 and 1×1, the last of which gives four times the channels, and a shortcut:
 * relu(bn(conv(relu(bn(conv(relu(bn(conv(x)))))))) + shortcut(x)).
 *
 * Shapes: (N, C, H, W) ─► (N, 4·channels, ⌈H/stride⌉, ⌈W/stride⌉). As in torchvision, the 3×3 convolution has the stride;
 * in the paper it is the first. Throws a ShapeError if C is not `inChannels`.
 * He et al., Deep residual learning for image recognition, 2016.
 *
 * ```ts
 * new Bottleneck(64, 16).forward(zeros([1, 64, 8, 8])).shape; // [ 1, 64, 8, 8 ]
 * new Bottleneck(64, 32, { stride: 2 }).forward(zeros([1, 64, 8, 8])).shape; // [ 1, 128, 4, 4 ]
 * ```
 */
export class Bottleneck extends Module {
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Layer | undefined;
  readonly shortcut: Shortcut;

  constructor(inChannels: number, channels: number, options: ResidualOptions = {}) {
    super();
    const { stride = 1, shortcut = "convolution" } = options;
    const outChannels = Bottleneck.expansion * channels;
    this.conv1 = conv1x1(inChannels, channels);
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = conv3x3(channels, channels, stride);
    this.bn2 = new BatchNorm2d(channels);
    this.conv3 = conv1x1(channels, outChannels);
    this.bn3 = new BatchNorm2d(outChannels);
    this.shortcut = shortcut;
    this.downsample = downsampleOf(
      shortcut,
      [inChannels, outChannels, stride],
      () => new Sequential(conv1x1(inChannels, outChannels, stride), new BatchNorm2d(outChannels)),
    );
  }

  override forward(x: Tensor): Tensor {
    const reduced = this.bn1.forward(this.conv1.forward(x)).relu(); // (N, channels, H, W)
    const hidden = this.bn2.forward(this.conv2.forward(reduced)).relu(); // (N, channels, H/s, W/s)
    return joined(this.bn3.forward(this.conv3.forward(hidden)), x, this).relu(); // (N, 4·channels, H/s, W/s)
  }
}

/**
 * A block whose shortcut is left as it is, since normalisation and ReLU come before the convolutions:
 * conv(relu(bn(conv(a)))) + shortcut(x) with a = relu(bn(x)).
 *
 * Shapes: (N, C, H, W) ─► (N, channels, ⌈H/stride⌉, ⌈W/stride⌉). Where a convolution goes around, it takes a instead of x.
 * Throws a ShapeError if C is not `inChannels`.
 * He et al., Identity mappings in deep residual networks, 2016.
 *
 * ```ts
 * new PreActBlock(16, 32, { stride: 2 }).forward(zeros([1, 16, 8, 8])).shape; // [ 1, 32, 4, 4 ]
 * ```
 */
export class PreActBlock extends Module {
  static readonly expansion = 1;
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly downsample: Layer | undefined;
  readonly shortcut: Shortcut;

  constructor(inChannels: number, channels: number, options: ResidualOptions = {}) {
    super();
    const { stride = 1, shortcut = "convolution" } = options;
    this.bn1 = new BatchNorm2d(inChannels);
    this.conv1 = conv3x3(inChannels, channels, stride);
    this.bn2 = new BatchNorm2d(channels);
    this.conv2 = conv3x3(channels, channels);
    this.shortcut = shortcut;
    this.downsample = downsampleOf(shortcut, [inChannels, channels, stride], () =>
      conv1x1(inChannels, channels, stride),
    );
  }

  override forward(x: Tensor): Tensor {
    const active = this.bn1.forward(x).relu(); // (N, C, H, W)
    const hidden = this.bn2.forward(this.conv1.forward(active)).relu(); // (N, channels, H/s, W/s)
    const around = this.downsample instanceof Conv2d ? active : x;
    return joined(this.conv2.forward(hidden), around, this);
  }
}
