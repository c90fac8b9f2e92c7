/** What the golden blocks and networks since 2014 are in chainrule. */

import { Conv2dNormActivation, type Conv2dNormActivationOptions } from "../../../src/vision/index.ts";
import type { MakesModule } from "./modules.ts";

export const VISION_MODERN = {
  Conv2dNormActivation: ({ kernelSize, ...options }: Conv2dNormActivationOptions & { kernelSize: number }) =>
    new Conv2dNormActivation(3, 4, kernelSize, options),
} satisfies Record<string, MakesModule>;
