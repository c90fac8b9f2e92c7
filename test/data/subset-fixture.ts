import type { Dataset } from "../../src/data/index.ts";
import { type Tensor, tensor } from "../../src/tensor/index.ts";

/** Example i is the number i. */
export const count = (length: number): Dataset<readonly [Tensor]> => ({ length, get: (i) => [tensor(i)] });
