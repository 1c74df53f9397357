/** Domains that have just come back as another generation. A reboot takes milliseconds; its word stays as long as a person needs to read it. */
import { useEffect, useState } from 'react';
import type { ActivityWatch } from '../activity';

const SHOWN_MS = 1200;

export function useRebooted(watch: ActivityWatch): ReadonlySet<string> {
  const [rebooted, setRebooted] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const generations = new Map(watch.activity.domains.map(({ name, generation }) => [name, generation]));
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const forget = (name: string) => {
      setRebooted((before) => new Set([...before].filter((other) => other !== name)));
    };
    const look = () => {
      for (const { name, generation } of watch.activity.domains) {
        if (generation > (generations.get(name) ?? generation)) {
          setRebooted((before) => new Set([...before, name]));
          timers.add(setTimeout(() => forget(name), SHOWN_MS));
        }
        generations.set(name, generation);
      }
    };
    const stop = watch.subscribe(look);
    return () => {
      stop();
      for (const timer of timers) clearTimeout(timer);
    };
  }, [watch]);
  return rebooted;
}
