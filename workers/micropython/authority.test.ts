import { describe, expect, test } from 'vitest';
import { renounce } from './authority';
import { noJavascript } from './no_javascript';

describe('renounce', () => {
  test('takes powers from the scope, from what it inherits, and for good', () => {
    const prototype = { fetch: () => 'the network', indexedDB: {} };
    const navigator = Object.create({ storage: { getDirectory: () => 'files' }, locks: {}, hardwareConcurrency: 2 });
    const scope = Object.assign(Object.create(prototype), { WebSocket: class {}, Atomics, navigator });
    renounce(scope);
    for (const name of ['fetch', 'indexedDB', 'WebSocket', 'XMLHttpRequest', 'Worker', 'eval', 'Function']) {
      expect(scope[name], name).toBeUndefined();
      expect(Reflect.set(scope, name, 'back'), name).toBe(false);
    }
    expect(prototype).not.toHaveProperty('fetch');
    expect(navigator.storage).toBeUndefined();
    expect(navigator.locks).toBeUndefined();
    expect(navigator.hardwareConcurrency).toBe(2);
    expect(scope.Atomics).toBe(Atomics);
  });
});

describe('the JavaScript bridge', () => {
  test('turns every object into undefined and knows no name', () => {
    const view = new DataView(new ArrayBuffer(64));
    const bridge = noJavascript(() => view);
    for (const [name, call] of Object.entries(bridge)) {
      for (let i = 0; i < 64; i++) view.setUint8(i, 0xff);
      const answer = call(8, 8, 8, 8, 8, 8, 8, 8);
      expect([0, -1], name).toContain(answer);
    }
    for (let i = 0; i < 64; i++) view.setUint8(i, 0xff);
    bridge.call1!(0, 0, 0, 16);
    expect([view.getInt32(12), view.getInt32(16), view.getInt32(20), view.getInt32(24), view.getInt32(28)]).toEqual([
      -1, 0, 0, 0, -1,
    ]);
    expect(bridge.lookup_attr!(0, 0, 16)).toBe(0);
  });
});
