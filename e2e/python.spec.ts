/** What a person does at the prompt besides files: interrupting, resetting, printing much, pasting much, importing. */
import { expect, test } from './fixtures';

test('Ctrl-C stops an endless loop and a long sleep', async ({ machine }) => {
  for (const line of ['while True: pass', 'import time; time.sleep(100)']) {
    await machine.send(`${line}\r`);
    if (line.startsWith('while')) await machine.send('\r');
    await machine.waitFor(/(\.\.\.|sleep\(100\))\s*$/);
    await machine.send('\x03');
    await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  }
});

test('printing a megabyte leaves the page alive, and arrives whole', async ({ machine }) => {
  const frames = machine.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let count = 0;
        const tick = () => {
          count++;
          if ((window as { printed?: boolean }).printed) resolve(count);
          else requestAnimationFrame(tick);
        };
        tick();
      }),
  );
  await machine.send('for i in range(16384): print("%063d" % i)\r\r');
  await machine.waitFor(/0000016383\s+>>> *$/, 120_000);
  await machine.page.evaluate(() => {
    (window as { printed?: boolean }).printed = true;
  });
  expect(await frames).toBeGreaterThan(10);
});

test('Ctrl-D resets softly: names are gone, files are not, boot.py and main.py run', async ({ machine }) => {
  await machine.run('open("main.py", "w").write("print(\'main says\', 6 * 7)")\nx = 1');
  await machine.send('\x04');
  await machine.waitFor(/main says 42[\s\S]*>>> *$/);
  await machine.send('x\r');
  await machine.waitFor("NameError: name 'x' isn't defined");
});

test('a module on the disk can be imported, and input() reads a line', async ({ machine }) => {
  await machine.run('open("answer.py", "w").write("value = 42")');
  expect(await machine.run('import answer; print(answer.value)')).toBe('42\r\n');
  await machine.send('name = input("Who? ")\r');
  await machine.waitFor(/Who\? $/);
  await machine.send('seL4\r');
  await machine.send('print("Hello", name)\r');
  await machine.waitFor('Hello seL4');
});

test('errors carry the errno that Python programs test for', async ({ machine }) => {
  const printed = await machine.run(`
import os
os.mkdir('d'); open('d/f', 'w').close()
def t(f):
    try: f()
    except OSError as e: print(e.errno, e)
t(lambda: open('missing'))
t(lambda: os.mkdir('d'))
t(lambda: os.rmdir('d'))
t(lambda: os.listdir('d/f'))
t(lambda: open('d', 'w'))
t(lambda: open('a:b', 'w'))
t(lambda: open('x' * 300, 'w'))
t(lambda: os.stat('d/f/g'))
`);
  expect(printed.split('\r\n').map((line) => line.split(' ')[0])).toEqual([
    '2',
    '17',
    '39',
    '20',
    '21',
    '22',
    '36',
    '20',
    '',
  ]);
});

test('100 KB pasted at once arrive whole', async ({ machine }) => {
  const line = `n += len("${'x'.repeat(80)}")`;
  const lines = Array.from({ length: 1100 }, () => line);
  await machine.run('n = 0');
  await machine.send(`\x05${lines.join('\r')}\r\x04`);
  await machine.waitFor(/>>> *$/, 120_000);
  expect(await machine.run('print(n)')).toBe(`${80 * 1100}\r\n`);
});

test('Python has no power beyond its regions', async ({ machine }) => {
  const probe = (code: string) =>
    machine.run(`try:\n    ${code}\nexcept Exception as e:\n    print('refused', type(e).__name__)`);
  for (const code of [
    'import js; print(js.navigator.storage)',
    'import js; print(js.fetch)',
    'import js; print(js.indexedDB)',
    'import js; print(js.Object.constructor("return self")())',
    'import js; print(js.postMessage)',
    'import jsffi; print(jsffi.JsProxy)',
  ]) {
    expect(await probe(code), code).toMatch(/^refused (ImportError|AttributeError)\r\n$/);
  }
});
