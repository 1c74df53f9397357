/** React's view of objects that change by themselves. */
import { useSyncExternalStore } from 'react';

interface Store<T> {
  readonly state: T;
  subscribe(listener: () => void): () => void;
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, () => store.state);
}

/** One part of a store's state: renders again only when that part is another one. */
export function usePart<T, P>(store: Store<T>, part: (state: T) => P): P {
  return useSyncExternalStore(store.subscribe, () => part(store.state));
}
