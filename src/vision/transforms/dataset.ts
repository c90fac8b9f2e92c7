import { ArgumentError } from "../../core/errors.ts";
import { checkIndex } from "../../data/dataset.ts";
import type { Blueprint } from "../../data/index.ts";
import { Random } from "../../data/random.ts";
import type { Tensor } from "../../tensor/index.ts";
import { ExampleDataset, type Field, planes, type ViewOptions } from "../datasets/views.ts";
import type { Example, ExampleSource } from "./example.ts";
import type { Transform } from "./transform.ts";

export interface AugmentedDatasetOptions extends ViewOptions {
  /** what example i is in epoch e depends on (seed, e, i) alone; 0 */
  seed?: number;
}

/**
 * Pictures of a source, changed by a transform whenever they are asked for: sample i is [image (C, H, W) f32, label () i32].
 *
 * The same epoch gives the same pixels, whatever was asked for before. It is a source itself: `SegmentationDataset` and
 * `DetectionDataset` make tensors of its masks and boxes. Throws an ArgumentError if `seed` is not a whole number of 32 bits
 * or an example has no label, a ShapeError if the pictures of a batch differ in size.
 *
 * ```ts
 * const source = new ImageDataset(new Uint8Array([0, 255, 0, 0]), new Uint8Array([3]), 2, 2);
 * const dataset = new AugmentedDataset(source, new RandomHorizontalFlip(1));
 * dataset.get(0); // [ tensor([[[1., 0.], [0., 0.]]]), tensor(3) ]
 * ```
 */
export class AugmentedDataset extends ExampleDataset<readonly [image: Tensor, label: Tensor]> {
  readonly #transform: Transform;
  readonly #options: AugmentedDatasetOptions;
  readonly #seed: number;
  readonly #random: Random;

  constructor(source: ExampleSource, transform: Transform, options: AugmentedDatasetOptions = {}) {
    super(source);
    const { seed = 0 } = options;
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new ArgumentError(`AugmentedDataset: seed must be a whole number from 0 to 4294967295, but got ${seed}.`);
    }
    this.#transform = transform;
    this.#options = options;
    this.#seed = seed;
    this.#random = new Random(seed);
  }

  get blueprint(): Blueprint | undefined {
    const [source, transform] = [this.source.blueprint, this.#transform.blueprint];
    if (!source || !transform) return undefined;
    return { module: import.meta.url, name: "AugmentedDataset", args: [source, transform, this.#options] };
  }

  /** The example as it is in an epoch. */
  override example(index: number, epoch = 0): Example {
    checkIndex("AugmentedDataset", index, this.length);
    const example = this.source.example(index, epoch);
    this.#random.begin(this.#seed, epoch, index);
    return this.#transform.apply(example, this.#random);
  }

  protected fields(examples: readonly Example[]): Field[] {
    const labels = Int32Array.from(examples, ({ label }) => {
      if (label !== undefined) return label;
      throw new ArgumentError(
        "AugmentedDataset: an example has no label; make tensors of masks and boxes with SegmentationDataset and DetectionDataset.",
      );
    });
    return [planes(examples, this.#options.normalize), { data: labels, shape: [] }];
  }
}
