import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";

type Size = readonly [height: number, width: number];

/**
 * Anchors: boxes of given sizes and shapes at every cell of feature maps, from which a detector's boxes are offsets.
 *
 * A level of the detector has anchors of each of its sizes s in each of its aspect ratios r = height / width: they are
 * s / √r wide and s·√r high, each half of that rounded to whole pixels (half to even). The stride is
 * ⌊image size / grid size⌋, and the anchors of the cell in row i and column j are centred at
 * x = j · stride, y = i · stride, which is the cell's upper left corner. That is torchvision's rule.
 *
 * `sizes` has a list for each level, `aspectRatios` too, or one list for all. Throws an ArgumentError if their lengths
 * differ or a number is not above 0. Source: torchvision.models.detection.anchor_utils.AnchorGenerator;
 * Ren et al., Faster R-CNN, 2015.
 *
 * ```ts
 * const generator = new AnchorGenerator([[4]], [1, 4]);
 * generator.numAnchorsPerLocation; // [ 2 ]
 * generator.generate([16, 16], [[1, 2]]).arraySync()[0]; // [ -2, -2, 2, 2 ]
 * generator.generate([16, 16], [[1, 2]]).shape; // [ 4, 4 ]
 * ```
 */
export class AnchorGenerator {
  /** for each level, how many anchors a cell has */
  readonly numAnchorsPerLocation: readonly number[];
  /** for each level, corners around 0 0 of the anchors of a cell, four numbers each */
  readonly #cells: readonly (readonly number[])[];

  constructor(
    sizes: readonly (readonly number[])[],
    aspectRatios: readonly number[] | readonly (readonly number[])[] = [0.5, 1, 2],
  ) {
    const ratios = isNested(aspectRatios) ? aspectRatios : sizes.map(() => aspectRatios);
    if (sizes.length === 0 || ratios.length !== sizes.length) {
      throw new ArgumentError(
        `AnchorGenerator needs sizes and aspect ratios for the same levels, but got ${sizes.length} and ${ratios.length}.`,
      );
    }
    const wrong = [...sizes.flat(), ...ratios.flat()].find((number) => !(number > 0));
    if (wrong !== undefined) {
      throw new ArgumentError(`AnchorGenerator: sizes and aspect ratios are above 0, but one is ${wrong}.`);
    }
    this.#cells = sizes.map((own, level) =>
      ratios[level].flatMap((ratio) => own.flatMap((size) => anchor(size, ratio))),
    );
    this.numAnchorsPerLocation = this.#cells.map(({ length }) => length / 4);
  }

  /**
   * The anchors of all levels: (A, 4) f32, x1 y1 x2 y2 in pixels; by level, row, column, aspect ratio and size, the last
   * the fastest. Throws an ArgumentError unless each level has a grid that fits into the image.
   */
  generate(imageSize: Size, gridSizes: readonly Size[]): Tensor {
    if (gridSizes.length !== this.#cells.length) {
      throw new ArgumentError(
        `AnchorGenerator has ${this.#cells.length} level(s), but got ${gridSizes.length} feature map(s).`,
      );
    }
    const count = gridSizes.reduce((sum, [rows, columns], level) => {
      return sum + rows * columns * this.numAnchorsPerLocation[level];
    }, 0);
    const anchors = new Float32Array(count * 4);
    let at = 0;
    for (const [level, [rows, columns]] of gridSizes.entries()) {
      const [strideY, strideX] = [Math.floor(imageSize[0] / rows), Math.floor(imageSize[1] / columns)];
      if (!(strideY > 0 && strideX > 0)) {
        throw new ArgumentError(
          `AnchorGenerator: a grid of ${rows}×${columns} cells does not fit into an image of ${imageSize.join("×")}.`,
        );
      }
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const centre = [column * strideX, row * strideY];
          for (const [k, side] of this.#cells[level].entries()) anchors[at++] = centre[k % 2] + side;
        }
      }
    }
    return tensor(anchors, { shape: [count, 4] });
  }
}

const isNested = (
  ratios: readonly number[] | readonly (readonly number[])[],
): ratios is readonly (readonly number[])[] => typeof ratios[0] === "object";

/** Corners around 0 0, in float32 as torchvision has them, so that what lies between two pixels goes to the same one. */
function anchor(size: number, ratio: number): readonly number[] {
  const tall = Math.fround(Math.sqrt(Math.fround(ratio)));
  const [right, down] = [1 / tall, tall].map((factor) => {
    return halfToEven(Math.fround(Math.fround(factor) * Math.fround(size)) / 2);
  });
  return [-right, -down, right, down];
}

function halfToEven(x: number): number {
  const rounded = Math.round(x);
  return x % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
