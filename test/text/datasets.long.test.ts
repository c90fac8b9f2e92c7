/** The data sets as a whole, against counts that others have published. */

import { describe, expect, it } from "vitest";
import { brown, mobyDick, pronouncingDictionary, spamAssassin, type UniversalTag } from "../../src/text/index.ts";

describe("the Brown corpus", () => {
  it("has the sentences, words and tags that nltk finds", async () => {
    const sentences = await brown({ tagset: "brown" });
    expect(sentences).toHaveLength(57_340);
    expect(sentences.reduce((sum, { words }) => sum + words.length, 0)).toBe(1_161_192);
    expect(sentences.every(({ words, tags }) => words.length === tags.length)).toBe(true);
    expect(new Set(sentences.flatMap(({ tags }) => tags)).size).toBe(472);
    expect(sentences.filter(({ category }) => category === "news")).toHaveLength(4623);
  });

  it("has nltk's counts of universal tags, but for seven words in a million", async () => {
    const published: Record<UniversalTag, number> = {
      NOUN: 275_558,
      VERB: 182_750,
      ".": 147_565,
      ADP: 144_766,
      DET: 137_019,
      ADJ: 83_721,
      ADV: 56_239,
      PRON: 49_334,
      CONJ: 38_151,
      PRT: 29_829,
      NUM: 14_874,
      X: 1386,
    };
    const counts = new Map<string, number>();
    for (const { tags } of await brown({ tagset: "universal" })) {
      for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
    for (const [tag, count] of Object.entries(published)) {
      expect(Math.abs((counts.get(tag) ?? 0) - count), tag).toBeLessThanOrEqual(7);
    }
  });

  it("loses marks, and keeps 230 tags", async () => {
    const tags = new Set((await brown({ tagset: "base" })).flatMap(({ tags }) => tags));
    expect(tags.size).toBe(230);
    expect([...tags].filter((tag) => /.-(tl|hl|nc)/.test(tag))).toEqual([]);
  });
});

describe("SpamAssassin's mails", () => {
  it("are as many in each group as its makers say, and fewer without duplicates", async () => {
    const mails = await spamAssassin();
    const count = (of: typeof mails, key: "group" | "label", value: string) =>
      of.filter((mail) => mail[key] === value).length;
    const groups = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"];
    expect(groups.map((group) => count(mails, "group", group))).toEqual([2500, 1400, 250, 500, 1396]);
    expect(mails.filter(({ body }) => body.trim() === "").length).toBeLessThan(10);
    const unique = await spamAssassin({ unique: true });
    expect(["ham", "spam"].map((label) => count(unique, "label", label))).toEqual([4082, 1640]);
  });
});

describe("the others", () => {
  it("are whole", async () => {
    const chapters = await mobyDick();
    const names = chapters.map(({ chapter }) => chapter);
    expect(names.slice(2, -1)).toEqual(Array.from({ length: 135 }, (_, i) => `${i + 1}`));
    expect(chapters.reduce((sum, { text }) => sum + text.length, 0)).toBe(1_208_452);
    const dictionary = await pronouncingDictionary();
    expect(dictionary.size).toBe(126_046);
    expect([...dictionary.values()].flat()).toHaveLength(135_155);
  });
});
