/** The page's frame: bar, stage, terminal, the timeline's drawer, strip; one pane at a time on small screens. */
import { lazy, Suspense, useCallback, useEffect, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import type { Desk } from './desk';
import { upWords } from './facts';
import { Bar } from './panels/bar';
import { BottomNav } from './panels/bottom_nav';
import { DropTarget } from './panels/drop_target';
import { Splitter } from './panels/splitter';
import { Strip } from './panels/strip';
import { SystemPanel } from './panels/system_panel';
import { Tabs } from './panels/tabs';
import { TerminalPanel } from './panels/terminal_panel';
import type { View } from './stage';
import { connectAddress } from './stage_address';
import { usePart, useStore } from './use';
import { useShortcuts } from './use_shortcuts';

const DiskPanel = lazy(() => import('./panels/disk_panel').then((file) => ({ default: file.DiskPanel })));
const Drawer = lazy(() => import('./panels/drawer').then((file) => ({ default: file.Drawer })));
const FilesPanel = lazy(() => import('./panels/files_panel').then((file) => ({ default: file.FilesPanel })));
const HelpPanel = lazy(() => import('./panels/help_panel').then((file) => ({ default: file.HelpPanel })));
const PacketsPanel = lazy(() => import('./panels/packets_panel').then((file) => ({ default: file.PacketsPanel })));
const WebPanel = lazy(() => import('./panels/web_panel').then((file) => ({ default: file.WebPanel })));

const FILES_NOTE = 'Through the file system, as a second client';

/** Takes the place of what index.html shows first, in one step. */
export function showApp(root: HTMLElement, desk: Desk): void {
  connectAddress(desk.stage);
  createRoot(root).render(<App desk={desk} />);
}

function App({ desk }: { desk: Desk }) {
  const { stage } = desk;
  const state = useStore(desk.machine);
  const view = usePart(stage, (shown) => shown.view);
  const drawer = usePart(stage, (shown) => shown.drawer);
  const pane = usePart(stage, (shown) => shown.pane);
  const showTerminal = useCallback(() => stage.showTerminal(), [stage]);
  const showDisk = useCallback(() => stage.show('disk'), [stage]);
  useVisibility(desk);
  useLeaveQuestion(desk);
  useShortcuts(desk);
  useRecovery(desk);

  return (
    <div className="shell" data-pane={pane} data-view={view}>
      <Bar desk={desk} state={state} view={view} show={(next) => stage.show(next)} />
      <main className="panes">
        <h1 className="sr">LionsOS Virtualised Filesystem</h1>
        <section className="stage" aria-label="The system">
          <Tabs desk={desk} view={view}>
            <Note desk={desk} view={view} />
          </Tabs>
          <div className="stage-body" role="tabpanel" id="stage-panel" aria-labelledby={`tab-${view}`}>
            {view === 'system' && <SystemPanel desk={desk} />}
            <Suspense fallback={null}>
              {view === 'disk' && <DiskPanel desk={desk} state={state} />}
              {view === 'files' && <FilesPanel desk={desk} state={state} terminal={showTerminal} />}
              {view === 'web' && <WebPanel desk={desk} state={state} terminal={showTerminal} />}
              {view === 'packets' && <PacketsPanel desk={desk} />}
              {view === 'help' && <HelpPanel desk={desk} />}
            </Suspense>
          </div>
          <Splitter />
        </section>
        <TerminalPanel desk={desk} state={state} />
        <Suspense fallback={null}>{drawer && state.phase === 'ready' && <Drawer desk={desk} />}</Suspense>
      </main>
      <Strip desk={desk} state={state} />
      <DropTarget desk={desk} show={showDisk} />
      <BottomNav pane={pane} view={view} terminal={showTerminal} show={(next) => stage.show(next)} />
    </div>
  );
}

/** By itself: what it says changes ten times a second. */
function Note({ desk, view }: { desk: Desk; view: View }) {
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const notice = usePart(desk.stage, (shown) => shown.notice);
  return notice ?? (view === 'files' ? FILES_NOTE : upWords(domains));
}

/** From the prompt on somebody watches for domains that die. */
function useRecovery(desk: Desk): void {
  useEffect(() => {
    const watch = async () => (await import('./breaking/breaking')).breakingOf(desk);
    desk.machine.ready.then(watch).catch(() => {});
  }, [desk]);
}

/** Nothing is sampled for a page that nobody sees. */
function useVisibility(desk: Desk): void {
  useEffect(() => {
    const look = () => desk.watch.look(document.visibilityState === 'visible');
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [desk]);
}

/** Only leaving a memory disk that was used asks. */
function useLeaveQuestion(desk: Desk): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (desk.machine.wouldLoseFiles) event.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [desk]);
}
