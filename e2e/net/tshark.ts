/** Captures read by Wireshark's dissectors. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Checksums are looked at only when asked for; everything expert says from "warning" on, and frames that are no frames. */
const CHECKS = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((name) => [
  '-o',
  `${name}:TRUE`,
]);
/** The last two no busy machine excuses: data acknowledged that was never sent, and gaps on a wire that loses nothing. */
const BAD = [
  '_ws.malformed',
  ...['ip', 'tcp', 'udp', 'icmp'].map((name) => `${name}.checksum.status == "Bad"`),
  'tcp.analysis.ack_lost_segment',
  'tcp.analysis.lost_segment',
].join(' || ');

export class Capture {
  readonly #file: string;

  constructor(folder: string, parts: readonly Uint8Array[]) {
    this.#file = join(folder, 'capture.pcapng');
    writeFileSync(this.#file, Buffer.concat(parts));
  }

  /** A line for each frame that `filter` lets through: the values of the fields, tab-separated. */
  fields(filter: string, ...names: string[]): string[] {
    const wanted = ['frame.number', ...names].flatMap((name) => ['-e', name]);
    const args = ['-n', '-r', this.#file, ...CHECKS, '-Y', filter, '-T', 'fields', ...wanted];
    const text = execFileSync('tshark', args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(line.indexOf('\t') + 1));
  }

  count(filter: string): number {
    return this.fields(filter).length;
  }

  /** What is malformed, has a wrong checksum, or breaks TCP's rules. */
  get bad(): string[] {
    return this.fields(BAD, '_ws.col.Info');
  }
}
