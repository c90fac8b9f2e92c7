/** What each golden operator is in chainrule. */

import { ACTIVATIONS } from "./activations.ts";
import { ATTENTION } from "./attention.ts";
import { AUDIO } from "./audio.ts";
import { AVERAGING } from "./averaging.ts";
import { BOX_TOOLS, BOXES } from "./boxes.ts";
import { CLASSIFICATION } from "./classification.ts";
import { CLIPPING } from "./clipping.ts";
import { COMPOSITIONS } from "./compositions.ts";
import { CONSTRAINTS } from "./constraints.ts";
import { DRAWING } from "./drawing.ts";
import { EXPLAIN } from "./explain.ts";
import { GAN } from "./gan.ts";
import { INITIALIZATION } from "./initialization.ts";
import { LAYERS } from "./layers.ts";
import { METRIC } from "./metric.ts";
import { METRICS } from "./metrics.ts";
import { NORMALIZATION } from "./normalization.ts";
import type { Operator } from "./operators.ts";
import { OPERATORS } from "./operators.ts";
import { OVERLAP } from "./overlap.ts";
import { RANKING } from "./ranking.ts";
import { PACKING } from "./recurrent.ts";
import { REGRESSION } from "./regression.ts";
import { REGULARIZATION } from "./regularization.ts";
import { RESAMPLING } from "./resampling.ts";
import { SAMPLED } from "./sampled.ts";
import { SEQUENCE } from "./sequence.ts";
import { STATELESS } from "./stateless-modules.ts";
import { TEXT_METRICS } from "./text-metrics.ts";
import { EMBEDDING_BAGS } from "./text-models.ts";
import { DETECTION } from "./vision_modern.ts";

// What a case's options are, its operator knows.
export const ADAPTERS: Readonly<Record<string, Operator<never>>> = {
  ...OPERATORS,
  ...COMPOSITIONS,
  ...LAYERS,
  ...STATELESS,
  ...ATTENTION,
  ...ACTIVATIONS,
  ...REGRESSION,
  ...CLASSIFICATION,
  ...OVERLAP,
  ...METRIC,
  ...RANKING,
  ...GAN,
  ...SEQUENCE,
  ...PACKING,
  ...SAMPLED,
  ...RESAMPLING,
  ...NORMALIZATION,
  ...REGULARIZATION,
  ...INITIALIZATION,
  ...CLIPPING,
  ...AVERAGING,
  ...CONSTRAINTS,
  ...BOXES,
  ...DETECTION,
  ...EXPLAIN,
  ...AUDIO,
  ...EMBEDDING_BAGS,
};

/** What reads values, on the data side, and so cannot be compiled. */
export const DATA_SIDE: Readonly<Record<string, Operator<never>>> = {
  ...BOX_TOOLS,
  ...METRICS,
  ...TEXT_METRICS,
  ...DRAWING,
};
