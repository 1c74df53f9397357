/** What is broken now: faults that are set, with how often each has happened, and components that nothing restarts. */
import { useSyncExternalStore } from 'react';
import type { Breaking } from '../breaking/breaking';
import { faultWords, goneWords, victimOf } from '../breaking/menu';
import type { Desk } from '../desk';
import { useStore } from '../use';
import { Words } from './strip';

export function BreakActive({ desk, breaking }: { desk: Desk; breaking: Breaking }) {
  const { set, problem } = useStore(breaking.faults);
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const kindOf = (name: string) => desk.machine.memory()?.description.domains.find((one) => one.name === name)?.kind;
  const gone = domains.flatMap((domain) => {
    const kind = kindOf(domain.name);
    // A guest that hangs is the recovery's to tell.
    if (kind === 'guest' && domain.state === 'hung') return [];
    const words = goneWords(domain, kind === 'client');
    return words ? [{ name: domain.name, words, comesBack: kind === 'client' }] : [];
  });
  return (
    <div className="active-faults" role="status">
      {set.map((fault) => (
        <span key={fault.id} className="fault-chip" onPointerEnter={() => desk.stage.light(victimOf(fault.fault))}>
          <code>{faultWords(fault.fault)}</code>
          <span className="hits">{fault.hits === 1 ? 'hit once' : `${fault.hits} hits`}</span>
          <button className="btn s" type="button" onClick={() => void breaking.faults.mend(fault)}>
            Mend<span className="sr"> {faultWords(fault.fault)}</span>
          </button>
        </span>
      ))}
      {gone.map(({ name, words }) => (
        <p key={name} className="gone">
          <Words text={words} />
        </p>
      ))}
      {gone.some(({ comesBack }) => !comesBack) && (
        <button className="btn s solid" type="button" onClick={() => void desk.machine.reboot().catch(() => {})}>
          Start the system again
        </button>
      )}
      {problem && <p className="gone">{problem}</p>}
    </div>
  );
}
