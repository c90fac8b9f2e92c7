export { type AttentionSvgOptions, attentionSvg } from "./attention-svg.ts";
