import { expect, test } from 'vitest';
import { type BootInfo, CONTROL_SIZE, PPC_PAGE } from '../protocol/boot';
import { bit, type Kernel, type Message, type PolledDevice, type ProtectionDomain } from './pd';
import { Simulator } from './simulator';

type Make = (kernel: Kernel) => ProtectionDomain;

/** Domains that are all connected to each other: channel n of each leads to domain n. Interrupt 10 is a level. */
async function system(seed: number, makes: Record<string, Make>, ppc?: { caller: number; callee: number }) {
  const simulator = new Simulator(seed);
  const names = Object.keys(makes);
  const control = names.map(() => new SharedArrayBuffer(CONTROL_SIZE));
  const page = new SharedArrayBuffer(PPC_PAGE.SIZE);
  for (const [me, name] of names.entries()) {
    const channels = names.map((peer, id) => ({
      id,
      symbol: peer,
      peer,
      peerControl: control[id]!,
      peerId: me,
      notify: true,
      ...(ppc?.caller === me && ppc.callee === id ? { ppc: { page, role: 'caller' as const } } : {}),
    }));
    const boot: BootInfo = {
      name,
      image: name,
      generation: 1,
      control: control[me]!,
      gate: new SharedArrayBuffer(64),
      trace: new SharedArrayBuffer(64),
      debug: new SharedArrayBuffer(64),
      channels,
      irqs: [{ id: 10, symbol: 'irq', intid: 42, trigger: 'level' }],
      regions: {},
      dma: [],
      config: undefined,
      bootTime: 0,
    };
    await simulator.add(boot, (env) => makes[name]!(env.kernel));
  }
  simulator.start();
  return { simulator, domain: (name: string) => simulator.domains.get(name)! };
}

const gossip = (log: string[]): Record<string, Make> =>
  Object.fromEntries(
    ['a', 'b', 'c'].map((name, me) => [
      name,
      (kernel) => ({
        init: () => kernel.notify((me + 1) % 3),
        notified(ch) {
          log.push(`${name}${ch}`);
          if (log.length < 60) for (const to of [0, 1, 2]) kernel.notify(to);
        },
      }),
    ]),
  );

test('one seed gives one order, another seed another', async () => {
  const order = async (seed: number) => {
    const log: string[] = [];
    const { simulator } = await system(seed, gossip(log));
    simulator.settle();
    return log.join(' ');
  };
  expect(await order(1)).toBe(await order(1));
  expect(await order(1)).not.toBe(await order(2));
});

test('signals merge until they are taken, and each handler runs to its end', async () => {
  const log: string[] = [];
  const { simulator, domain } = await system(3, {
    a: (kernel) => ({
      notified() {
        kernel.notify(1);
        kernel.notify(1);
        log.push('a');
      },
    }),
    b: () => ({ notified: (ch) => void log.push(`b${ch}`) }),
  });
  domain('a').raise(bit(1));
  simulator.settle();
  expect(log).toEqual(['a', 'b0']);
});

test('a wait lets the others run, takes only its own bits, and leaves the rest to the loop', async () => {
  const log: string[] = [];
  const { simulator, domain } = await system(1, {
    a: (kernel) => ({
      notified(ch) {
        log.push(`a${ch}`);
        if (ch !== 0) return;
        kernel.notify(1);
        log.push(`waited ${kernel.wait(bit(1))}`);
      },
    }),
    b: (kernel) => ({
      notified() {
        kernel.notify(2);
        kernel.notify(0);
      },
    }),
    c: (kernel) => ({ notified: () => kernel.notify(0) }),
  });
  domain('a').raise(bit(0));
  simulator.settle();
  expect(log).toEqual(['a0', 'waited 2', 'a2']);
});

test('waits of two domains may nest', async () => {
  const log: string[] = [];
  const { simulator, domain } = await system(5, {
    a: (kernel) => ({
      notified(ch) {
        if (ch !== 0) return;
        kernel.notify(1);
        kernel.wait(bit(1));
        log.push('a');
      },
    }),
    b: (kernel) => ({
      notified() {
        kernel.notify(2);
        kernel.wait(bit(2));
        log.push('b');
        kernel.notify(0);
      },
    }),
    c: (kernel) => ({ notified: (ch) => kernel.notify(ch) }),
  });
  domain('a').raise(bit(0));
  simulator.settle();
  expect(log).toEqual(['b', 'a']);
});

test('a wait that nothing can end says so instead of hanging', async () => {
  const { domain } = await system(1, { a: (kernel) => ({ notified: () => void kernel.wait(bit(5)) }) });
  domain('a').raise(1);
  expect(() => domain('a').simulator.settle()).toThrow('a waits for ever on channels 0x20');
});

test('a wait with a deadline returns 0 then, and time has moved there and no further', async () => {
  const log: number[] = [];
  const { simulator, domain } = await system(1, {
    a: (kernel) => ({ notified: () => void log.push(kernel.wait(bit(5), 1500), kernel.now()) }),
  });
  domain('a').raise(1);
  simulator.settle();
  expect(log).toEqual([0, 1500]);
});

test('being killed in a wait unwinds the domain: it never runs again, and the others go on', async () => {
  const log: string[] = [];
  const { simulator, domain } = await system(1, {
    a: (kernel) => ({
      notified(ch) {
        log.push(`a${ch}`);
        kernel.notify(1);
        kernel.wait(bit(1));
        log.push('not reached');
      },
    }),
    b: (kernel) => ({
      notified() {
        log.push('b');
        if (log.includes('a0')) domain('a').kill();
        else kernel.notify(1);
      },
    }),
  });
  domain('a').raise(bit(0));
  domain('b').raise(bit(0));
  simulator.settle();
  domain('a').raise(bit(0));
  simulator.settle();
  expect([domain('a').dead, log.filter((l) => l.startsWith('a')), log.includes('b')]).toEqual([true, ['a0'], true]);
});

test('being killed in a handler that does not wait lets it end, and is the last thing it did', async () => {
  const log: string[] = [];
  const { simulator, domain } = await system(1, {
    a: () => ({
      notified() {
        log.push('a');
        domain('a').kill();
      },
    }),
  });
  domain('a').raise(bit(0) | bit(1));
  simulator.settle();
  expect([log, domain('a').dead]).toEqual([['a'], true]);
});

test('time stops at each deadline on the way, and a device polls at its own', async () => {
  const polled: number[] = [];
  const { simulator } = await system(1, {
    a: (kernel) => {
      const device: PolledDevice & { deadlineNs?: number } = {
        deadlineNs: 100,
        poll() {
          polled.push(kernel.now());
          if (kernel.now() >= 300) delete device.deadlineNs;
          else device.deadlineNs = kernel.now() + 100;
          kernel.irqLine(10).level(true);
        },
      };
      kernel.attach(device);
      return {
        notified(ch) {
          kernel.irqLine(10).level(false);
          kernel.irqAck(ch);
        },
      };
    },
  });
  simulator.advance(1000);
  expect([polled, simulator.nowNs]).toEqual([[100, 200, 300], 1000]);
});

test('a protected call passes through 64-bit registers: what is no u64 is refused as it would be between threads', async () => {
  const answers: Message[] = [];
  const make = (words: number[]): Record<string, Make> => ({
    a: (kernel) => ({ notified: () => void answers.push(kernel.ppcall(1, { label: 7, words })) }),
    b: () => ({ notified() {}, protected: (_, { label, words }) => ({ label: label + 1, words: [...words, 5] }) }),
  });
  const good = await system(1, make([2 ** 53 - 1, 0]), { caller: 0, callee: 1 });
  good.domain('a').raise(1);
  good.simulator.settle();
  expect(answers).toEqual([{ label: 8, words: [2 ** 53 - 1, 0, 5] }]);
  const bad = await system(1, make([1.5]), { caller: 0, callee: 1 });
  bad.domain('a').raise(1);
  expect(() => bad.simulator.settle()).toThrow(RangeError);
});

test('a callee that looks at no words does not hide that they are none', async () => {
  const { domain } = await system(
    1,
    {
      a: (kernel) => ({ notified: () => void kernel.ppcall(1, { label: 7, words: [-1] }) }),
      b: () => ({ notified() {}, protected: () => ({ label: 0, words: [] }) }),
    },
    { caller: 0, callee: 1 },
  );
  domain('a').raise(1);
  expect(() => domain('a').simulator.settle()).toThrow(RangeError);
});

test('a domain cannot call or notify where the description gives it no right', async () => {
  const { domain } = await system(1, { a: () => ({ notified() {} }) });
  expect(() => domain('a').ppcall(0, { label: 0, words: [] })).toThrow('a may not call channel 0');
  expect(() => domain('a').notify(9)).toThrow('a may not notify channel 9');
  expect(() => domain('a').irqLine(9)).toThrow('a has no interrupt on channel 9');
});

test('a system that never comes to rest is reported', async () => {
  const { simulator, domain } = await system(1, { a: (kernel) => ({ notified: () => kernel.notify(0) }) });
  domain('a').raise(1);
  expect(() => simulator.settle(1000)).toThrow('does not settle');
});
