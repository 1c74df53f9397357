/** Random operations through the whole system, against a model; then the disk is judged by dosfstools and mtools. */
import { BOARDS } from '../src/boards';
import { expect, test } from './fixtures';
import { fsck, mkfs, mtoolsTree, partition } from './images';
import { Model, PRELUDE } from './random_ops';

// What this project exists for holds the first time.
test.describe.configure({ retries: 0 });

const OPERATIONS = 300;
/** On the boards after the first: what is above the block driver is the same there. */
const FEWER = process.env.NIGHTLY ? OPERATIONS : 100;
const BATCH = 20;

for (const [place, { name: board }] of BOARDS.entries()) {
  const operations = place === 0 ? OPERATIONS : FEWER;
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board } });
    for (const [type, sectors] of [
      [12, 30712],
      [16, 65536],
      [32, 131072],
    ] as const) {
      test(`${operations} random operations on FAT${type} end as the model says`, async ({ machine }) => {
        test.setTimeout(300_000);
        await machine.import(mkfs(type, sectors, ...(type === 32 ? ['-s', '1'] : [])));
        const seed = 20261124 + type;
        const model = new Model(seed);
        await machine.run(PRELUDE);
        for (let done = 0; done < operations; done += BATCH) {
          const operations = Array.from({ length: BATCH }, () => model.next());
          const printed = await machine.run(operations.map(({ python }) => python).join('\n'));
          const lines = printed.split('\r\n').slice(0, -1);
          for (const [i, { python, expected }] of operations.entries()) {
            expect(expected, `seed ${seed}, operation ${done + i}: ${python}`).toContain(lines[i]);
          }
        }
        const volume = partition(await machine.export());
        expect(fsck(volume)).toBe('');
        const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
        expect(mtoolsTree(volume).sort(byPath)).toEqual(model.files().sort(byPath));
      });
    }
  });
}
