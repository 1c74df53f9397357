/** What the single keys do; what a view gives for a key of its own it hands to `desk.acts`. */
import { useEffect } from 'react';
import type { Desk } from './desk';
import { listenForShortcuts, type Shortcut } from './shortcuts';

export function useShortcuts(desk: Desk): void {
  useEffect(() => {
    const { stage } = desk;
    const act = (shortcut: Shortcut) => {
      switch (shortcut) {
        case 'system':
        case 'disk':
        case 'files':
        case 'help':
          return stage.show(shortcut);
        case 'timeline':
          return stage.toggleDrawer();
        case 'break':
          return stage.open('break');
        case 'find':
          return desk.actions.find();
        case 'back':
          if (!stage.back()) desk.screen.terminal.focus();
          return;
        case 'pause':
        case 'step':
        case 'stepStatement':
          return desk.acts[shortcut]?.();
      }
    };
    return listenForShortcuts(() => desk.settings.state.shortcuts, act);
  }, [desk]);
}
