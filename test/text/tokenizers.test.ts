import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import {
  BPETokenizer,
  CharTokenizer,
  countTokens,
  HuggingFaceTokenizer,
  huggingFaceTokenizer,
  kingJames,
  loadTokenizer,
  saveTokenizer,
  splitWords,
  type Tokenizer,
  Vocabulary,
  VocabularyTokenizer,
  WordPieceTokenizer,
  WordTokenizer,
} from "../../src/text/index.ts";

const SPECIALS = { pad: "<pad>", unk: "<unk>", bos: "<s>", eos: "</s>", mask: "<mask>" };
const HARD = [
  "",
  " ",
  "  two  spaces \n\n\tand\ttabs ",
  "it's don't WE'LL you'd",
  "Grüße, naïve café — “quoted” … ½ 北京 🐋🏽 \u0000\u00ad",
  "1984-11-20 3.14159",
  "<pad> is text</s>",
  "a".repeat(300),
];

const verses = (await kingJames()).slice(0, 80).map(({ text }) => text);

describe("Vocabulary", () => {
  const counts = countTokens(["b a c b a b", "d e e"].map((text) => text.split(" ")));

  it("orders by count, then by code", () => {
    expect(Vocabulary.fromCounts(counts).tokens).toEqual(["b", "a", "e", "c", "d"]);
    const small = Vocabulary.fromCounts(counts, { specials: ["e", "?"], maxTokens: 4, unknown: "?" });
    expect(small.tokens).toEqual(["e", "?", "b", "a"]);
    expect([...small.lookupIndices(["a", "c", "?"])]).toEqual([3, 1, 1]);
    expect([small.has("c"), small.length]).toEqual([false, 4]);
  });

  it("refuses what it does not have", () => {
    const vocabulary = Vocabulary.fromCounts(counts, { minFreq: 2 });
    expect(() => vocabulary.indexOf("c")).toThrow('Vocabulary: "c" is not among the 3 tokens');
    expect(() => vocabulary.lookupTokens([0, 3])).toThrow("there is no token 3");
    expect(() => vocabulary.tokenAt(-1)).toThrow("there is no token -1");
    expect(() => new Vocabulary(["a", "a"])).toThrow('the token "a" is there twice');
    expect(() => new Vocabulary(["a"], { unknown: "b" })).toThrow('the unknown token "b"');
  });
});

describe("characters and words", () => {
  it("of a text are cut where letters and digits end, apostrophes and hyphens within aside", () => {
    expect(splitWords("“Rock-'n'-roll”, don’t: 3.5 naïve")).toEqual(
      ["“", "Rock", "-", "'", "n", "'", "-", "roll", "”", ",", "don’t", ":", "3", ".", "5", "naïve"], // the joint is one sign
    );
    expect(splitWords(" \n")).toEqual([]);
  });

  it("are told apart by code points", () => {
    const tokenizer = CharTokenizer.train(["🐋a", "b"], { specials: { unk: "?!" } });
    expect(tokenizer.vocabulary.tokens).toEqual(["?!", "a", "b", "🐋"]);
    expect([...tokenizer.encode("b🐋z")]).toEqual([2, 3, 0]);
    expect(tokenizer.decode([0, 3, 1])).toBe("🐋a");
    expect(() => CharTokenizer.train("ab").encode("c")).toThrow('"c" is not among the 2 tokens');
  });

  it("keep capitals if they are to, and the frequent ones", () => {
    const tokenizer = WordTokenizer.train(["The the THE.", "the end."], {
      lowercase: false,
      minFreq: 2,
      specials: SPECIALS,
    });
    expect(tokenizer.vocabulary.tokens.slice(5)).toEqual([".", "the"]);
    expect([...tokenizer.encode("The the")]).toEqual([1, 6]);
    expect(tokenizer.specialIds).toEqual({ pad: 0, unk: 1, bos: 2, eos: 3, mask: 4 });
  });
});

/** Merges learned by counting all pairs anew each time. */
function naiveMerges(texts: string[], merges: number): string[] {
  const pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  // GPT-2 numbers the bytes from "!" on, and at the end those that cannot be seen, the space among them.
  const words = texts.flatMap((text) => text.match(pattern) ?? []).map((word) => [...Buffer.from(word)]);
  for (const word of words) for (const [i, byte] of word.entries()) word[i] = byte === 32 ? 220 : byte - 33;
  const spelled = Array.from({ length: 256 }, (_, id) => (id === 220 ? " " : String.fromCharCode(id + 33)));
  const learned: string[] = [];
  for (let round = 0; round < merges; round++) {
    const counts = new Map<string, number>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const ranked = [...counts].map(([pair, count]) => ({ pair: pair.split(" ").map(Number), count }));
    ranked.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
    const [{ pair, count }] = ranked;
    if (count < 2) break;
    learned.push(`${spelled[pair[0]]}|${spelled[pair[1]]}`);
    const id = spelled.push(spelled[pair[0]] + spelled[pair[1]]) - 1;
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++)
        if (word[i] === pair[0] && word[i + 1] === pair[1]) word.splice(i, 2, id);
  }
  return learned;
}

describe("BPETokenizer", () => {
  const tokenizer = BPETokenizer.train(verses, { vocabSize: 500, specials: { pad: "<pad>", eos: "</s>" } });

  it("learns what counting anew learns", () => {
    const few = verses.slice(0, 30);
    const quick = BPETokenizer.train(few, { vocabSize: 406 });
    const spell = (token: string) => token.replaceAll("Ġ", " ");
    expect(quick.merges.map((merge) => merge.map(spell).join("|"))).toEqual(naiveMerges(few, 150));
    const runs = ["aaaaaaa aaaa aaaaa", "bababab abab", "aab aabaab"];
    expect(BPETokenizer.train(runs).merges.map((merge) => merge.map(spell).join("|"))).toEqual(naiveMerges(runs, 999));
  });

  it("gives any text back", () => {
    for (const text of [...HARD, ...verses.slice(0, 20)]) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.encode(verses[0]).length).toBeLessThan(verses[0].length / 2);
    expect(tokenizer.decode([0, ...tokenizer.encode("end"), 1])).toBe("end");
  });

  it("encodes as Hugging Face's library does from the file that it writes", async () => {
    const theirs = await huggingFaceTokenizer(JSON.parse(JSON.stringify(tokenizer)));
    for (const text of [...HARD.filter((text) => !text.includes("<pad>")), ...verses]) {
      expect([...theirs.encode(text)], text).toEqual([...tokenizer.encode(text)]);
      expect(theirs.decode(tokenizer.encode(text))).toBe(text);
    }
    expect([theirs.vocabSize, theirs.idOf("</s>")]).toEqual([500, 1]);
  });

  it("numbers bytes as GPT-2 does", () => {
    const { vocabulary } = BPETokenizer.train("");
    expect(["!", "a", "Ġ", "Ċ", "ÿ"].map((char) => vocabulary.indexOf(char))).toEqual([0, 64, 220, 198, 187]);
  });

  it("refuses what makes no sense", () => {
    expect(() => BPETokenizer.train("a", { vocabSize: 255 })).toThrow("from 256 on");
    expect(() => new BPETokenizer(["a"], [])).toThrow("but not among the tokens");
    const { tokens } = tokenizer.vocabulary;
    expect(() => new BPETokenizer(tokens, [["a", "zq"]])).toThrow('"zq" is a byte, or of a merge');
  });
});

describe("WordPieceTokenizer", () => {
  it("merges the pair whose count is highest for its parts", () => {
    // ab: 3 of 3 a's and 4 b's; xy: 2 of 2 x's and 2 y's
    const tokenizer = WordPieceTokenizer.train("ab ab ab cb xy xy", { vocabSize: 12 });
    expect(tokenizer.vocabulary.tokens.slice(5)).toEqual(["##b", "##y", "a", "c", "x", "xy", "ab"]);
  });

  it.each([true, false])("encodes as Hugging Face's library does, lowercase %s", async (lowercase) => {
    const tokenizer = WordPieceTokenizer.train(verses, { vocabSize: 400, lowercase });
    const theirs = await huggingFaceTokenizer(JSON.parse(JSON.stringify(tokenizer)));
    for (const text of [...HARD, ...verses]) {
      expect([...theirs.encode(text)], text).toEqual([...tokenizer.encode(text)]);
    }
    expect(tokenizer.decode(tokenizer.encode("In the beginning"))).toBe(
      lowercase ? "in the beginning" : "In the beginning",
    );
    expect([...tokenizer.encode("a".repeat(101))]).toEqual([1]);
  });
});

describe("files", () => {
  const all = [
    CharTokenizer.train(verses, { specials: SPECIALS }),
    WordTokenizer.train(verses, { lowercase: false, specials: { eos: "." + "." } }),
    BPETokenizer.train(verses, { vocabSize: 300, specials: SPECIALS }),
    WordPieceTokenizer.train(verses, { vocabSize: 200, lowercase: false }),
    WordPieceTokenizer.train(verses, { vocabSize: 200 }),
  ];

  it("give back the same tokenizers", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chainrule-tokenizers-"));
    for (const tokenizer of all) {
      const path = join(folder, "tokenizer.json");
      await saveTokenizer(path, tokenizer);
      const read = await loadTokenizer(path);
      expect(read).toBeInstanceOf(tokenizer.constructor);
      expect(JSON.stringify(read)).toBe(JSON.stringify(tokenizer));
      expect([...read.encode(verses[9])]).toEqual([...tokenizer.encode(verses[9])]);
      expect(read.specialIds).toEqual(tokenizer.specialIds);
    }
    expect(await readdir(folder)).toEqual(["tokenizer.json"]);
  });

  const load = async (
    change: (value: ReturnType<typeof JSON.parse>) => unknown,
    of: object = all[2],
  ): Promise<Tokenizer> => {
    const path = join(await mkdtemp(join(tmpdir(), "chainrule-tokenizers-")), "tokenizer.json");
    const value = JSON.parse(JSON.stringify(of));
    await writeFile(path, JSON.stringify(change(value) ?? value));
    return loadTokenizer(path);
  };

  it("of another program go through its library", async () => {
    const other = await load((value) => void (value.pre_tokenizer.add_prefix_space = true));
    expect(other).toBeInstanceOf(HuggingFaceTokenizer);
    expect(other).not.toBeInstanceOf(VocabularyTokenizer);
    expect(other.decode(other.encode("the end"))).toBe(" the end");
    expect(other.decode([])).toBe("");
  });

  it.each<[string, (value: ReturnType<typeof JSON.parse>) => unknown, object?]>([
    ["it has no model", () => [1]],
    ["neither an object of numbers nor a list of pairs", (value) => void (value.model.vocab = 3)],
    ["two tokens of its vocab have one number", (value) => void (value.model.vocab.a = 3)],
    ["the number -1", (value) => void (value.model.vocab.a = -1)],
    ["the number 4000000000", (value) => void (value.model.vocab.a = 4e9)],
    ["its merges have zz and a, but its vocab has not", (value) => void (value.model.merges = ["zz a"])],
    ["its model's merges are no list of pairs", (value) => void (value.model.merges = [["a"]])],
    ["an added token has no id or content", (value) => void (value.added_tokens[0].id = "0")],
    ["the library cannot use it", (value) => void (value.pre_tokenizer.type = "Nonsense")],
    ["its tokens are no list of strings", (value) => void (value.tokens[3] = 4), all[0]],
    ["is there twice", (value) => void (value.tokens[8] = "a"), all[0]],
    ["its specials no object of them", (value) => void (value.specials = null), all[1]],
  ])("that are damaged are refused: %s", async (message, change, of) => {
    const loading = load(change, of);
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow("tokenizer.json");
  });

  it("that are missing or cut off are refused", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "chainrule-tokenizers-")), "cut.json");
    await expect(loadTokenizer(path)).rejects.toThrow(`cannot read the tokenizer ${path}`);
    await saveTokenizer(path, all[0]);
    await writeFile(path, (await readFile(path, "utf8")).slice(0, -9));
    await expect(loadTokenizer(path)).rejects.toThrow(DataError);
  });
});
