/** What is broken now: faults that are set, with how often each has happened, and components that nothing restarts. */
import { useSyncExternalStore } from 'react';
import type { Breaking } from '../breaking/breaking';
import { faultWords, victimOf, withoutWords } from '../breaking/menu';
import type { Desk } from '../desk';
import { useStore } from '../use';
import { Words } from './strip';

export function BreakActive({ desk, breaking }: { desk: Desk; breaking: Breaking }) {
  const { set, problem } = useStore(breaking.faults);
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const gone = domains.filter(({ name, state }) => isGone(state) && !(state === 'hung' && name === 'linux_fs_vm'));
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
      {gone.map(({ name, state }) => (
        <p key={name} className="gone">
          <Words
            text={`\`${name}\` ${GONE[state] ?? 'stopped'}; nothing restarts it, as upstream. ${withoutWords(name)}`}
          />
        </p>
      ))}
      {gone.length > 0 && (
        <button className="btn s solid" type="button" onClick={() => void desk.machine.reboot().catch(() => {})}>
          Start the system again
        </button>
      )}
      {problem && <p className="gone">{problem}</p>}
    </div>
  );
}

const GONE: Readonly<Record<string, string>> = {
  killed: 'was killed',
  hung: 'hangs',
  faulted: 'faulted',
  dead: 'stopped',
};

const isGone = (state: string): boolean => state in GONE;
