import { setDevice } from "../runtime/select.ts";
import { Tensor, tensor, zeros } from "../tensor/index.ts";
import { digitFromPhoto } from "../vision/index.ts";
import { err, out } from "./colors.ts";
import { UsageError } from "./errors.ts";
import { openModel } from "./model.ts";
import { drawPicture, readPicture } from "./picture.ts";

const BAR = 30;

/** `chainrule predict`: what the model sees in a picture of a digit, and what it takes it for. */
export async function predictCommand(
  picture: string,
  flags: { model?: string; device?: string; json?: boolean },
): Promise<void> {
  if (flags.device) setDevice(flags.device);
  const { pixels, warnings } = digitFromPhoto(await readPicture(picture));
  const { recipe, model, path } = await openModel(flags.model);
  const { shape, mean = 0, std = 1 } = recipe.input;
  const answer = model.forward(zeros([1, ...shape])); // only its shape is asked for: nothing is computed
  if (!(answer instanceof Tensor && answer.ndim === 2)) {
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

  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ event: "predict", picture, model: path, classes, warnings })}\n`);
    return;
  }
  process.stdout.write(`${drawPicture(pixels, 28)}\n\n`);
  for (const { name, probability } of classes.slice(0, 3)) {
    const bar = "█".repeat(Math.round(probability * BAR)).padEnd(BAR, "░");
    process.stdout.write(`${out.bold(name.padEnd(width))}  ${out.green(bar)} ${(100 * probability).toFixed(1)} %\n`);
  }
  for (const warning of warnings) process.stderr.write(`${err.yellow("warning")} ${warning}\n`);
}
