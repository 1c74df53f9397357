/** What was typed finds its statement: by order, past what others print, and again after a paste. */
import { describe, expect, test } from 'vitest';
import { boardNamed } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { allocate } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { STATEMENT_OF, TRACE, TraceWriter } from '../../protocol/trace';
import type { StatementMarks } from '../terminal/statement_marks';
import { Entered, echoed } from './entered';
import { type Line, Lines } from './lines';

const description = vmfs(boardNamed('qemu_virt_aarch64')!, { disk: { store: 'memory', name: '' } });

function setup() {
  let memory = allocate(description, 0);
  let recorder = new TraceWriter(new Region('trace', memory.trace.get('micropython')!));
  const lines = new Lines(() => memory);
  return {
    lines,
    enter: (number: number, of: number = STATEMENT_OF.LINE) =>
      recorder.record(number, TRACE.STATEMENT, 0, 0, number, of),
    reboot() {
      memory = allocate(description, 0);
      recorder = new TraceWriter(new Region('trace', memory.trace.get('micropython')!));
    },
  };
}

const line = (text: string): Line => ({ text, continues: false });

describe('lines and statements', () => {
  test('come in the same order, several at a time too', () => {
    const { lines, enter } = setup();
    enter(1, STATEMENT_OF.START);
    enter(2);
    enter(3);
    enter(4, STATEMENT_OF.PROGRAM);
    expect(lines.submitted(line('a'))).toBe('micropython 2 2');
    expect(lines.submitted(line('b'))).toBe('micropython 3 3');
    expect(lines.submitted(line('c'))).toBeUndefined();
    expect(['micropython 2 2', 'micropython 3 3', 'micropython 4 4'].map((key) => lines.get(key)?.text)).toEqual([
      'a',
      'b',
      undefined,
    ]);
  });

  test('part in a paste, whose lines have no prompt, and meet again at the next quiet prompt', () => {
    const { lines, enter } = setup();
    enter(1);
    enter(2);
    lines.settle();
    enter(3);
    expect(lines.submitted(line('after'))).toBe('micropython 3 3');
  });

  test('belong to one system: another one counts anew', () => {
    const { lines, enter, reboot } = setup();
    enter(1);
    reboot();
    expect(lines.submitted(line('x'))).toBeUndefined();
    enter(1);
    expect(lines.submitted(line('y'))).toBe('micropython 1 1');
  });

  test('are forgotten after five hundred', () => {
    const { lines, enter } = setup();
    for (let number = 1; number <= 501; number++) {
      enter(number);
      lines.submitted(line(String(number)));
    }
    expect([lines.get('micropython 1 1'), lines.get('micropython 2 2')?.text]).toEqual([undefined, '2']);
  });
});

describe('a line that was ended', () => {
  function entered(counts = true) {
    const console = new EventTarget();
    const told: string[] = [];
    const placed: string[] = [];
    const row = { marker: {}, rows: 1 } as unknown as ReturnType<StatementMarks['mark']>;
    const marks = { mark: () => row, add: (key: string) => void placed.push(key) };
    const lines = { submitted: ({ text, continues }: Line) => `key ${told.push(continues ? `...${text}` : text)}` };
    const all = new Entered(console, marks, lines, () => counts);
    const echo = (detail: string) => console.dispatchEvent(new CustomEvent('entered', { detail }));
    const change = () => console.dispatchEvent(new Event('change'));
    return { all, echo, change, told, placed };
  }

  test('has its text and its place from the screen', () => {
    const { all, echo, change, told, placed } = entered();
    all.row('edited', true);
    echo('... edi\x1b[2Dted\r');
    change();
    expect([told, placed]).toEqual([['...edited'], ['key 1']]);
  });

  test('has its echo where the screen shows no prompt before it', () => {
    const { echo, change, told, placed } = entered();
    echo('>>> ab\bc\x1b[K\r');
    change();
    expect([told, placed]).toEqual([['ac'], []]);
  });

  test('is none when Ctrl-C ended it', () => {
    const { echo, change, told } = entered(false);
    echo('>>> abandoned');
    change();
    expect(told).toEqual([]);
  });

  test('is not taken for a later one', () => {
    const { all, echo, change, told, placed } = entered();
    all.row('printed by a program', false);
    change();
    all.row('typed', false);
    echo('>>> typed');
    change();
    expect([told, placed]).toEqual([['typed'], ['key 1']]);
  });
});

test('an echo without its editing', () => {
  expect(echoed('>>> f\x1b[31m(1)\r')).toBe('f(1)');
  expect(echoed('>>> ')).toBe('');
});
