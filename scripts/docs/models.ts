/**
 * Writes docs/models.md: the networks of chainrule/vision and chainrule/text, their parameters, multiply-adds and receptive
 * fields.
 *
 *     npx jiti scripts/docs/models.ts            # writes it
 *     npx jiti scripts/docs/models.ts --check    # only says whether it is what would be written
 */

import { setDevice } from "../../src/index.ts";
import type { Module, Summary } from "../../src/nn/index.ts";
import * as text from "../../src/text/index.ts";
import * as vision from "../../src/vision/index.ts";
import { deliver } from "./page.ts";

/** A network as the page shows it. */
interface Row {
  /** the name in chainrule/vision or chainrule/text: a function, or a class */
  readonly name: string;
  /** before the options */
  readonly sizes?: readonly number[];
  readonly options?: Readonly<Record<string, unknown>>;
  /** channels, height and width; or how many tokens */
  readonly input: readonly number[];
  readonly source: string;
}

const CIFAR = [3, 32, 32];
const IMAGENET = [3, 224, 224];
const SMALL = { stem: "small", numClasses: 10 };

const RESIDUAL = "He et al., Deep residual learning for image recognition, 2016";
const PREACTIVATION = "He et al., Identity mappings in deep residual networks, 2016";
const VERY_DEEP = "Simonyan and Zisserman, Very deep convolutional networks, 2015";
const ALEXNET = "Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014";
const DENSE = "Huang et al., Densely connected convolutional networks, 2017";
const MOBILE = "Sandler et al., MobileNetV2: Inverted residuals and linear bottlenecks, 2018";
const INCEPTION = "Szegedy et al., Going deeper with convolutions, 2015";
const VISION_TRANSFORMER = "Dosovitskiy et al., An image is worth 16x16 words, 2021";
const U_NET = "Ronneberger et al., U-Net, 2015";

const SMALL_PICTURES: readonly Row[] = [
  {
    name: "lenet",
    input: [1, 28, 28],
    source: "LeCun et al., Gradient-based learning applied to document recognition, 1998",
  },
  { name: "alexnet", options: SMALL, input: CIFAR, source: ALEXNET },
  ...["vgg11", "vgg11Bn", "vgg13", "vgg13Bn", "vgg16", "vgg16Bn", "vgg19", "vgg19Bn"].map((name) => ({
    name,
    options: SMALL,
    input: CIFAR,
    source: VERY_DEEP,
  })),
  ...["plain20", "plain56", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110"].map((name) => ({
    name,
    input: CIFAR,
    source: RESIDUAL,
  })),
  ...["plain18", "plain34", "plain50", "resnet18", "resnet34", "resnet50"].map((name) => ({
    name,
    options: SMALL,
    input: CIFAR,
    source: RESIDUAL,
  })),
  ...["preActResNet20", "preActResNet56", "preActResNet110"].map((name) => ({
    name,
    input: CIFAR,
    source: PREACTIVATION,
  })),
  { name: "densenet100", input: CIFAR, source: DENSE },
  { name: "mobilenetV2", options: SMALL, input: CIFAR, source: MOBILE },
  { name: "GoogLeNet", options: SMALL, input: CIFAR, source: INCEPTION },
  { name: "UNet", input: CIFAR, source: U_NET },
  { name: "vitSmallPictures", options: { inChannels: 1 }, input: [1, 28, 28], source: VISION_TRANSFORMER },
];

const PHOTOGRAPHS: readonly Row[] = [
  { name: "alexnet", input: IMAGENET, source: ALEXNET },
  { name: "vgg11", input: IMAGENET, source: VERY_DEEP },
  { name: "vgg16", input: IMAGENET, source: VERY_DEEP },
  ...["resnet18", "resnet34", "resnet50", "resnet101"].map((name) => ({ name, input: IMAGENET, source: RESIDUAL })),
  { name: "densenet121", input: IMAGENET, source: DENSE },
  { name: "mobilenetV2", input: IMAGENET, source: MOBILE },
  { name: "GoogLeNet", input: IMAGENET, source: INCEPTION },
  ...["vitB16", "vitB32"].map((name) => ({ name, input: IMAGENET, source: VISION_TRANSFORMER })),
];

const CLASSIFIER = { sizes: [10_000, 2], input: [100] };
const GPT_SIZES = { vocabSize: 50_257, contextLength: 1024 };
const GPT_2 = "Radford et al., Language models are unsupervised multitask learners, 2019";

const TEXTS: readonly Row[] = [
  {
    name: "BagClassifier",
    ...CLASSIFIER,
    source: "Iyyer et al., Deep unordered composition rivals syntactic methods for text classification, 2015",
  },
  { name: "TextCNN", ...CLASSIFIER, source: "Kim, Convolutional neural networks for sentence classification, 2014" },
  {
    name: "LSTMClassifier",
    ...CLASSIFIER,
    source: "Conneau et al., Supervised learning of universal sentence representations, 2017",
  },
  { name: "TransformerClassifier", ...CLASSIFIER, source: "Vaswani et al., Attention is all you need, 2017" },
  {
    name: "GPT",
    options: { vocabSize: 65, contextLength: 256, width: 384, depth: 6, heads: 6 },
    input: [256],
    source: GPT_2,
  },
  { name: "GPT", options: { ...GPT_SIZES, width: 768, depth: 12, heads: 12 }, input: [1024], source: GPT_2 },
];

const ROOMS = { ...vision, ...text };

/** The network that a row names: of its function, or of its class. */
function networkOf({ name, sizes = [], options = {} }: Row): Module {
  const maker = Reflect.get(ROOMS, name);
  return name[0] === name[0].toUpperCase() ? Reflect.construct(maker, [...sizes, options]) : maker(...sizes, options);
}

/** As one writes it. */
function codeOf({ name, sizes = [], options }: Row): string {
  const shown = Object.entries(options ?? {}).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const call = [...sizes, ...(shown.length > 0 ? [`{ ${shown.join(", ")} }`] : [])].join(", ");
  return `\`${name[0] === name[0].toUpperCase() ? "new " : ""}${name}(${call})\``;
}

/** The most that a layer sees before all is seen. */
function fieldOf({ rows }: Summary): number {
  return Math.max(...rows.map(({ receptiveField: f }) => (typeof f === "object" ? Math.max(...f.size) : 0)));
}

const count = (n: number): string => n.toLocaleString("en-US");

function line(row: Row): string {
  const summary = networkOf(row).summary([1, ...row.input]);
  const { parameters, multiplyAdds } = summary;
  return `| ${codeOf(row)} | ${row.input.join(" × ")} | ${count(parameters)} | ${count(multiplyAdds)} | ${fieldOf(summary)} | ${row.source} |`;
}

const table = (rows: readonly Row[]): string[] => [
  "| | picture | parameters | multiply-adds | receptive field | source |",
  "| - | - | -: | -: | -: | - |",
  ...rows.map(line),
  "",
];

function textLine(row: Row): string {
  const { parameters, multiplyAdds } = networkOf(row).summary([1, ...row.input], { dtype: "i32" });
  return `| ${codeOf(row)} | ${row.input} | ${count(parameters)} | ${count(multiplyAdds)} | ${row.source} |`;
}

setDevice("wasm");
deliver("models", [
  "# Models",
  "",
  "The networks of `chainrule/vision` and `chainrule/text`, as `summary()` counts them: made by `scripts/docs/models.ts`. Multiply-adds are those of one picture, or of one text. The receptive field is how many pixels in a row one position of the last layer depends on that does not see the whole picture: pooling over all positions, and linear layers after it, do. It may reach over the picture's borders.",
  "",
  'Names and layouts are torchvision\'s where it has the network, and its state dicts load. `stem: "small"` makes the beginning of a network, and its head where that is large, fit pictures of 28 to 64 pixels; `width`, the channels of its first layers, or `widthMult`, by which all channels are multiplied, makes it narrower or wider. `shortcut` says what goes around residual blocks: a convolution, zeros, or nothing, which makes a plain network.',
  "",
  "## Small pictures",
  "",
  ...table(SMALL_PICTURES),
  "## Photographs",
  "",
  ...table(PHOTOGRAPHS),
  "## Texts",
  "",
  "Tokens are numbers. Classifiers are made for a vocabulary and a number of classes, and token 0 is padding to them; `GPT` gives the logits of the token that follows each, and shares its embedding's weight with its last layer. `RecurrentEncoderDecoder` and `TransformerEncoderDecoder` ([From one sequence to another](translation.md)) and `Tagger` take two inputs, which `summary` does not.",
  "",
  "| | tokens | parameters | multiply-adds | source |",
  "| - | -: | -: | -: | - |",
  ...TEXTS.map(textLine),
  "",
]);
