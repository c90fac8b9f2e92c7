/** Seeing what a model looks at, and what it has learned. */

export { gradCam } from "./grad-cam.ts";
export { type HeatmapOptions, heatmap } from "./heatmap.ts";
export { featureMaps, filterPictures } from "./maps.ts";
export { type OcclusionOptions, occlusion } from "./occlusion.ts";
export { type Exhibit, type Gallery, picturePage } from "./page.ts";
export { saliency } from "./saliency.ts";
export type { TargetOptions } from "./score.ts";
