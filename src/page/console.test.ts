import { expect, test } from 'vitest';
import { Console, type Screen } from './console';
import type { Piece } from './speakers';

/** A screen that draws when it is told to. */
class SlowScreen implements Screen {
  drawn = '';
  draw: () => void = () => {};
  slow = false;

  write(pieces: readonly Piece[]): Promise<void> {
    this.drawn += pieces.map(({ text }) => text).join('');
    return this.slow ? new Promise((resolve) => (this.draw = resolve)) : Promise.resolve();
  }
  text = () => this.drawn;
  input = () => ({ prompt: '>>> ', text: '', behindCursor: 0 }) as const;
  clear() {
    this.drawn = '';
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function attached() {
  const [console, screen] = [new Console(), new SlowScreen()];
  await console.attach(screen);
  return { console, screen };
}

test('what was printed before there is a screen is on it, and the prompt counts only then', async () => {
  const console = new Console();
  await console.receive(bytes('boot\r\n\x1b[31m>>> \x1b[0m'));
  expect(console.text).toBe('boot\r\n>>> ');
  expect(console.prompted).toBe(false);
  const screen = new SlowScreen();
  await console.attach(screen);
  expect(screen.drawn).toBe('boot\r\n>>> ');
  expect(console.prompted).toBe(true);
});

test('the next bytes are taken only when these are drawn', async () => {
  const { console, screen } = await attached();
  screen.slow = true;
  let taken = false;
  const receiving = console.receive(bytes('\x1b[31m>>> ')).then(() => (taken = true));
  await Promise.resolve();
  expect(taken).toBe(false);
  expect(console.prompted).toBe(false);
  screen.draw();
  await receiving;
  expect(console.prompted).toBe(true);
});

test('a report of a component in the middle of a hidden exchange is shown', async () => {
  const { console, screen } = await attached();
  let heard = '';
  console.hide((text) => {
    heard += text;
  });
  await console.receive(bytes('\x1b[31mOK4\x1b[0mMON|ERROR: it does not answer\r\n\x1b[31m2'));
  expect(heard).toBe('OK4MON|ERROR: it does not answer\r\n2');
  expect(screen.drawn).toBe('MON|ERROR: it does not answer\r\n');
});

test('a hidden exchange shows nothing of client 0, and all of the guest', async () => {
  const { console, screen } = await attached();
  let heard = '';
  const stop = console.hide((text) => {
    heard += text;
  });
  await console.receive(bytes('\x1b[31mraw\x1b[0m\x1b[32m# I/O error\x1b[0m\x1b[31mOK'));
  stop();
  await console.receive(bytes('seen'));
  expect(heard).toBe('rawOK');
  expect(screen.drawn).toBe('# I/O errorseen');
});

test('who has the keyboard is what serial_virt_rx says, not what was asked for', async () => {
  const { console } = await attached();
  await console.receive(bytes('VIRT_RX|LOG: switching to cli'));
  expect(console.keysTo).toBe(0);
  await console.receive(bytes('ent 1\r\n'));
  expect(console.keysTo).toBe(1);
  expect(console.input).toBeUndefined();
  await console.receive(bytes('VIRT_RX|LOG: User requested to switch to an invalid client 7\r\n'));
  expect(console.keysTo).toBe(1);
  await console.receive(bytes('\x1b[31mswitching to client 0\r\n\x1b[0m'));
  expect(console.keysTo).toBe(1);
});
