import { expect, test } from 'vitest';
import { Client, SerialSystem } from './serial_system';

async function boot(seed = 1) {
  const python = new Client();
  const guest = new Client();
  const system = await SerialSystem.boot(seed, [python, guest]);
  system.settle();
  return { system, python, guest };
}

test('the console says who is who', async () => {
  const { system } = await boot();
  expect(system.screen).toBe('Begin input\n');
  expect(system.simulator.debug).toBe(
    "\x1b[31m'micropython' is client 0\n\x1b[0m\x1b[32m'fs_driver_vmm' is client 1\n\x1b[0m",
  );
});

test('a line in, a line out', async () => {
  const { system, python } = await boot();
  python.write('hello\r\n');
  system.type('x = 1\r');
  system.settle();
  expect(system.screen).toBe('Begin input\n\x1b[31mhello\r\n\x1b[0m');
  expect(new TextDecoder().decode(Uint8Array.from(python.got))).toBe('x = 1\r');
});
