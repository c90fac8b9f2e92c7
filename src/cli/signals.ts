const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

/** Turns the first Ctrl-C or SIGTERM into an aborted signal; the second one exits at once. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onSignal: (name: "SIGINT" | "SIGTERM") => void;
  /** what the process is to exit with: 130 after Ctrl-C, 143 after SIGTERM, as shells expect */
  exitCode = 0;

  constructor(onFirst: () => void) {
    this.#onSignal = (name) => {
      if (this.#controller.signal.aborted) process.exit(EXIT_CODES[name]);
      this.exitCode = EXIT_CODES[name];
      this.#controller.abort();
      onFirst();
    };
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Back to the system's behaviour. */
  release(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
  }
}
