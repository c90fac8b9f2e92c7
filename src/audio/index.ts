/** Sound: files, spectrograms, and labels found in them. */
export {};
