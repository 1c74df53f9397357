/** The UIO devices of a guest: from its device tree's list, with what its kernel shows of their interrupts. */
import type { ProtectionDomain } from '../../microkit/sdf';
import { readStruct } from '../../protocol/struct';
import { GUEST_UIO, uioRegions, VIRQ_PAGE } from '../../protocol/vmfs';
import { bytesWords } from '../storage_words';
import type { Look } from './look';

export interface UioRow {
  readonly path: string;
  readonly name: string;
  readonly address: string;
  readonly size: string;
  readonly interrupts: string;
}

export function uioRows(look: Look, { kind, maps }: ProtectionDomain): UioRow[] {
  const page = maps.find(({ symbol }) => symbol === 'virq_status');
  if (kind !== 'guest' || !page) return [];
  const clients = maps.filter(({ symbol }) => symbol.startsWith('vmfs_command')).length;
  const { view } = look.region(page.region);
  return uioRegions(clients).map(({ name, guestPhys, size }, i) => {
    const { intid, count, read, enabled } = readStruct(view, VIRQ_PAGE.uio + i * GUEST_UIO.size, GUEST_UIO);
    const state = `${count} of interrupt ${intid}, ${count - read} not read, the next one ${enabled ? 'may come' : 'waits'}`;
    return {
      path: `/dev/uio${i}`,
      name,
      address: `0x${guestPhys.toString(16)}`,
      size: bytesWords(size),
      interrupts: intid === 0 ? 'none' : state,
    };
  });
}
