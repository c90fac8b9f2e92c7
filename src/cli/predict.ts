import type { Module } from "../nn/index.ts";
import { setDevice } from "../runtime/select.ts";
import { Tensor, tensor, zeros } from "../tensor/index.ts";
import { type Model, wrongSetting } from "../train/index.ts";
import { digitFromPhoto, type RgbaImage } from "../vision/index.ts";
import { err, out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { openModel, type TrainedModel } from "./model.ts";
import { drawPicture, readPicture } from "./picture.ts";
import { overrideSettings } from "./settings.ts";

const BAR = 30;

export interface PredictFlags {
  model?: string;
  set?: ReadonlyMap<string, string>;
  device?: string;
  json?: boolean;
}

/** `chainrule predict`: what a model makes of a text, or what it sees in a picture of a digit. */
export async function predictCommand(input: string, flags: PredictFlags): Promise<void> {
  if (flags.device) setDevice(flags.device);
  // What is wrong with a picture is told before there is a model to show it to.
  const picture = /\.(png|jpe?g)$/i.test(input) ? await readPicture(input) : undefined;
  const trained = await openModel(flags.model);
  if (trained.recipe.predict) return await answer(input, trained, flags);
  if (flags.set) throw new UsageError(`--set is for recipes that answer texts, but ${trained.recipe.name} does not.`);
  await recognise(input, picture ?? (await readPicture(input)), trained, flags.json);
}

async function answer(text: string, { recipe, model, settings, path }: TrainedModel, flags: PredictFlags) {
  if (text.trim() === "") throw new UsageError(`predict needs a text that ${recipe.name} answers.`);
  const chosen = overrideSettings(settings, flags.set ?? new Map(), wrongSetting);
  let whole = "";
  for await (const piece of recipe.predict!(model, text, chosen)) {
    whole += piece;
    if (!flags.json) process.stdout.write(piece);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify({ event: "predict", text, model: path, answer: whole })}\n`);
  else if (!whole.endsWith("\n")) process.stdout.write("\n");
}

async function recognise(
  name: string,
  picture: RgbaImage,
  { recipe, model: module, path }: TrainedModel,
  json?: boolean,
): Promise<void> {
  if (!recipe.input)
    throw new UsageError(`predict recognises pictures and answers texts, but ${recipe.name} takes neither: try eval.`);
  const { pixels, warnings } = digitFromPhoto(picture);
  const { shape, mean = 0, std = 1 } = recipe.input;
  const model = module as Module as Model<unknown>;
  const scores = model.forward(zeros([1, ...shape])); // only its shape is asked for: nothing is computed
  if (!(scores instanceof Tensor && scores.ndim === 2)) {
    throw new UsageError(`predict names what a picture shows, but ${recipe.name} is no classifier: try eval.`);
  }
  if (shape.join() !== "1,28,28") {
    throw new UsageError(
      `predict prepares pictures of 28×28 pixels, but ${path} takes inputs of shape (${shape.join(", ")}).`,
    );
  }
  const input = tensor(
    pixels.map((pixel) => (pixel - mean) / std),
    { shape: [1, ...shape] },
  ); // (1, 1, 28, 28)
  const output = model.forward(input) as Tensor; // (1, K)
  const probabilities = Array.from((await output.softmax(1).data()) as Float32Array); // (K)
  const classes = probabilities
    .map((probability, label) => ({ label, name: recipe.classes?.[label] ?? String(label), probability }))
    .sort((a, b) => b.probability - a.probability);
  const width = Math.max(...classes.slice(0, 3).map(({ name }) => name.length));

  if (json) {
    process.stdout.write(`${JSON.stringify({ event: "predict", picture: name, model: path, classes, warnings })}\n`);
    return;
  }
  process.stdout.write(`${drawPicture(pixels, 28)}\n\n`);
  for (const { name, probability } of classes.slice(0, 3)) {
    const bar = "█".repeat(Math.round(probability * BAR)).padEnd(BAR, "░");
    process.stdout.write(`${out.bold(name.padEnd(width))}  ${out.green(bar)} ${(100 * probability).toFixed(1)} %\n`);
  }
  for (const warning of warnings) process.stderr.write(`${err.yellow("warning")} ${warning}\n`);
}
