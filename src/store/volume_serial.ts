/** A serial number for a fresh volume: random, so that two disks can be told apart. */
export function volumeSerial(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
