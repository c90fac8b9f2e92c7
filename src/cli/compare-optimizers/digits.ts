/** A perceptron with one hidden layer on the handwritten digits, trained by a contender. */

import { crossEntropy, Flatten, Linear, ReLU, Sequential } from "../../nn/index.ts";
import { compile, Generator, manualSeed, randperm, type Tensor, tensor } from "../../tensor/index.ts";
import { type ImageDataset, MNIST_STATISTICS, mnist } from "../../vision/index.ts";
import type { Contender } from "./contenders.ts";

export interface Digits {
  readonly images: Tensor; // (N, 1, 28, 28)
  readonly labels: Tensor; // (N)
  readonly testImages: Tensor;
  readonly testLabels: Tensor;
}

export interface Outcome {
  /** of every step */
  readonly losses: Float64Array;
  /** of the test pictures */
  readonly accuracy: number;
  readonly seconds: number;
  /** numbers kept a parameter */
  readonly state: number;
}

/** All digits at once, as whole batches need them. */
export async function loadDigits(): Promise<Digits> {
  const [train, test] = await Promise.all([true, false].map((train) => mnist({ train, normalize: MNIST_STATISTICS })));
  const all = (dataset: ImageDataset) => dataset.batch(Uint32Array.from({ length: dataset.length }, (_, i) => i));
  const [[images, labels], [testImages, testLabels]] = [all(train), all(test)];
  return { images, labels, testImages, testLabels };
}

/** Trains from the same weights, on the same batches in the same order, for everyone. */
export async function trainOnDigits(
  contender: Contender,
  digits: Digits,
  options: { seed: number; passes: number; signal: AbortSignal; onStep: (done: number, total: number) => void },
): Promise<Outcome> {
  const { seed, passes, signal, onStep } = options;
  const { images, labels, testImages, testLabels } = digits;
  manualSeed(seed);
  const model = new Sequential(new Flatten(), new Linear(784, 128), new ReLU(), new Linear(128, 10));
  const parameters = model.parameters();
  const trainer = contender.create([{ params: parameters, lr: contender.settings.lr }]);
  const count = labels.shape[0];
  const isWhole = contender.batch >= count;
  const step = isWhole
    ? trainer.on((x, y) => crossEntropy(model.forward(x), y))
    : trainer.on((x, y, rows) => crossEntropy(model.forward(x.indexSelect(0, rows)), y.indexSelect(0, rows)));
  const perPass = isWhole ? 1 : Math.floor(count / contender.batch);
  const generator = new Generator(seed);
  const losses: Tensor[] = [];
  const begin = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    const order = isWhole ? undefined : ((await randperm(count, { generator }).data()) as Int32Array);
    for (let i = 0; i < perPass; i++) {
      signal.throwIfAborted();
      const rows = order && tensor(order.subarray(i * contender.batch, (i + 1) * contender.batch));
      losses.push(await step(images, labels, ...(rows ? [rows] : [])));
      if (isWhole || i % 50 === 0) {
        await losses[losses.length - 1].data();
        onStep(losses.length, passes * perPass);
        await new Promise((done) => setImmediate(done)); // for the bar, and for Ctrl-C
      }
    }
  }
  const values = await Promise.all(losses.map((loss) => loss.item()));
  const seconds = (performance.now() - begin) / 1000;
  const right = compile((x: Tensor, y: Tensor) => model.forward(x).argmax(1).eq(y).sum());
  const accuracy = (await right(testImages, testLabels).item()) / testLabels.shape[0];
  const size = parameters.reduce((sum, p) => sum + p.numel(), 0);
  return { losses: Float64Array.from(values), accuracy, seconds, state: trainer.stateSize() / size };
}
