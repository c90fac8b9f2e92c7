import pc from "picocolors";

type Colors = ReturnType<typeof pc.createColors>;

// Per stream, which picocolors does not: results may go to a file while messages stay on the terminal.
const wanted = (stream: NodeJS.WriteStream): boolean =>
  !process.env.NO_COLOR && (Boolean(process.env.FORCE_COLOR) || (stream.isTTY === true && process.env.TERM !== "dumb"));

export const out: Colors = pc.createColors(wanted(process.stdout));
export const err: Colors = pc.createColors(wanted(process.stderr));
