/** What the lan is started with. */
import { expect, test } from 'vitest';
import { BOARDS } from '../boards';
import { vmfs } from '../boards/vmfs';
import { CONTROL_BIT } from '../protocol/boot';
import { LAN, lanBoot } from './lan';
import { allocate } from './layout';

test.each(BOARDS)('on $name: the wire, and the way to wake the card; it is no domain', (board) => {
  const description = vmfs(board, { disk: { store: 'memory', name: 'test' } });
  const memory = allocate(description, 0);
  const { boot } = lanBoot(memory, { course: 'https://page.example/course/' })!;
  expect(Object.keys(boot.regions)).toEqual(['wire_tx', 'wire_rx']);
  expect(boot.regions.wire_tx!.buffer).toBe(memory.wireTx);
  const [card] = boot.channels;
  expect(card!.peerControl).toBe(memory.control.get('ethernet_driver'));
  expect(1 << card!.peerId).toBe(CONTROL_BIT.DEVICE);
  expect(description.domains.map(({ name }) => name)).not.toContain(LAN);
});

test('a machine without a network card has none', () => {
  const [board] = BOARDS;
  const whole = vmfs(board!, { disk: { store: 'memory', name: 'test' } });
  const domains = whole.domains.filter(({ device }) => device?.port !== 'wire');
  expect(lanBoot({ ...allocate(whole, 0), description: { ...whole, domains } }, { course: '' })).toBeUndefined();
});
