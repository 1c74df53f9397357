import { expect, test } from 'vitest';
import { boardNamed } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { allocate } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { TRACE, TraceWriter } from '../../protocol/trace';
import { Teller } from './told';

const description = vmfs(boardNamed('qemu_virt_aarch64')!, { disk: { store: 'memory', name: '' } });

function system() {
  const memory = allocate(description, 0);
  const writer = (name: string) => new TraceWriter(new Region('trace', memory.trace.get(name)!));
  return { memory, virt: writer('blk_virt'), driver: writer('blk_driver') };
}

test('events of all domains stand in the order of their time, with the time since the first of their burst', () => {
  const { memory, virt, driver } = system();
  const teller = new Teller();
  expect(teller.look(memory)).toBe(true);
  expect(teller.told).toEqual([]);
  driver.record(1000.5, TRACE.NOTIFY, 1, 0, 0, 0);
  virt.record(1000.25, TRACE.NOTIFY, 0, 0, 0, 0);
  expect(teller.look(memory)).toBe(true);
  expect(teller.told).toMatchObject([
    { domain: 'blk_virt', words: 'notified blk_driver', ms: 0, kind: 'virtualiser' },
    { domain: 'blk_driver', words: 'notified blk_virt', ms: 0.25, kind: 'driver' },
  ]);
  expect(teller.look(memory)).toBe(false);
});

test('what repeats within one look is told once, with its number', () => {
  const { memory, virt } = system();
  const teller = new Teller();
  teller.look(memory);
  for (let i = 0; i < 41; i++) virt.record(2000 + i, TRACE.NOTIFY, 0, 0, 0, 0);
  teller.look(memory);
  expect(teller.told).toMatchObject([{ words: 'notified blk_driver', times: 41 }]);
  // A pause ends the burst, and the clock of the next begins anew.
  virt.record(9000, TRACE.NOTIFY, 0, 0, 0, 0);
  teller.look(memory);
  expect(teller.told.at(-1)).toMatchObject({ times: 1, ms: 0 });
});

test('being notified is not told again, and another system begins anew', () => {
  const { memory, virt } = system();
  const teller = new Teller();
  teller.look(memory);
  virt.record(1, TRACE.NOTIFIED, 0, 0, 0, 0);
  expect(teller.look(memory)).toBe(false);
  virt.record(2, TRACE.NOTIFY, 0, 0, 0, 0);
  teller.look(memory);
  const other = system();
  other.virt.record(3, TRACE.NOTIFY, 1, 0, 0, 0);
  expect(teller.look(other.memory)).toBe(true);
  expect(teller.told).toHaveLength(1);
  expect(teller.look(undefined)).toBe(true);
  expect(teller.told).toEqual([]);
});
