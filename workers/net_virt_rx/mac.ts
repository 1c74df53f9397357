/** Ethernet addresses as 48-bit numbers. */

export const BROADCAST = 0xffff_ffff_ffff;

/** The group bit of the first byte: IEEE 802.3 section 3.2.3. */
const GROUP = 0x01;

/** The address at `offset`, in the byte order of the wire. */
export function readMac(view: DataView, offset: number): number {
  return view.getUint16(offset) * 0x1_0000_0000 + view.getUint32(offset + 2);
}

/** The address of each client; each must be one station's, and no two the same. */
export function parseMacs(clients: readonly { readonly name: string; readonly mac: string }[]): number[] {
  const macs = clients.map(({ name, mac }) => {
    if (!/^([\da-f]{2}:){5}[\da-f]{2}$/i.test(mac))
      throw new Error(`${name}: '${mac}' is no MAC address (aa:bb:cc:dd:ee:ff)`);
    if (Number.parseInt(mac, 16) & GROUP)
      throw new Error(`${name}: ${mac} is the address of a group, not of a station`);
    return Number.parseInt(mac.replaceAll(':', ''), 16);
  });
  const twice = clients.find((_, i) => macs.indexOf(macs[i]!) !== i);
  if (twice) throw new Error(`${twice.name}: ${twice.mac} is another client's address already`);
  return macs;
}
