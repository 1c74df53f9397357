/** Volumes changed by mtools, and where mtools says a file lies. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder } from './images';
import { tool } from './tools';

/** What the commands (`mcopy`, `mdel` ...; `@` stands for `-i` and the image) leave of a volume; `files` lie in their folder. */
export function changed(
  volume: Buffer,
  files: Readonly<Record<string, Uint8Array>>,
  ...commands: readonly string[][]
): Buffer {
  return inFolder((folder) => {
    const image = join(folder, 'volume.img');
    writeFileSync(image, volume);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    for (const [command, ...rest] of commands) {
      const args = rest.flatMap((arg) => (arg === '@' ? ['-i', image] : arg));
      tool('env', ['-C', folder, command!, ...args]);
    }
    return readFileSync(image);
  });
}

/** The clusters of a file, as mshowfat prints them: `::/a <2-4> <9>`. */
export function mshowfat(volume: Buffer, path: string): number[] {
  return inFolder((folder) => {
    const image = join(folder, 'volume.img');
    writeFileSync(image, volume);
    const said = tool('mshowfat', ['-i', image, `::${path}`]).toString();
    return [...said.matchAll(/<(\d+)(?:-(\d+))?>/g)].flatMap(([, from, to = from]) =>
      Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i),
    );
  });
}
