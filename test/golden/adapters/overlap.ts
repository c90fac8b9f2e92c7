import { diceLoss, fBetaLoss, jaccardLoss, precisionLoss, recallLoss, tverskyLoss } from "../../../src/nn/index.ts";
import { loss } from "./loss.ts";
import type { Operator } from "./operators.ts";

export const OVERLAP: Readonly<Record<string, Operator<never>>> = {
  diceLoss: loss(diceLoss),
  jaccardLoss: loss(jaccardLoss),
  tverskyLoss: loss(tverskyLoss),
  precisionLoss: loss(precisionLoss),
  recallLoss: loss(recallLoss),
  fBetaLoss: loss(fBetaLoss),
};
