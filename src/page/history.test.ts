import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HINTS, Hints } from './hints';
import { History } from './history';

/** localStorage, as far as it is used. */
class Storage {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

let storage: Storage;
beforeEach(() => {
  storage = new Storage();
  vi.stubGlobal('localStorage', storage);
});
afterEach(() => vi.unstubAllGlobals());

function reloaded(): History {
  const history = new History();
  history.load();
  return history;
}

describe('lines typed before', () => {
  test('come back after a reload, newest first, and the line being typed after them', () => {
    const history = reloaded();
    history.add('import os');
    history.add('os.listdir()');
    const after = reloaded();
    expect(after.previous('dra')).toBe('os.listdir()');
    expect(after.previous('os.listdir()')).toBe('import os');
    expect(after.previous('import os')).toBeUndefined();
    expect(after.next()).toBe('os.listdir()');
    expect(after.next()).toBe('dra');
    expect(after.next()).toBeUndefined();
  });

  test('a repeated line is kept once, an empty one not at all, and a new line starts at the end again', () => {
    const history = reloaded();
    for (const line of ['a', 'a', '', '  ', 'b']) history.add(line);
    expect(history.lines).toEqual(['a', 'b']);
    history.previous('');
    history.previous('');
    history.add('');
    expect(history.previous('')).toBe('b');
  });

  test('what another tab added is not lost', () => {
    const [one, two] = [reloaded(), reloaded()];
    one.add('from one');
    two.add('from two');
    expect(reloaded().lines).toEqual(['from one', 'from two']);
  });

  test('500 lines are kept, and no line longer than 1000 characters', () => {
    const history = reloaded();
    for (let i = 0; i < 600; i++) history.add(`line ${i}`);
    history.add('x'.repeat(1001));
    expect(reloaded().lines).toHaveLength(500);
    expect(reloaded().lines.at(-1)).toBe('line 599');
  });

  test.each(['', '{', '17', '"text"', '[1,null,{"a":1},"kept"]', 'null'])(
    'garbage in storage does no harm: %s',
    (garbage) => {
      storage.setItem('vmfs.history', garbage);
      const history = reloaded();
      expect(history.lines.every((line) => typeof line === 'string')).toBe(true);
      history.add('after');
      expect(reloaded().lines.at(-1)).toBe('after');
    },
  );

  test('a browser that forbids storage forgets at the reload only', () => {
    vi.stubGlobal('localStorage', undefined);
    const history = reloaded();
    history.add('a');
    history.add('b');
    expect(history.lines).toEqual(['a', 'b']);
  });
});

describe('three things to type first', () => {
  test('tick off when used, stay until the reload after the third, and then are gone', () => {
    const hints = new Hints();
    for (const { code } of HINTS) hints.used(` ${code} `);
    expect(hints.state).toEqual({ done: [0, 1, 2], gone: false });
    expect(new Hints().state.gone).toBe(true);
  });

  test('dismissed is dismissed for good; anything else in storage is ignored', () => {
    new Hints().dismiss();
    expect(new Hints().state.gone).toBe(true);
    storage.setItem('vmfs.hints', '{"done":["x",1,99],"gone":"no"}');
    expect(new Hints().state).toEqual({ done: [1], gone: false });
  });
});
