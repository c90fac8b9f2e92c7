import { type Tensor, zeros } from "../../src/index.ts";
import { crossEntropy, Embedding, Linear, LSTM } from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { type Traced, trace } from "../kernels/trace.ts";

/** A training step of a character LSTM, traced: so many units, over so many characters of 32 texts. */
export function trainingStep(hidden: number, steps: number): Traced {
  const vocabulary = 65;
  const embedding = new Embedding(vocabulary, 64);
  const lstm = new LSTM(64, hidden);
  const head = new Linear(hidden, vocabulary);
  const optimizer = new Adam([embedding, lstm, head].flatMap((layer) => layer.parameters()));
  const f = (text: Tensor, next: Tensor): Tensor => {
    const [outputs] = lstm.forward(embedding.forward(text)); // (T, B, H)
    const loss = crossEntropy(head.forward(outputs).flatten(0, 1), next.flatten());
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  };
  const text = zeros([steps, 32], { dtype: "i32" });
  return trace({ f: (...inputs: Tensor[]) => f(inputs[0], inputs[1]), inputs: [text, text] });
}
