/** The same as the tokens in the graph, as sentences: for who reads, and for who listens. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Desk } from '../desk';
import { graphMachine } from '../graph/graph_machine';
import { Teller, type Told } from '../graph/told';
import { usePart } from '../use';
import '../style/words.css';

/** Announcements of a screen reader: at most one in that time. */
const SPEAK_MS = 1000;

export function InWords({ desk }: { desk: Desk }) {
  const [frozen, setFrozen] = useState(false);
  const [aloud, setAloud] = useState(false);
  const told = useTold(desk, frozen);
  const lit = usePart(desk.stage, (shown) => shown.lit);
  return (
    <section className="in-words" aria-label="In words">
      <header className="slot-head">
        <h2>In words</h2>
        <span className="aside">every notification and request, as a sentence</span>
        <span className="grow" />
        <Toggle label="Freeze" on={frozen} set={setFrozen} />
        <Toggle label="Read aloud" on={aloud} set={setAloud} />
      </header>
      <section
        className="told"
        aria-label="Events"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
      >
        <ol aria-label="Events, the newest last">
          {told.map(({ key, domain, kind, words, times, ms }) => (
            <li
              key={key}
              className={`k-${kind}${lit === domain ? ' lit-up' : ''}`}
              onPointerEnter={() => desk.stage.light(domain)}
              onPointerLeave={() => desk.stage.light(undefined)}
            >
              <span className="ms">+{ms.toFixed(2)} ms</span>
              <i className="dot" aria-hidden="true" />
              <span>
                <code>{domain}</code> {words}
              </span>
              {times > 1 && <span className="times">and {times - 1} more</span>}
            </li>
          ))}
        </ol>
      </section>
      {told.length === 0 && <p className="empty">Nothing has happened yet. Type a line of Python.</p>}
      {aloud && <Spoken told={told} />}
    </section>
  );
}

/** News is shown at most that often: faster than anybody reads. */
const SHOW_MS = 500;

function useTold(desk: Desk, frozen: boolean): readonly Told[] {
  const teller = useMemo(() => new Teller(), []);
  const [told, setTold] = useState<readonly Told[]>([]);
  useEffect(() => {
    if (frozen) return;
    const machine = graphMachine(desk.machine, desk.watch);
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      waiting = undefined;
      if (teller.look(machine.memory())) setTold(teller.told);
    };
    look();
    const unsubscribe = desk.watch.subscribe(() => {
      waiting ??= setTimeout(look, SHOW_MS);
    });
    return () => {
      unsubscribe();
      clearTimeout(waiting);
    };
  }, [desk, teller, frozen]);
  return told;
}

function Toggle({ label, on, set }: { label: string; on: boolean; set(on: boolean): void }) {
  return (
    <button className="btn s quiet" type="button" aria-pressed={on} onClick={() => set(!on)}>
      {label}
    </button>
  );
}

function Spoken({ told }: { told: readonly Told[] }) {
  const [said, setSaid] = useState('');
  const news = useRef(told);
  const until = useRef(0);
  useEffect(() => {
    const [newest, before] = [told.at(-1), news.current.at(-1)];
    if (!newest || newest.key === before?.key) return;
    const wait = Math.max(0, until.current - performance.now());
    const timer = setTimeout(() => {
      until.current = performance.now() + SPEAK_MS;
      const more = newest.key - (news.current.at(-1)?.key ?? -1) - 1;
      news.current = told;
      setSaid(`${newest.domain} ${newest.words}${more > 0 ? `, and ${more} more` : ''}`);
    }, wait);
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <p className="sr" role="log" aria-live="polite">
      {said}
    </p>
  );
}
