/** A frame's bytes, sixteen a row, as numbers and as ASCII; those of the lit field are marked. The fields are its equals for the keyboard. */
// biome-ignore-all lint/a11y/noStaticElementInteractions: each byte has a field of full size above
// biome-ignore-all lint/a11y/useKeyWithClickEvents: likewise
// biome-ignore-all lint/a11y/useKeyWithMouseEvents: likewise
import type { MouseEvent } from 'react';
import { ascii, hexByte } from '../byte_words';
import type { PacketField } from '../packets/packet';

const PER_ROW = 16;

interface Props {
  readonly bytes: Uint8Array;
  readonly lit: PacketField | undefined;
  hover(byte: number | undefined): void;
  keep(byte: number): void;
}

export function PacketsBytes({ bytes, lit, hover, keep }: Props) {
  const byteOf = ({ target }: MouseEvent) => {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    return at === undefined ? undefined : Number(at);
  };
  const isLit = (at: number) => lit !== undefined && at >= lit.at && at < lit.at + lit.length;
  const rows = Array.from({ length: Math.ceil(bytes.length / PER_ROW) }, (_, row) => row * PER_ROW);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className="packets-bytes" tabIndex={0} aria-label="Bytes">
      <div
        onMouseOver={(event) => hover(byteOf(event))}
        onMouseLeave={() => hover(undefined)}
        onClick={(event) => {
          const byte = byteOf(event);
          if (byte !== undefined) keep(byte);
        }}
      >
        {rows.map((start) => (
          <code key={start}>
            {start.toString(16).padStart(4, '0')}
            <span className="numbers">
              {Array.from(bytes.subarray(start, start + PER_ROW), (byte, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place
                <b key={i} data-at={start + i} className={isLit(start + i) ? 'lit' : undefined}>
                  {hexByte(byte)}
                </b>
              ))}
            </span>
            {Array.from(ascii(bytes.subarray(start, start + PER_ROW)), (char, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place
              <b key={i} data-at={start + i} className={isLit(start + i) ? 'lit' : undefined}>
                {char}
              </b>
            ))}
          </code>
        ))}
      </div>
    </section>
  );
}
