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
    'The devices: PL011, virtio-blk, the Arm timer, register by register. The guest `linux_fs_vm`: a small kernel shaped like Linux, not Linux. seL4: notifications and protected calls are atomics on shared words.',
  ],
  [
    'Absent',
    'Scheduling by priority: workers run side by side, priorities order the start only. An MMU: isolation here is between workers of one page. The network, for now.',
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
  ['Ctrl Shift \u2191', 'Leave the terminal, to the bar'],
  ['Ctrl Shift F', 'Find in the terminal'],
  ['Ctrl Shift C, V', 'Copy, paste'],
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
      <h2>Keys</h2>
      <table className="keys">
        <tbody>
          {KEYS.map(([key, does]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>The terminal</h2>
      <Display desk={desk} />
      <h2>Two consoles on one line</h2>
      <p>
        <Words text="`micropython` and `linux_fs_vm` share the serial line. The bar left of the rows says who printed: solid for `micropython`, broken for `linux_fs_vm`, none for kernel and monitor." />
      </p>
    </div>
  );
}

function Display({ desk }: { desk: Desk }) {
  const { fontSize, upstreamColours, screenReader } = useStore(desk.settings);
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
    </div>
  );
}
