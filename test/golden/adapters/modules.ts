/** What each golden module is in chainrule. */

import type { Recordable } from "../modules.ts";
import { ATTENTION_MODULES } from "./attention.ts";
import { LAYER_MODULES } from "./layer-modules.ts";
import { RECURRENT_MODULES } from "./recurrent.ts";
import { SEQUENCE_TO_SEQUENCE } from "./sequence-to-sequence.ts";
import { TEXT_MODELS } from "./text-models.ts";
import { VISION_MODELS } from "./vision_models.ts";
import { VISION_MODERN } from "./vision_modern.ts";

/** Makes a module of a case's options, which it knows. */
export type MakesModule<O = never> = (options: O) => Recordable;

export const MODULES: Readonly<Record<string, MakesModule>> = {
  ...LAYER_MODULES,
  ...ATTENTION_MODULES,
  ...SEQUENCE_TO_SEQUENCE,
  ...RECURRENT_MODULES,
  ...VISION_MODELS,
  ...VISION_MODERN,
  ...TEXT_MODELS,
};
