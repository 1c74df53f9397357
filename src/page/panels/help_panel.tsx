/** Help: what here is real, which keys do what, how the terminal is shown. */
import type { Desk } from '../desk';
import { FONT_SIZES } from '../settings';
import { useStore } from '../use';
import { Words } from './strip';

const HONESTY = [
  [
    'Real',
    'MicroPython 1.27.0 in WebAssembly. One worker for each protection domain, given only its own memory and channels. The queues between them, byte for byte as LionsOS and sDDF lay them out. virtIO rings. FAT12, FAT16 and FAT32 on an image that other systems mount.',
  ],
  [
    'Modelled',
    'The devices: UART, block device, network card and timer of two boards, register by register. The guest `linux_fs_vm`: a small kernel shaped like Linux, not Linux. seL4: notifications and protected calls are atomics on shared words.',
  ],
  [
    'Absent',
    'Scheduling by priority: workers run side by side, priorities order the start only. An MMU: isolation here is between workers of one page. A way to the internet: the network ends in this page, unless fetch carries it.',
  ],
] as const;

const KEYS = [
  ['Tab', 'Complete a Python name'],
  ['\u2191 \u2193', 'Lines typed before, also before a reload'],
  ['Ctrl C', 'Stop the program; copy when text is selected'],
  ['Ctrl D', 'Soft reset: runs boot.py and main.py from the disk'],
  ['Ctrl E', 'Paste mode. A paste of several lines uses it by itself'],
  ['Ctrl \\ 1 Enter', 'Keys to the console of linux_fs_vm: try help'],
  ['Ctrl \\ 0 Enter', 'Keys back to Python'],
  ['Ctrl Shift \u2191', 'Leave the terminal, to the bar: single keys act on the page from there'],
  ['Ctrl Shift F', 'Find in the terminal'],
  ['Ctrl Shift C, V', 'Copy, paste'],
] as const;

/** Outside the terminal. */
const PAGE_KEYS = [
  ['P', 'Pause or go on'],
  ['S', 'Step one notification'],
  ['Shift S', 'Step to the end of a statement'],
  ['T', 'Timeline'],
  ['B', 'Break it'],
  ['G D F', 'The views System, Disk, Files'],
  ['/', 'Find in the terminal'],
  ['?', 'This help'],
  ['Esc', 'One level back; from the last one to the terminal'],
] as const;

export function HelpPanel({ desk }: { desk: Desk }) {
  return (
    <div className="panel">
      <h2>What is real here</h2>
      <dl className="honesty">
        {HONESTY.map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>
              <Words text={text} />
            </dd>
          </div>
        ))}
      </dl>
      <h2>Keys in the terminal</h2>
      <KeyTable keys={KEYS} />
      <h2>Keys outside it</h2>
      <KeyTable keys={PAGE_KEYS} />
      <h2>The terminal</h2>
      <Display desk={desk} />
      <h2>Two consoles on one line</h2>
      <p>
        <Words text="`micropython` and `linux_fs_vm` share the serial line. The bar left of the rows says who printed: solid for `micropython`, broken for `linux_fs_vm`, none for kernel and monitor." />
      </p>
    </div>
  );
}

function KeyTable({ keys }: { keys: readonly (readonly [key: string, does: string])[] }) {
  return (
    <table className="keys">
      <tbody>
        {keys.map(([key, does]) => (
          <tr key={key}>
            <th scope="row">
              <kbd>{key}</kbd>
            </th>
            <td>{does}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Display({ desk }: { desk: Desk }) {
  const { fontSize, upstreamColours, screenReader, shortcuts } = useStore(desk.settings);
  return (
    <div className="display">
      <label>
        <input
          type="range"
          min={FONT_SIZES.smallest}
          max={FONT_SIZES.largest}
          step={0.5}
          value={fontSize}
          onChange={({ target }) => desk.settings.set({ fontSize: Number(target.value) })}
        />
        Text size <output>{fontSize} px</output>
      </label>
      <label>
        <input
          type="checkbox"
          checked={upstreamColours}
          onChange={({ target }) => desk.settings.set({ upstreamColours: target.checked })}
        />
        Upstream colours: red for micropython, green for linux_fs_vm
      </label>
      <label>
        <input
          type="checkbox"
          checked={screenReader}
          onChange={({ target }) => desk.settings.set({ screenReader: target.checked })}
        />
        Screen reader mode: output is announced
      </label>
      <label>
        <input
          type="checkbox"
          checked={shortcuts}
          onChange={({ target }) => desk.settings.set({ shortcuts: target.checked })}
        />
        Single keys act on the page outside the terminal
      </label>
    </div>
  );
}
