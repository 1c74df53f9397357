import { expect, test } from 'vitest';
import { reportsIn, withoutReports } from './reports';

const LINE = 'fs_driver_vmm|INFO: starting guest at 0x40000000\r\n';

test('a report in the middle of an answer is taken out of it and nothing else is', () => {
  const text = `raw REPL; CTRL-B to exit\r\n${LINE}\r\nMON|ERROR: it does not answer\r\n>OK42`;
  expect(withoutReports(text)).toBe('raw REPL; CTRL-B to exit\r\n>OK42');
  expect(reportsIn(text)).toBe(`${LINE}\r\nMON|ERROR: it does not answer\r\n`);
});

test('half a report waits for its end; what a program prints in another form is its own', () => {
  for (const text of [LINE.slice(0, -2), 'MP|INFO: initialising!\r\n', 'a|INFO: b\r\n']) {
    expect(withoutReports(text)).toBe(text);
  }
});
