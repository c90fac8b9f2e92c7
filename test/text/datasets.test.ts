import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DataPackage, obtainFile, obtainPackage } from "../../src/io/archive.ts";
import { baseTag, parseTagged } from "../../src/text/datasets/brown.ts";
import { readReviews } from "../../src/text/datasets/imdb.ts";
import { parseMail } from "../../src/text/datasets/mail.ts";
import { readPairs } from "../../src/text/datasets/multi30k.ts";
import { parsePronunciations } from "../../src/text/datasets/pronouncing-dictionary.ts";
import { brown, kingJames, tinyShakespeare, universalTag } from "../../src/text/index.ts";
import { serve } from "../io/serve.ts";
import { tar } from "../io/tar.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const folder = () => mkdtemp(join(tmpdir(), "chainrule-text-"));
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const text = (files: Map<string, Uint8Array>) => [...files].map(([path, content]) => [path, `${Buffer.from(content)}`]);

describe("a package's data", () => {
  const archive = gzipSync(
    tar({
      "package/package.json": Buffer.from("{}"),
      "package/data/b.txt": Buffer.from("second"),
      "package/data/a.txt": Buffer.from("first"),
    }),
  );
  const sri = (content: Uint8Array) => `sha512-${createHash("sha512").update(content).digest("base64")}`;
  const pack: DataPackage = {
    title: "Letters",
    name: "@some/letters",
    version: "1.2.3",
    integrity: sri(archive),
    files: /^data\/\w\.txt$/,
    sha256: createHash("sha256").update("firstsecond").digest("hex"),
  };
  const both = [
    ["data/a.txt", "first"],
    ["data/b.txt", "second"],
  ];

  it("is fetched from the registry once, as the archive that it names", async () => {
    const asked: string[] = [];
    const registry = await serve((request, response) => {
      asked.push(request.url as string);
      response.end(archive);
    });
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (url: string) => fetch(url.replace("https://registry.npmjs.org", registry)));
    const root = join(await folder(), "new");
    expect(text(await obtainPackage(pack, { root }))).toEqual(both);
    expect(text(await obtainPackage(pack, { root, download: false }))).toEqual(both);
    expect(asked).toEqual(["/data/@some/letters/-/letters-1.2.3.tgz"]);
    expect(await readdir(root)).toEqual(["letters-1.2.3.tgz"]);
    vi.stubGlobal("fetch", async () => new Response("something else"));
    await expect(obtainPackage(pack, { root: await folder() })).rejects.toThrow(
      /letters-1.2.3.tgz: .*altered: 14 bytes[\s\S]*npmmirror[\s\S]*run `npm install @some\/letters@1.2.3`, or put/,
    );
  });

  it("is read where it lies unpacked, and refused if altered", async () => {
    const root = await folder();
    await mkdir(join(root, "data"));
    await writeFile(join(root, "data", "b.txt"), "second");
    await writeFile(join(root, "data", "a.txt"), "first");
    await writeFile(join(root, "data", "index.js"), "throw 1");
    expect(text(await obtainPackage(pack, { root }))).toEqual(both);
    await writeFile(join(root, "data", "a.txt"), "First");
    await expect(obtainPackage(pack, { root })).rejects.toThrow("Letters in");
    const other = await folder();
    await writeFile(join(other, "letters-1.2.3.tgz"), archive.subarray(1));
    await expect(obtainPackage(pack, { root: other })).rejects.toThrow("is truncated or altered");
  });

  it("is not fetched if it may not be", async () => {
    vi.stubEnv("CHAINRULE_OFFLINE", "1");
    const root = await folder();
    await expect(obtainPackage(pack, { root })).rejects.toThrow(
      `CHAINRULE_OFFLINE=1 forbids fetching it: allow that, run \`npm install @some/letters@1.2.3\`, or put the file letters-1.2.3.tgz into ${root}.`,
    );
    const file = { title: "One", file: "one.txt", mirrors: [], integrity: sri(bytes("1")) };
    await expect(obtainFile(file, { root })).rejects.toThrow("One is not here (no one.txt in");
  });
});

it("the King James Bible has 66 books, whose text is free of marks", async () => {
  const verses = await kingJames();
  expect(new Set(verses.map(({ book }) => book)).size).toBe(66);
  expect(verses[1]).toEqual({
    book: "Genesis",
    chapter: 1,
    verse: 2,
    text: "And the earth was without form, and void; and darkness was upon the face of the deep. And the Spirit of God moved upon the face of the waters.",
    paragraph: false,
  });
  expect(verses[5].paragraph).toBe(true);
  expect(verses.some(({ text }) => /[[\]#]/.test(text))).toBe(false);
});

describe("pronunciations", () => {
  const source = `export const dictionary = {
  "a": "AH0",
  "a(2)": "EY1",
  "fine": "F AY1 N",
  "fine(2)": "F IH1 N AH0 # org, irish",
  "dog's": "D AO1 G Z",
  "estimate": "EH1 S T",
  "estimate(2)": "EH2 S T",
}`;
  it("of a word stand together, without remarks and, if asked for, without stress", () => {
    const stressed = parsePronunciations(source, "x", true);
    expect([...stressed.keys()]).toEqual(["a", "fine", "dog's", "estimate"]);
    expect(stressed.get("fine")).toEqual([
      ["F", "AY1", "N"],
      ["F", "IH1", "N", "AH0"],
    ]);
    expect(parsePronunciations(source, "x", false).get("estimate")).toEqual([["EH", "S", "T"]]);
    expect(() => parsePronunciations('"a": "Q"', "the file", true)).toThrow(
      'the file: "a" has the unknown phoneme "Q"',
    );
  });
});

describe("real public data", () => {
  const sri = (content: Uint8Array) => `sha256-${createHash("sha256").update(content).digest("base64")}`;
  const served = async (file: string, content: Uint8Array) => ({
    title: "Small",
    file,
    mirrors: ["http://127.0.0.1:1/gone", await serve((_, response) => response.end(content))],
    integrity: sri(content),
  });
  const archive = (files: Record<string, string>) =>
    gzipSync(tar(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]))));

  it("tiny Shakespeare is one file", async () => {
    const root = await folder();
    const source = await served("plays/input.txt", bytes("First Citizen:"));
    expect(`${await obtainFile(source, { root })}`).toBe(`${bytes("First Citizen:")}`);
    expect(await readdir(join(root, "plays"))).toEqual(["input.txt"]);
    await expect(obtainFile({ ...source, integrity: sri(bytes("")) }, { root })).rejects.toThrow(
      "input.txt is truncated or altered: 14 bytes",
    );
    await expect(tinyShakespeare({ root, download: false })).rejects.toThrow(
      `or put the file tinyshakespeare/input.txt into ${root}.`,
    );
  });

  it("IMDB's reviews have labels and stars", async () => {
    const source = await served(
      "small.tar.gz",
      archive({
        "aclImdb/train/pos/1_9.txt": "Good.<br />",
        "aclImdb/train/neg/10_2.txt": "Worse.",
        "aclImdb/train/neg/9_4.txt": "Bad é.",
        "aclImdb/train/unsup/0_0.txt": "?",
        "aclImdb/test/pos/0_10.txt": "Best.",
        "aclImdb/README": "",
      }),
    );
    const root = await folder();
    expect(await readReviews(source, { train: true, root })).toEqual([
      { label: "neg", rating: 4, text: "Bad é." },
      { label: "neg", rating: 2, text: "Worse." },
      { label: "pos", rating: 9, text: "Good.<br />" },
    ]);
    expect(await readReviews(source, { train: false, root })).toEqual([{ label: "pos", rating: 10, text: "Best." }]);
    const empty = await served("empty.tar.gz", archive({ README: "" }));
    await expect(readReviews(empty, { train: true, root })).rejects.toThrow("holds no reviews");
  });

  it("Multi30k's sentences are pairs", async () => {
    const root = await folder();
    const good = await served(
      "a.tar.gz",
      archive({ "./._val.de": "x", "./val.de": "Ein Hund.\nZwei\n", "./val.en": "A dog. \nTwo\n" }),
    );
    expect(await readPairs({ ...good, prefix: "val" }, { root })).toEqual([
      { de: "Ein Hund.", en: "A dog." },
      { de: "Zwei", en: "Two" },
    ]);
    await expect(readPairs({ ...good, prefix: "train" }, { root })).rejects.toThrow("a.tar.gz has no train.de");
    const uneven = await served("b.tar.gz", archive({ "val.de": "a\nb", "val.en": "c" }));
    await expect(readPairs({ ...uneven, prefix: "val" }, { root })).rejects.toThrow("2 German sentences and 1 English");
  });
});

describe("tags", () => {
  it("lose what marks titles, headlines and citations", () => {
    const tags = ["nn-tl-hl", "--", "---hl", "fw-in+at-t", "ppss+ber-n", "*-nc", "fw-nn", "pp$-tl", "fw-*-tl"];
    expect(tags.map(baseTag)).toEqual(["nn", "--", "--", "fw-in+at", "ppss+ber", "*", "fw-nn", "pp$", "fw-*"]);
  });

  it("have their universal ones", () => {
    const tags = ["bez*", "vb+ppo", "to+vb", "md*-hl", "``", "--", "cd$", "nil", "fw-jj", "wp$", "pp$$", "ex+bez"];
    const universal = ["VERB", "VERB", "PRT", "VERB", ".", ".", "NUM", "X", "X", "DET", "PRON", "PRT"];
    expect(tags.map(universalTag)).toEqual(universal);
    expect(() => universalTag("noun")).toThrow('universalTag: "noun" is no tag');
  });

  it("follow the last slash of a token", () => {
    expect(parseTagged("\n\n\tAbout/in 1/2/cd ,/,\n \nfoo/vb-hl\n", "x", baseTag)).toEqual([
      { words: ["About", "1/2", ","], tags: ["in", "cd", ","] },
      { words: ["foo"], tags: ["vb"] },
    ]);
    expect(() => parseTagged("a/at word", "ca01", baseTag)).toThrow('ca01: "word" is no word with its tag.');
  });

  it("are of known categories", async () => {
    await expect(brown({ categories: ["poems" as "news"] })).rejects.toThrow('brown: there is no category "poems"');
  });
});

describe("a mail", () => {
  it("has headers, unfolded, and a body", () => {
    const mail = parseMail(
      bytes("From a@b.c  Thu\nSubject: one\n  two\nReceived: x\nX-Odd\nReceived: y\n\nfirst\n\nsecond \xe9\n"),
    );
    expect(mail.subject).toBe("one two");
    expect([...mail.headers]).toEqual([
      ["subject", "one two"],
      ["received", "x\ny"],
    ]);
    expect(mail.body).toBe("first\n\nsecond é\n");
  });

  it("is decoded: words, transfer encodings, character sets", () => {
    const head = "Subject: =?iso-8859-1?Q?Gr=FC=DFe_an?= =?utf-8?B?w7bDtg==?=\n";
    const quoted = parseMail(
      bytes(
        `${head}Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: Quoted-Printable\n\na=\nb =C3=A9=`,
      ),
    );
    expect([quoted.subject, quoted.body]).toEqual(["Grüße anöö", "ab é="]);
    const coded = parseMail(
      bytes("Content-Type: text/html; charset=nonsense\ncontent-transfer-encoding: base64\n\n6Q\n=="),
    );
    expect(coded.body).toBe("é");
  });

  it("of many parts is those that are text", () => {
    const mail = parseMail(
      bytes(
        'Content-Type: multipart/mixed;\n\tboundary="--x"\n\nPreamble\n----x\n\nplain\n----x\nContent-Type: image/gif\n\nR0lG\n----x\nContent-Type: text/html\n\n<b>\n----x--\nEpilogue',
      ),
    );
    expect(mail.body).toBe("plain\n<b>");
  });

  it.each(["", "\n", "no header at all", "Content-Type: multipart/mixed\n\nx", `Subject: =?x?B?${"!"}?=\n\n`])(
    "that is damaged is still read: %j",
    (source) => void expect(parseMail(bytes(source)).body).toBeTypeOf("string"),
  );
});
