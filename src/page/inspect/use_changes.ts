/** Which of the bytes in sight are other ones than at the look before. */
import { useEffect, useRef } from 'react';
import { PER_ROW } from './hex';

interface Seen {
  readonly of: Uint8Array;
  readonly from: number;
  readonly bytes: Uint8Array;
}

export function useChanges(memory: Uint8Array, rows: readonly number[], frozen: boolean): (at: number) => boolean {
  const seen = useRef<Seen>(undefined);
  const from = (rows[0] ?? 0) * PER_ROW;
  const now = new Uint8Array(Math.min(rows.length * PER_ROW, memory.length - from));
  now.set(memory.subarray(from, from + now.length));
  const before = seen.current;
  useEffect(() => {
    seen.current = { of: memory, from, bytes: now };
  });
  if (frozen || before?.of !== memory) return () => false;
  return (at) => {
    const old = before.bytes[at - before.from];
    return old !== undefined && old !== now[at - from];
  };
}
