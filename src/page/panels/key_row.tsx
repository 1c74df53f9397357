/** Keys that a telephone's keyboard lacks. Ctrl holds for the next letter typed. */
import { useEffect, useState } from 'react';
import type { Desk } from '../desk';

const KEYS = [
  ['Tab', '\t'],
  ['Esc', '\x1b'],
  ['\u2191', 'previous'],
  ['\u2193', 'next'],
  ['\u2190', '\x1b[D'],
  ['\u2192', '\x1b[C'],
  ['(', '('],
  [')', ')'],
  [':', ':'],
  ["'", "'"],
] as const;
const NAMES: Record<string, string> = {
  '\u2191': 'Line before',
  '\u2193': 'Line after',
  '\u2190': 'Left',
  '\u2192': 'Right',
};
const CONTROL = 0x1f;

export function KeyRow({ desk }: { desk: Desk }) {
  const [ctrl, setCtrl] = useState(false);
  useEffect(() => {
    desk.modify = ctrl
      ? (keys) => {
          setCtrl(false);
          return keys.length === 1 ? String.fromCharCode(keys.charCodeAt(0) & CONTROL) : keys;
        }
      : undefined;
  }, [desk, ctrl]);
  const press = (keys: string) => {
    if (keys === 'previous' || keys === 'next') {
      if (!desk.recall.move(keys)) desk.type(keys === 'previous' ? '\x1b[A' : '\x1b[B');
    } else {
      desk.recall.typed();
      desk.type(keys);
    }
    desk.screen.terminal.focus();
  };
  return (
    <div className="key-row" role="toolbar" aria-label="Keys">
      <button type="button" aria-pressed={ctrl} onClick={() => setCtrl(!ctrl)}>
        Ctrl
      </button>
      {KEYS.map(([label, keys]) => (
        <button key={label} type="button" aria-label={NAMES[label]} onClick={() => press(keys)}>
          {label}
        </button>
      ))}
    </div>
  );
}
