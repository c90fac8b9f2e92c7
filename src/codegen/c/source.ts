/** Lines of C as they are written: indented, with names that no two things share; what nothing uses is left out. */

// What phases know, and what vectors.h and the language call so.
const TAKEN =
  "block ports scratch lo hi batch r0 r1 c0 c1 lane word phase fail for if int do else char long short float double const static void " +
  "signed unsigned auto break case continue default enum extern goto inline register restrict return sizeof struct " +
  "switch typedef union volatile while";

export interface Line {
  readonly text: string;
  /** the name that it is there for: it goes where nothing uses that */
  readonly defines?: string | undefined;
}

export class Source {
  readonly #lines: Line[] = [];
  readonly #names = new Set<string>(TAKEN.split(" "));
  /** the next number of a stem */
  readonly #next = new Map<string, number>();
  #indent = "  ";

  /** Writes a line, which may be there for a name only. */
  line(text: string, defines?: string): void {
    this.#lines.push({ text: this.#indent + text, defines });
  }

  /** Writes `head {`, what `body` writes and `}`. */
  block(head: string, body: () => void, defines?: string): void {
    this.line(head === "" ? "{" : `${head} {`, defines);
    this.#indent += "  ";
    body();
    this.#indent = this.#indent.slice(2);
    this.line("}", defines);
  }

  /** A name of its own, of a stem and a number; without the number if it need not have one and the stem is free. */
  name(stem: string, numbered = true): string {
    if (!numbered && !this.#names.has(stem)) {
      this.#names.add(stem);
      return stem;
    }
    for (let i = this.#next.get(stem) ?? 0; ; i++) {
      const name = stem + i;
      if (this.#names.has(name)) continue;
      this.#next.set(stem, i + 1);
      this.#names.add(name);
      return name;
    }
  }

  /** Everything, after the lines that come first. */
  text(first: readonly Line[]): string {
    const used = new Set<string>();
    const kept: string[] = [];
    const all = [...first.map((line) => ({ ...line, text: `  ${line.text}` })), ...this.#lines];
    for (const { text, defines } of all.reverse()) {
      if (defines !== undefined && !used.has(defines)) continue;
      for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) used.add(word);
      kept.push(text);
    }
    return kept.reverse().join("\n");
  }
}
