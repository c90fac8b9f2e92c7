/**
 * Which mails are spam, from the words of their subject and text: above 0.97 of F1 on mails that were held out.
 *
 *     chainrule train spam
 *     chainrule predict "Congratulations! Click here to claim your free prize"
 *     chainrule compare spam           # against convolutions, an LSTM and a transformer
 *
 * The mails are SpamAssassin's of 2002, without those whose text has the same letters as an earlier one's, since many were
 * sent to many; a fifth of the spam and of the rest is held out, by seed. No header but the subject is read: the others name
 * the machines and lists that a mail came through. Of each mail the first 400 different words count, in any order.
 * Joachims, Text categorization with support vector machines, 1998; Iyyer et al., Deep unordered composition rivals
 * syntactic methods for text classification, 2015.
 */

import { compile, noGrad, type Tensor, tensor } from "chainrule";
import { DataLoader, stratified, TensorDataset } from "chainrule/data";
import { F1Score } from "chainrule/metrics";
import { crossEntropy } from "chainrule/nn";
import { AdamW } from "chainrule/optim";
import { BagClassifier, padSequences, spamAssassin, WordTokenizer } from "chainrule/text";
import { defineRecipe } from "chainrule/train";

/** Words that are known, with padding and what is unknown. */
export const VOCABULARY = 20_000;

export interface LabelledText {
  readonly text: string;
  /** 1 of spam, else 0 */
  readonly label: number;
}

/** Mails to learn from and mails that are held out, and a tokenizer that knows the words of the former. */
export async function splitMails(seed: number) {
  const mails = await spamAssassin({ unique: true });
  const train: LabelledText[] = [];
  const test: LabelledText[] = [];
  for (const label of ["ham", "spam"]) {
    const mine = mails.filter((mail) => mail.label === label);
    const held = new Set(stratified(new Uint8Array(mine.length), Math.round(mine.length / 5), { seed }));
    for (const [i, { subject, body }] of mine.entries()) {
      (held.has(i) ? test : train).push({ text: `${subject}\n${body}`, label: label === "spam" ? 1 : 0 });
    }
  }
  const texts = train.map(({ text }) => text);
  const specials = { pad: "<pad>", unk: "<unk>" };
  const tokenizer = WordTokenizer.train(texts, { specials, minFreq: 2, maxTokens: VOCABULARY });
  return { train, test, tokenizer };
}

/** [tokens (N, length), labels (N)], `tokensOf` giving the words of a text by number. */
export function examples(
  mails: readonly LabelledText[],
  length: number,
  tokensOf: (text: string) => ArrayLike<number>,
) {
  const rows = mails.map(({ text }) => Array.from(tokensOf(text)).slice(0, length));
  const labels = tensor(Int32Array.from(mails, ({ label }) => label));
  return new TensorDataset<readonly [Tensor, Tensor]>(padSequences(rows, { length }).tokens, labels);
}

const distinct = (tokenizer: WordTokenizer) => (text: string) => [...new Set(tokenizer.encode(text))];

export default defineRecipe({
  name: "spam",
  description: "spam among mails, a bag of words",
  defaults: { epochs: 15, batchSize: 50, lr: 3e-3, seed: 0, words: 400, embeddingDim: 64 },
  quick: { epochs: 6 },

  data: async ({ seed, words }) => {
    const { train, test, tokenizer } = await splitMails(seed);
    return {
      train: examples(train, words, distinct(tokenizer)),
      test: examples(test, words, distinct(tokenizer)),
    };
  },

  model: ({ embeddingDim }) => new BagClassifier(VOCABULARY, 2, { embeddingDim }),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr }),
  loss: crossEntropy,

  score: {
    name: "F1",
    format: "number",
    of: (model) => {
      const classes = compile((tokens: Tensor) => noGrad(() => model.forward(tokens).argmax(1))); // (N)
      return async (mails) => {
        model.eval();
        const f1 = new F1Score(); // spam is what is to be found
        for await (const [tokens, labels] of new DataLoader(mails, { batchSize: 200 }))
          f1.update(classes(tokens), labels);
        return f1.compute();
      };
    },
  },

  async *predict(model, text, { seed, words }) {
    const { tokenizer } = await splitMails(seed);
    const [tokens] = examples([{ text, label: 0 }], words, distinct(tokenizer)).get(0); // (words)
    const [, spam] = await model.forward(tokens.unsqueeze(0)).softmax(1).data();
    yield spam > 0.5 ? `spam, ${(100 * spam).toFixed(1)} %` : `no spam, ${(100 * (1 - spam)).toFixed(1)} %`;
  },
});
