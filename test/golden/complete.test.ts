/** Every layer, network and tool has golden cases, and what has weights has ten steps of training. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as audio from "../../src/audio/index.ts";
import * as metrics from "../../src/metrics/index.ts";
import * as attention from "../../src/nn/attention/index.ts";
import * as convolution from "../../src/nn/convolution.ts";
import * as nn from "../../src/nn/index.ts";
import * as padding from "../../src/nn/padding.ts";
import * as pooling from "../../src/nn/pooling/index.ts";
import * as recurrent from "../../src/nn/recurrent/index.ts";
import * as resampling from "../../src/nn/resampling/index.ts";
import * as transformer from "../../src/nn/transformer/index.ts";
import * as transposed from "../../src/nn/transposed-convolution.ts";
import * as text from "../../src/text/index.ts";
import * as textModels from "../../src/text/models/index.ts";
import * as tokenizers from "../../src/text/tokenizers/index.ts";
import * as vocabulary from "../../src/text/vocabulary.ts";
import * as blocks from "../../src/vision/blocks/index.ts";
import * as boxes from "../../src/vision/boxes/index.ts";
import * as draw from "../../src/vision/draw/index.ts";
import * as explain from "../../src/vision/explain/index.ts";
import * as models from "../../src/vision/models/index.ts";
import * as transforms from "../../src/vision/transforms/index.ts";
import { STATELESS_MODULES } from "./adapters/stateless-modules.ts";
import { type GoldenCase, groups, loadGroup } from "./cases.ts";

const cases = new Map<string, GoldenCase[]>();
for (const golden of groups.flatMap((group) => loadGroup(group).cases)) {
  const name = golden.op.replace(/\..*/, ""); // BoxCoder.encode
  cases.set(name, [...(cases.get(name) ?? []), golden]);
}
const lowerCased = new Set([...cases.keys()].map((name) => name.toLowerCase()));

type Items = readonly (readonly [name: string, value: { readonly prototype?: unknown }])[];

/** The functions and classes of rooms. */
const itemsOf = (...rooms: readonly object[]): Items =>
  rooms.flatMap((room) => Object.entries(room).filter(([, value]) => typeof value === "function"));

const ofLayers = [convolution, transposed, padding, pooling, resampling, recurrent, attention, transformer];
const layers = itemsOf(...ofLayers).filter(([name]) => name in nn);

/** Whose numbers other tests know: what is random, what puts pictures together, and what has no numbers. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "audio/ctc.test.ts": ["ctcBeamSearch", "ctcGreedyDecode", "forcedAlign", "mergeTokens"],
  "audio/features.test.ts": ["SpecAugment", "addNoise", "drawNoise"],
  "audio/speech-commands.test.ts": ["speechCommands"],
  "audio/spoken-digits.test.ts": ["SpokenDigits", "drawVoice", "speakDigits", "synthesizeDigits"],
  "audio/wav.test.ts": ["parseWav", "readWav", "serializeWav", "writeWav"],
  "metrics/metrics.test.ts": ["editOperations"],
  "nn/attention.test.ts": ["attentionMaps", "attentionSvg"],
  "nn/recurrent.test.ts": ["PackedSequence"],
  "text/beam.test.ts": ["averagePenalty", "beamSearch", "wuPenalty"],
  "text/datasets.long.test.ts": ["mobyDick", "pronouncingDictionary", "spamAssassin"],
  "text/datasets.test.ts": ["brown", "imdb", "kingJames", "multi30k", "tinyShakespeare", "universalTag"],
  "text/generate.test.ts": ["NGramModel", "generate"],
  "text/sampling.test.ts": ["sampleToken", "tokenProbabilities"],
  "text/sequences.test.ts": ["BucketedDataset", "LanguageModelWindows", "maskTokens", "padSequences"],
  "text/tokenizers.test.ts": Object.keys({ ...tokenizers, ...vocabulary }),
  "vision/explain.test.ts": ["featureMaps", "filterPictures", "heatmap", "occlusion", "picturePage"],
  "vision/transforms/moving.test.ts": [
    "gaussianNoise",
    ...Object.keys(transforms).filter((name) => /^[A-Z]/.test(name)),
  ],
};
const elsewhere = new Set(
  Object.values(ELSEWHERE)
    .flat()
    .map((name) => name.toLowerCase()),
);

/** What scripts/docs/models.ts counts: `resnet18` and the like are a class with numbers of layers. */
const counted = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");

/** A class has the cases of its function, and the other way round. */
const isChecked = ([name]: Items[number]): boolean =>
  lowerCased.has(name.toLowerCase()) || elsewhere.has(name.toLowerCase()) || counted.includes(`\`${name}(`);

describe("there are cases of", () => {
  const rooms = { layers, ...{ blocks, models, boxes, transforms, draw, explain, metrics, text, audio } };
  for (const [room, content] of Object.entries(rooms)) {
    test(`all ${room}`, () => {
      const items = Array.isArray(content) ? (content as Items) : itemsOf(content);
      expect(items.length).toBeGreaterThan(3);
      expect(items.filter((item) => !isChecked(item)).map(([name]) => name)).toEqual([]);
    });
  }

  test.each(Object.entries(ELSEWHERE))("the others in %s", (file, names) => {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });
});

describe("ten steps of training and a state dict", () => {
  const modules = [...layers, ...itemsOf(blocks, models, textModels)].filter(
    ([, { prototype }]) => prototype instanceof nn.Module,
  );
  const isStateless = ([name]: Items[number]) => name in STATELESS_MODULES;
  // of GoogLeNet, outputs and a state dict: its blocks are trained, all of it in one program takes long to compile
  const untrained = ["GoogLeNet"];

  test("has what has weights", () => {
    const names = modules.filter((item) => !isStateless(item)).map(([name]) => name);
    const steps = (name: string) => (cases.get(name) ?? []).map(({ options }) => options["state"] && options["steps"]);
    expect(names.filter((name) => !steps(name).includes(10))).toEqual(untrained);
    expect(untrained.filter((name) => !steps(name).includes(0))).toEqual([]);
  });

  test("need no others", () => {
    const names = modules.filter(isStateless).map(([name]) => name);
    const weights = names.flatMap((name) =>
      (cases.get(name) ?? []).flatMap(({ options }) =>
        Object.keys(STATELESS_MODULES[name](options as never).stateDict()),
      ),
    );
    expect(names.filter((name) => !cases.has(name))).toEqual([]);
    expect(weights).toEqual([]);
  });
});
