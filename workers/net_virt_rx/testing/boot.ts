/** Boot messages of domains that a test wires by hand. */
import { type BootInfo, CONTROL_SIZE } from '../../../src/protocol/boot';
import type { Region } from '../../../src/protocol/region';

/** `a` knows the channel as id 0, 1, ... in the order of its links. */
export interface Link {
  readonly a: readonly [domain: string, symbol: string];
  readonly b: readonly [domain: string, symbol: string];
}

export interface Domain {
  readonly regions?: Readonly<Record<string, Region>>;
  readonly config?: unknown;
}

export function bootMessages(domains: Readonly<Record<string, Domain>>, links: readonly Link[]): BootInfo[] {
  const control = new Map(Object.keys(domains).map((name) => [name, new SharedArrayBuffer(CONTROL_SIZE)]));
  const linksOf = (name: string) => links.filter(({ a, b }) => a[0] === name || b[0] === name);
  const idAt = (name: string, link: Link) => linksOf(name).indexOf(link);
  return Object.entries(domains).map(([name, { regions = {}, config }]) => ({
    name,
    image: name,
    generation: 1,
    control: control.get(name)!,
    gate: new SharedArrayBuffer(64),
    trace: new SharedArrayBuffer(64),
    debug: new SharedArrayBuffer(64),
    channels: linksOf(name).map((link, id) => {
      const [own, [peer]] = link.a[0] === name ? [link.a, link.b] : [link.b, link.a];
      const peerControl = control.get(peer)!;
      return { id, symbol: own[1], peer, peerId: idAt(peer, link), peerControl, notify: true };
    }),
    irqs: [],
    regions: Object.fromEntries(
      Object.entries(regions).map(([symbol, { name: region, buffer, paddr }]) => [
        symbol,
        { name: region, buffer, writable: true, ...(paddr === undefined ? {} : { paddr }) },
      ]),
    ),
    dma: [],
    config,
    bootTime: 0,
  }));
}
