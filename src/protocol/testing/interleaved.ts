/** One thread in the place of two: the other acts between two accesses to shared memory. */

const NAMES = ['load', 'store', 'exchange'] as const;

/**
 * Has `act` done just before the atomic access with this number, from 0. What is returned ends that, and tells how many accesses
 * there were; it has to be called in any case.
 */
export function interleaved(access: number, act: () => void): () => number {
  const originals = NAMES.map((name) => [name, Atomics[name]] as const);
  let count = 0;
  let acting = false;
  for (const [name, original] of originals) {
    const hooked = (...args: [Int32Array, number, number]) => {
      if (!acting && count++ === access) {
        acting = true;
        act();
        acting = false;
      }
      return original(...args);
    };
    Object.assign(Atomics, { [name]: hooked });
  }
  return () => {
    Object.assign(Atomics, Object.fromEntries(originals));
    return count;
  };
}
