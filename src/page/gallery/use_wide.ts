/** Whether the window has room for rows of 16 bytes. */
import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 720px)';

export function useWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(WIDE);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => matchMedia(WIDE).matches,
  );
}
