/** Checksums of RFC 1071 in a frame as it lies there. */
import { checksumOf, onesSum, pseudoHeaderSum } from '../../specs/ipv4';
import { hex, type LayerReader } from './packet';

/** Where a message of IPv4 lies in the frame, and between whom. */
export interface Body {
  readonly at: number;
  readonly end: number;
  readonly source: number;
  readonly destination: number;
}

/** Says of the field read last, the checksum of `length` bytes at `at`, what it should be. */
export function checkInternetSum(layer: LayerReader, bytes: Uint8Array, at: number, length: number, begin = 0): void {
  const halves = new Uint16Array((length + 1) >> 1);
  new Uint8Array(halves.buffer).set(bytes.subarray(at, at + length));
  const sum = begin + onesSum(halves, 0, length);
  if (checksumOf(sum) === 0) return;
  const { at: field } = layer.fields.at(-1)!;
  const right = checksumOf(sum - (halves[(field - at) >> 1] ?? 0));
  layer.wrong(`it should be ${hex(right, 4)}`);
}

/** The same for what begins with the pseudo header. */
export function checkTransportSum(layer: LayerReader, bytes: Uint8Array, protocol: number, body: Body): void {
  const length = body.end - body.at;
  const begin = pseudoHeaderSum(body.source, body.destination, protocol, length);
  checkInternetSum(layer, bytes, body.at, length, begin);
}
