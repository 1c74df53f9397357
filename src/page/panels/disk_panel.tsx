/** The disk, three ways: as a map, as it would be after a power cut, as an image. */
import { type KeyboardEvent, lazy, Suspense, useEffect } from 'react';
import type { Desk } from '../desk';
import type { MachineState } from '../machine_state';
import { usePart } from '../use';
import { DiskImages } from './disk_images';
import '../style/disk_tabs.css';

const DiskMap = lazy(() => import('./disk_map').then((file) => ({ default: file.DiskMap })));
const PowerCut = lazy(() => import('./power_cut').then((file) => ({ default: file.PowerCut })));

const TABS = [
  { name: 'map', label: 'Map' },
  { name: 'cut', label: 'Power cut' },
  { name: 'images', label: 'Images' },
] as const;
type TabName = (typeof TABS)[number]['name'];

export function DiskPanel({ desk, state }: { desk: Desk; state: MachineState }) {
  const tab = usePart(desk.stage, ({ diskTab }) => TABS.find(({ name }) => name === diskTab)?.name ?? 'map');
  const show = (diskTab: TabName) => desk.stage.set({ diskTab });
  useDropped(desk, tab, () => show('images'));
  const moved = (event: KeyboardEvent) => {
    const at = TABS.findIndex(({ name }) => name === tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const { name } = TABS[(to + TABS.length) % TABS.length]!;
    show(name);
    document.getElementById(`disk-tab-${name}`)?.focus();
  };
  return (
    <div className="disk-view">
      <div className="disk-tabs" role="tablist" aria-label="The disk as" onKeyDown={moved}>
        {TABS.map(({ name, label }) => (
          <button
            key={name}
            id={`disk-tab-${name}`}
            className="tab"
            type="button"
            role="tab"
            aria-selected={name === tab}
            aria-controls="disk-panel"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => show(name)}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="disk-body" role="tabpanel" id="disk-panel" aria-labelledby={`disk-tab-${tab}`}>
        <Suspense fallback={null}>
          {tab === 'map' && <DiskMap desk={desk} />}
          {tab === 'cut' && <PowerCut desk={desk} />}
          {tab === 'images' && <DiskImages desk={desk} state={state} />}
        </Suspense>
      </div>
    </div>
  );
}

/** An image that is dropped is opened where images are. */
function useDropped(desk: Desk, tab: TabName, showImages: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what shows the images is the same each time
  useEffect(() => {
    if (tab === 'images') return;
    const end = desk.dropped.take((image) => {
      // One that has waited comes before `take` is through.
      queueMicrotask(() => {
        end();
        desk.dropped.give(image);
        showImages();
      });
    });
    return end;
  }, [desk, tab]);
}
