/** Which partition of the disk the file system VM gets: chosen by the address, as upstream's meta.py chooses by a number from 0. */
import { expect, test } from './fixtures';
import { partitionedDisk } from './images';

const MBR = 'label: dos\n,4M,c\n,4M,c\n,,5\n,2M,c\n,2M,c\n';
const GPT = 'label: gpt\n,2M\n,2M\n,4M\n';

/** What is in the volume's label tells which one it is. */
const LABEL = 'd = open("/label.txt").read()\nprint(d)';

for (const [what, script, partition, size] of [
  ['the first primary one', MBR, 0, 4],
  ['the second primary one', MBR, 1, 4],
  ['the second logical one', MBR, 5, 2],
  ['the third of a GPT', GPT, 2, 4],
] as const) {
  test.describe(what, () => {
    test.use({ parameters: { partition: String(partition) } });

    test('is mounted, and nothing outside it is written', async ({ machine }) => {
      const before = partitionedDisk(script, 16);
      await machine.import(before);
      expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT12' });
      const blocks = await machine.run('import os; s = os.statvfs("/"); print(s[0] * s[2])');
      expect(Number(blocks)).toBeGreaterThan((size - 0.2) * 2 ** 20);
      expect(Number(blocks)).toBeLessThan(size * 2 ** 20);
      await machine.run(`open("label.txt", "w").write("partition ${partition}")`);
      expect(await machine.run(LABEL)).toBe(`partition ${partition}\r\n`);
      await machine.settled();
      const after = await machine.export();
      const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
      expect(changed[0]).toBeGreaterThan(2048 * 512);
      expect(changed.at(-1)! - changed[0]!).toBeLessThan(size * 2 ** 20);
    });
  });
}

for (const [partition, why] of [
  ['2', 'is an extended partition: its logical ones are 4 and up'],
  ['9', 'partition: 9, partition does not exist'],
] as const) {
  test.describe(`partition=${partition}`, () => {
    test.use({ parameters: { partition } });

    test('is refused in a sentence, and the prompt comes', async ({ machine }) => {
      await machine.import(partitionedDisk(MBR, 16));
      expect(await machine.screen()).toContain(why);
      expect(await machine.mount()).toMatchObject({ state: 'refused' });
      expect(await machine.run('print(1)')).toBe('1\r\n');
    });
  });
}
