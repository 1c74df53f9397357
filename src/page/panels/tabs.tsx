/** What the stage shows, as tabs: arrow keys, Home and End move between them. */
import type { KeyboardEvent, ReactNode } from 'react';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import type { View } from '../stage';
import { usePart } from '../use';

const TABS: readonly { readonly view: View; readonly label: string }[] = [
  { view: 'system', label: 'System' },
  { view: 'disk', label: 'Disk' },
  { view: 'files', label: 'Files' },
  { view: 'web', label: 'Web' },
  { view: 'packets', label: 'Packets' },
  { view: 'help', label: 'Help' },
];

interface Props {
  readonly desk: Desk;
  readonly view: View;
  /** What is to be said of the view, or of the system. */
  readonly children: ReactNode;
}

export function Tabs({ desk: { stage }, view, children }: Props) {
  const breaking = usePart(stage, ({ slot, view: shown }) => shown === 'system' && slot === 'break');
  const show = (next: View) => stage.set({ view: next });
  const moved = (event: KeyboardEvent) => {
    const at = TABS.findIndex((tab) => tab.view === view);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = TABS[(to + TABS.length) % TABS.length]!.view;
    show(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label="What to look at" onKeyDown={moved}>
        {TABS.map((tab) => (
          <button
            key={tab.view}
            id={`tab-${tab.view}`}
            className="tab"
            type="button"
            role="tab"
            aria-selected={tab.view === view}
            aria-controls="stage-panel"
            tabIndex={tab.view === view ? 0 : -1}
            onClick={() => show(tab.view)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <span className="grow" />
      <span className="meta">{children}</span>
      <button
        className="btn s break-it"
        type="button"
        aria-pressed={breaking}
        onClick={() => (breaking ? stage.choose(undefined) : stage.open('break'))}
      >
        <Sign name="break" /> Break it
      </button>
    </div>
  );
}
