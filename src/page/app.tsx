/** The page's frame: bar, stage, terminal, strip; one pane at a time on small screens. */
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import type { Desk } from './desk';
import { upWords } from './facts';
import { Bar } from './panels/bar';
import { BottomNav } from './panels/bottom_nav';
import { DropTarget } from './panels/drop_target';
import { Strip } from './panels/strip';
import { SystemPanel } from './panels/system_panel';
import { Tabs } from './panels/tabs';
import { TerminalPanel } from './panels/terminal_panel';
import { useStore } from './use';

export type View = 'system' | 'disk' | 'files' | 'web' | 'packets' | 'help';
export type Pane = 'terminal' | 'stage';

const DiskPanel = lazy(() => import('./panels/disk_panel').then((file) => ({ default: file.DiskPanel })));
const FilesPanel = lazy(() => import('./panels/files_panel').then((file) => ({ default: file.FilesPanel })));
const HelpPanel = lazy(() => import('./panels/help_panel').then((file) => ({ default: file.HelpPanel })));
const PacketsPanel = lazy(() => import('./panels/packets_panel').then((file) => ({ default: file.PacketsPanel })));
const WebPanel = lazy(() => import('./panels/web_panel').then((file) => ({ default: file.WebPanel })));

const FILES_NOTE = 'Through the file system, as a second client';

/** Takes the place of what index.html shows first, in one step. */
export function showApp(root: HTMLElement, desk: Desk): void {
  createRoot(root).render(<App desk={desk} />);
}

function App({ desk }: { desk: Desk }) {
  const state = useStore(desk.machine);
  const activity = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const [view, setView] = useState<View>('system');
  const [pane, setPane] = useState<Pane>('terminal');

  const show = (next: View) => {
    setView(next);
    setPane('stage');
  };
  const showTerminal = useCallback(() => setPane('terminal'), []);
  const showDisk = useCallback(() => {
    setView('disk');
    setPane('stage');
  }, []);
  useVisibility(desk);
  useLeaveQuestion(desk);

  return (
    <div className="shell" data-pane={pane} data-view={view}>
      <Bar desk={desk} state={state} view={view} show={show} />
      <main className="stage" aria-label="The system">
        <h1 className="sr">LionsOS Virtualised Filesystem</h1>
        <Tabs view={view} show={setView} note={view === 'files' ? FILES_NOTE : upWords(activity.domains)} />
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
      </main>
      <TerminalPanel desk={desk} state={state} />
      <Strip desk={desk} state={state} activity={activity} />
      <DropTarget desk={desk} show={showDisk} />
      <BottomNav pane={pane} view={view} terminal={showTerminal} show={show} />
    </div>
  );
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
