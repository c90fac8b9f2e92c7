import { Conv2d, init, Module, Sequential } from "../../nn/index.ts";
import {
  type Compiled,
  cat,
  compile,
  noGrad,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
} from "../../tensor/index.ts";
import { Conv2dNormActivation, FeaturePyramidNetwork } from "../blocks/index.ts";
import { AnchorGenerator, BoxCoder, batchedNms, clipBoxesToImage } from "../boxes/index.ts";

export interface RetinaNetOptions {
  /** classes, without a background; 10 by default */
  numClasses?: number;
  /** 3 by default */
  inChannels?: number;
  /** channels of the backbone at strides 2, 4, 8, …; there are boxes from stride 4 on; [16, 32, 64] by default */
  widths?: readonly number[];
  /** channels of the pyramid and the heads; 32 by default */
  pyramidChannels?: number;
  /** convolutions of each head before the last; 1 by default, 4 in the paper */
  headLayers?: number;
  /** for each level from stride 4 on, square roots of its anchors' areas in pixels; [4 · stride] by default */
  anchorSizes?: readonly (readonly number[])[];
  /** heights of anchors divided by their widths; [0.5, 1, 2] by default */
  aspectRatios?: readonly number[];
}

export interface DetectOptions {
  /** boxes must be surer than this; 0.05 by default */
  scoreThreshold?: number;
  /** boxes of a class that overlap a surer one by more are dropped; 0.5 by default */
  iouThreshold?: number;
  /** how many boxes a picture has at most; 100 by default */
  limit?: number;
}

/** What has been found in one picture, the surest first. */
export interface Detection {
  /** (D, 4) f32, corners x1 y1 x2 y2 in pixels */
  readonly boxes: Tensor;
  /** (D,) i32, classes */
  readonly labels: Tensor;
  /** (D,) f32, probabilities */
  readonly scores: Tensor;
}

/** Convolutions that all levels share, and one that says `outputs` numbers of each of a cell's anchors. */
abstract class Head extends Module {
  readonly conv: Sequential;
  readonly outputs: number;

  constructor(channels: number, layers: number, outputs: number) {
    super();
    this.outputs = outputs;
    const layer = () => new Conv2dNormActivation(channels, channels, 3, { norm: null });
    this.conv = new Sequential(...Array.from({ length: layers }, layer));
    this.apply((part) => {
      if (!(part instanceof Conv2d)) return;
      init.kaimingNormal(part.weight);
      if (part.bias) init.zeros(part.bias);
    });
  }

  /** (N, A · outputs, H, W) ─► (N, H · W · A, outputs), the anchors of a cell side by side. */
  protected perAnchor(x: Tensor): Tensor {
    const [batch, , height, width] = x.shape;
    return x
      .reshape([batch, -1, this.outputs, height, width]) // (N, A, outputs, H, W)
      .permute([0, 3, 4, 1, 2]) // (N, H, W, A, outputs)
      .reshape([batch, -1, this.outputs]);
  }
}

function lastLayer(channels: number, outputs: number, bias: number): Conv2d {
  const layer = new Conv2d(channels, outputs, 3, { padding: 1 });
  init.normal(layer.weight, { std: 0.01 });
  if (layer.bias) init.constant(layer.bias, bias);
  return layer;
}

// A class is there with probability 0.01 at first: else all the background would drown what there is to learn.
const PRIOR = 0.01;

class ClassificationHead extends Head {
  readonly clsLogits: Conv2d;

  constructor(channels: number, layers: number, anchors: number, numClasses: number) {
    super(channels, layers, numClasses);
    this.clsLogits = lastLayer(channels, anchors * numClasses, -Math.log((1 - PRIOR) / PRIOR));
  }

  override forward(map: Tensor): Tensor {
    return this.perAnchor(this.clsLogits.forward(this.conv.forward(map)));
  }
}

class RegressionHead extends Head {
  readonly bboxReg: Conv2d;

  constructor(channels: number, layers: number, anchors: number) {
    super(channels, layers, 4);
    this.bboxReg = lastLayer(channels, anchors * 4, 0);
  }

  override forward(map: Tensor): Tensor {
    return this.perAnchor(this.bboxReg.forward(this.conv.forward(map)));
  }
}

/**
 * A detector of one stage: a small backbone, a feature pyramid, and heads that say of every anchor what it shows and how
 * far its box is off.
 *
 * Shapes: (N, inChannels, H, W) ─► logits (N, A, numClasses) and offsets (N, A, 4) for the A `anchors(H, W)`: train them
 * with `detectionLoss` towards `encodeTargets`, use them with `detect`. The backbone has two convolutions of batch
 * normalisation and ReLU at each stride; pyramid and heads have torchvision's names, but the heads' convolutions begin as
 * He et al.'s, since few channels would fade at a standard deviation of 0.01. Lin et al., Focal loss for dense object
 * detection, 2017.
 *
 * ```ts
 * const model = new RetinaNet({ inChannels: 1, numClasses: 10, widths: [8, 16, 16], pyramidChannels: 8 });
 * const [logits, offsets] = model.forward(zeros([2, 1, 32, 32]));
 * logits.shape; // [ 2, 240, 10 ]
 * offsets.shape; // [ 2, 240, 4 ]
 * model.anchors(32, 32).shape; // [ 240, 4 ]
 * ```
 */
export class RetinaNet extends Module {
  readonly backbone: readonly Sequential[];
  readonly pyramid: FeaturePyramidNetwork;
  readonly classificationHead: ClassificationHead;
  readonly regressionHead: RegressionHead;
  readonly #generator: AnchorGenerator;
  readonly #coder = new BoxCoder();
  readonly #predict: Compiled<[x: Tensor, anchors: Tensor], readonly [scores: Tensor, boxes: Tensor]>;

  constructor(options: RetinaNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3, widths = [16, 32, 64], pyramidChannels = 32, headLayers = 1 } = options;
    const { anchorSizes = widths.slice(1).map((_, i) => [4 * 2 ** (i + 2)]), aspectRatios = [0.5, 1, 2] } = options;
    this.#generator = new AnchorGenerator(anchorSizes, aspectRatios);
    const { numAnchorsPerLocation: counts } = this.#generator;
    if (counts.length !== widths.length - 1 || counts.some((count) => count !== counts[0])) {
      throw new ShapeError(
        `RetinaNet: ${widths.length} widths have ${widths.length - 1} levels, each with as many anchors, but anchorSizes has [${anchorSizes.map((sizes) => sizes.length).join(", ")}] sizes.`,
      );
    }
    this.backbone = widths.map((width, i) => {
      const halved = new Conv2dNormActivation(i === 0 ? inChannels : widths[i - 1], width, 3, { stride: 2 });
      // full pictures are large: one convolution is enough there
      return new Sequential(halved, ...(i === 0 ? [] : [new Conv2dNormActivation(width, width, 3)]));
    });
    this.pyramid = new FeaturePyramidNetwork(widths.slice(1), pyramidChannels);
    this.classificationHead = new ClassificationHead(pyramidChannels, headLayers, counts[0], numClasses);
    this.regressionHead = new RegressionHead(pyramidChannels, headLayers, counts[0]);
    this.#predict = compile((x, anchors) => {
      const [logits, offsets] = noGrad(() => this.forward(x));
      return [logits.sigmoid(), this.#coder.decode(offsets, anchors)];
    });
  }

  override forward(x: Tensor): readonly [logits: Tensor, offsets: Tensor] {
    const seen: Tensor[] = []; // (N, width, H / stride, W / stride)
    for (const stage of this.backbone) seen.push(stage.forward(seen.at(-1) ?? x));
    const maps = this.pyramid.forward(seen.slice(1)); // (N, pyramidChannels, H / stride, W / stride)
    const [logits, offsets] = [this.classificationHead, this.regressionHead].map((head) => {
      return cat(
        maps.map((map) => head.forward(map)),
        1,
      ); // (N, A, numClasses) and (N, A, 4)
    });
    return [logits, offsets];
  }

  /** The anchors of a picture of this size: (A, 4) f32, in the order of the outputs. */
  anchors(height: number, width: number): Tensor {
    const grids = this.#generator.numAnchorsPerLocation.map((_, i): [number, number] => {
      const stride = 2 ** (i + 2);
      return [Math.ceil(height / stride), Math.ceil(width / stride)];
    });
    return this.#generator.generate([height, width], grids);
  }

  /**
   * The boxes in each of N pictures (N, inChannels, H, W): of those surer than `scoreThreshold`, what is left after
   * `batchedNms`. Throws a StateError in training mode. It runs compiled; reads values, so it is not for `compile`.
   *
   * ```ts
   * const model = new RetinaNet({ inChannels: 1, widths: [8, 16], pyramidChannels: 8 }).eval();
   * const [first] = await model.detect(zeros([1, 1, 16, 16]), { scoreThreshold: 0.9 });
   * first.boxes.shape; // [ 0, 4 ]
   * ```
   */
  async detect(x: Tensor, options: DetectOptions = {}): Promise<Detection[]> {
    if (this.training) throw new StateError("RetinaNet: detect is for a model in use: call model.eval() before.");
    const { scoreThreshold = 0.05, iouThreshold = 0.5, limit = 100 } = options;
    const [height, width] = x.shape.slice(-2);
    const [allScores, allBoxes] = this.#predict(x, this.anchors(height, width));
    const [, anchors, numClasses] = allScores.shape;
    const [scores, boxes] = [await allScores.data(), await allBoxes.data()];
    return Array.from({ length: x.shape[0] }, (_, n) => {
      const from = n * anchors * numClasses;
      const likely = [...scores.subarray(from, from + anchors * numClasses).keys()].filter(
        (i) => scores[from + i] > scoreThreshold,
      );
      const corners = likely.flatMap((i) => {
        const at = 4 * (n * anchors + Math.floor(i / numClasses));
        return [...boxes.subarray(at, at + 4)];
      });
      const found = {
        boxes: clipBoxesToImage(tensor(corners, { shape: [likely.length, 4] }), [height, width]),
        labels: tensor(Int32Array.from(likely, (i) => i % numClasses)),
        scores: tensor(Float32Array.from(likely, (i) => scores[from + i])),
      };
      const kept = batchedNms(found.boxes, found.scores, found.labels, iouThreshold);
      const best = kept.narrow(0, 0, Math.min(limit, kept.shape[0]));
      return {
        boxes: found.boxes.indexSelect(0, best),
        labels: found.labels.indexSelect(0, best),
        scores: found.scores.indexSelect(0, best),
      };
    });
  }
}
