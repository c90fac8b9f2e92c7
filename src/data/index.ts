export { type Blueprint, build, shared } from "./blueprint.ts";
export { type Dataset, type Sample, TensorDataset } from "./dataset.ts";
export { DataLoader, type DataLoaderOptions, type DataLoaderState } from "./loader.ts";
export { cutmix, type MixOptions, mixup } from "./mix.ts";
export { Random } from "./random.ts";
export { randomSplit, type SplitOptions, Subset, stratified } from "./subset.ts";
