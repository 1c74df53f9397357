/** Partition tables made by sfdisk, read through the whole chain: what each client is given is what sfdisk says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inFolder, mkfs } from '../../e2e/images';
import { tool } from '../../e2e/tools';
import { blkChain } from './testing/blk_chain';

const DISK = 16 * 1024 * 1024;

/** A disk as sfdisk makes it from a script, and the partitions that it reads back. */
function sfdisk(script: string): { image: Buffer; partitions: { start: number; size: number }[] } {
  return inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, Buffer.alloc(DISK));
    tool('sfdisk', ['--quiet', file], script);
    const table = JSON.parse(tool('sfdisk', ['--json', file]).toString());
    return { image: readFileSync(file), partitions: table.partitiontable.partitions };
  });
}

test.each<[string, string, number, number?]>([
  ['MBR, one partition', 'label: dos\n,,c\n', 0],
  ['MBR, the second of three', 'label: dos\n,4M,c\n,4M,83\n,,e\n', 1],
  ['MBR, logical partitions beside', 'label: dos\n,4M,c\n,,5\n,2M,83\n,2M,83\n', 0],
  ['MBR, the first logical one', 'label: dos\n,4M,c\n,,5\n,2M,83\n,2M,83\n', 2, 4],
  ['MBR, the second logical one', 'label: dos\n,4M,c\n,,f\n,2M,83\n,2M,83\n', 3, 5],
  ['GPT, one partition', 'label: gpt\n,,\n', 0],
  ['GPT, the third', 'label: gpt\n,2M\n,2M\n,4M\n', 2],
  ['GPT with a short table', 'label: gpt\ntable-length: 4\n,,\n', 0],
  ['GPT with a long table', 'label: gpt\ntable-length: 256\nfirst-lba: 2048\n,,\n', 0],
])('%s', async (_, script, index, ours = index) => {
  const { image, partitions } = sfdisk(script);
  const { start, size } = partitions[index]!;
  const chain = await blkChain({ seed: 3, image, partition: ours });
  expect(chain.simulator.debug).toBe('');
  expect(chain.capacity()).toBe(Math.floor(size / 8));
  const bytes = new Uint8Array(4096).fill(0x5a);
  expect(chain.write(1, bytes)).toEqual({ status: 0, success_count: 1 });
  expect(chain.disk.indexOf(0x5a, start * 512)).toBe(start * 512 + 4096);
});

test.each([12, 16, 32] as const)('FAT%d by mkfs.fat on the whole disk: no table, one partition', async (bits) => {
  const sectors = bits === 32 ? 80_000 : 32_768;
  const chain = await blkChain({ seed: 3, image: mkfs(bits, sectors) });
  expect([chain.simulator.debug, chain.capacity()]).toEqual(['', sectors / 8]);
  expect(Buffer.from(chain.read(0, 1) as Uint8Array).toString('latin1', 3, 11)).toBe('mkfs.fat');
});
