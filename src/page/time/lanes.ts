/** The lanes of the timeline: the way of a file's bytes from the client to the disk, then everybody else as described. */
import type { SystemDescription } from '../../microkit/sdf';
import { domainNamed, shownKind } from '../graph/model';
import type { RailKind } from '../rails';

export interface Lane {
  readonly name: string;
  readonly kind: RailKind;
  readonly priority: number;
  readonly guest: boolean;
}

export function lanesOf(description: SystemDescription): Lane[] {
  const { domains } = description;
  const guest = domains.find(({ kind }) => kind === 'guest');
  const client = domains.find(({ kind, late }) => kind === 'client' && !late);
  const virt = guest?.parent && peer(description, guest.parent, 'blk');
  const driver = virt && peer(description, virt, 'driver');
  const path = [client?.name, guest?.name, guest?.parent, virt, driver].filter((name) => name !== undefined);
  const rest = domains.map(({ name }) => name).filter((name) => !path.includes(name));
  return [...path, ...rest].map((name) => {
    const domain = domainNamed(description, name);
    return { name, kind: shownKind(domain), priority: domain.priority, guest: domain.kind === 'guest' };
  });
}

function peer({ channels }: SystemDescription, domain: string, symbol: string): string | undefined {
  for (const { a, b } of channels) {
    if (a.domain === domain && a.symbol === symbol) return b.domain;
    if (b.domain === domain && b.symbol === symbol) return a.domain;
  }
  return undefined;
}
