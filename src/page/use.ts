/** React's view of objects that change by themselves. */
import { useSyncExternalStore } from 'react';

interface Store<T> {
  readonly state: T;
  subscribe(listener: () => void): () => void;
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, () => store.state);
}
