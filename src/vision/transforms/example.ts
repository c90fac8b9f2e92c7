import type { Blueprint } from "../../data/index.ts";
import type { Picture } from "../picture.ts";

/** A picture and what is known about it. Transforms give new examples; they never write into the one they are given. */
export interface Example {
  readonly picture: Picture;
  /** the class of the whole picture */
  readonly label?: number;
  /** corners [x₁, y₁, x₂, y₂] of box after box in pixels, (K, 4): pixel i covers i to i + 1 */
  readonly boxes?: Float32Array;
  /** the class of each box, (K) */
  readonly labels?: Int32Array;
  /** the class of each pixel, (height, width) */
  readonly mask?: Uint8Array;
}

/** Pictures by number, with what is known about each. */
export interface ExampleSource {
  readonly length: number;
  /** its arrays may be views of what the source keeps: to be read only; `epoch` is for a source that augments */
  example(index: number, epoch?: number): Example;
  /** how a loader's worker builds the source again */
  readonly blueprint?: Blueprint | undefined;
}
