/** A tar archive in memory. */
export function tar(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, content] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write("0000644\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write("0ustar\0", 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, Buffer.from(content), Buffer.alloc(-content.length & 511));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
