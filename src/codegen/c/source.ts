/** Lines of C as they are written: indented, with names that no two things share. */

// What phases know, and what vectors.h and the language call so.
const TAKEN =
  "block ports scratch lo hi lane word phase fail for if int do else char long short float double const static void " +
  "signed unsigned auto break case continue default enum extern goto inline register restrict return sizeof struct " +
  "switch typedef union volatile while";

export class Source {
  readonly #lines: string[] = [];
  readonly #names = new Set<string>(TAKEN.split(" "));
  /** the next number of a stem */
  readonly #next = new Map<string, number>();
  #indent = "  ";

  line(text: string): void {
    this.#lines.push(this.#indent + text);
  }

  /** Writes `head {`, what `body` writes and `}`. */
  block(head: string, body: () => void): void {
    this.line(head === "" ? "{" : `${head} {`);
    this.#indent += "  ";
    body();
    this.#indent = this.#indent.slice(2);
    this.line("}");
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

  /** Writes a line that defines `name`, unless nothing that `body` writes has the name. */
  definition(name: string, text: string, body: () => void): void {
    const at = this.#lines.length;
    this.line(text);
    body();
    const used = new RegExp(`\\b${name}\\b`);
    if (!this.#lines.slice(at + 1).some((line) => used.test(line))) this.#lines.splice(at, 1);
  }

  text(first: readonly string[]): string {
    return [...first.map((line) => `  ${line}`), ...this.#lines].join("\n");
  }
}
