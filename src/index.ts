/** The public API. Layers, optimizers, data and files are subpaths: `chainrule/nn`, `chainrule/optim`, … */

export * from "./tensor/index.ts";
