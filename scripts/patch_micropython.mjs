/**
 * Makes .cache/micropython.wasm: the npm build of MicroPython with what a protection domain needs added to it. Done once per
 * input (about 5 s); run alone or through `patchMicroPython()`. The input is pinned by its hash, and every edit must match
 * exactly once, so a changed binary fails here and not in the browser.
 *
 * Imports added to module `env`:
 *   mp_vm_hook()          every 100 backward branches of the bytecode loop: the place to see Ctrl-C
 *   mp_delay_us(f64)      time.sleep and friends, which spin in the original
 *   mp_stdin_rx_chr()     the next key for input(), which spins in the original
 * Exports added:
 *   mp_handle_pending(1)  raises a pending KeyboardInterrupt
 *   mp_repl_is_raw()      whether the raw REPL is active
 *   mp_hal_set_interrupt_char(c)  the key that interrupts, -1 for none: the build itself sets it with the prompt only
 * Corrected: EINTR and EINVAL are Linux's 4 and 22, not WASI's 27 and 28, which are Linux's EFBIG and ENOSPC; close() reports
 * errors; open() knows 'x'; the line editor takes bytes from 128 up, so that a name may have an accent, and does not indent by
 * itself: upstream's does not either, and code copied line by line brings its own indentation.
 * Hidden: the modules `js` and `jsffi` have names that cannot be imported (the walls behind them: workers/micropython/no_javascript.ts).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const INPUT = new URL(
  '../node_modules/@micropython/micropython-webassembly-pyscript/micropython.wasm',
  import.meta.url,
);
const INPUT_SHA256 = '06338c955b03c5700aa0069015d3e392d76836ef8e2ce25bedbe59b88ccd373c';
const CACHE = new URL('../.cache/', import.meta.url);
const OUTPUT = new URL('micropython.wasm', CACHE);
const STAMP = new URL('micropython.wasm.key', CACHE);
const HOOK_INTERVAL = 100;

// Functions of the 1.27.0 binary, by index as binaryen names them.
const HANDLE_PENDING = '$372';
const DELAY_MS = '$1226';
const DELAY_US = '$1228';
const READLINE = '$1202';
const READLINE_INIT = '$1201';
const READLINE_PROCESS_CHAR = '$1196';
const VFS_POSIX_RETRYING = ['$1174', '$1175', '$1176', '$1179', '$1180', '$1181'];
const FILE_IOCTL = '$1181';
const FILE_OPEN = '$1176';
const CLOSE = '$1289';
const ERRNO_LOCATION = '$1275';

/** A pattern in WAT as one would write it: any white space, `$_` for a label, captured. */
function wat(text) {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped.replaceAll('\\$_', '(\\$\\w+)').replace(/\s+/g, '\\s*').replaceAll('\\)', '\\s*\\)'), 'g');
}

function replaceOnce(text, pattern, replacement, what) {
  const matches = text.match(pattern)?.length ?? 0;
  if (matches !== 1)
    throw new Error(`MicroPython's wasm is not the expected one: ${what} found ${matches} times, not once`);
  return text.replace(pattern, replacement);
}

/** Applies `edit` to the text of one function. */
function inFunction(module, name, edit) {
  const start = module.indexOf(`\n (func ${name} `);
  const end = module.indexOf('\n )\n', start) + 4;
  if (start < 0 || end < 4) throw new Error(`MicroPython's wasm has no function ${name}`);
  return module.slice(0, start) + edit(module.slice(start, end)) + module.slice(end);
}

function addImportsAndExports(module) {
  const imports = `
 (import "env" "mp_vm_hook" (func $mp_vm_hook))
 (import "env" "mp_delay_us" (func $mp_delay_us (param f64)))
 (import "env" "mp_stdin_rx_chr" (func $mp_stdin_rx_chr (result i32)))
 (global $hook_countdown (mut i32) (i32.const ${HOOK_INTERVAL}))
 (func $scheduler_state_after_hook (result i32)
  (global.set $hook_countdown (i32.sub (global.get $hook_countdown) (i32.const 1)))
  (if (i32.eqz (global.get $hook_countdown))
   (then (global.set $hook_countdown (i32.const ${HOOK_INTERVAL})) (call $mp_vm_hook)))
  (i32.load16_u offset=185108 (i32.const 252)))
 (export "mp_handle_pending" (func ${HANDLE_PENDING}))
 (func $mp_repl_is_raw (result i32) (i32.eq (i32.load offset=186084 (i32.const 0)) (i32.const 1)))
 (export "mp_repl_is_raw" (func $mp_repl_is_raw))
 (func $mp_hal_set_interrupt_char (param $0 i32) (i32.store offset=178872 (i32.const 0) (local.get $0)))
 (export "mp_hal_set_interrupt_char" (func $mp_hal_set_interrupt_char))
 (global $global$0 `;
  return replaceOnce(module, /\n \(global \$global\$0 /g, () => imports, 'the stack pointer');
}

/** The bytecode loop looks at the scheduler's state on every backward branch; the hook comes just before. */
function addVmHook(module) {
  const then = `(i32.store offset=186852 (i32.const 0) (i32.const 0)) (call $fimport$6 (i32.const 505) (i32.const 1))`;
  const check = wat(`(br_if $_ (i32.load16_u offset=185108 (i32.const 252))) ${then}`);
  return replaceOnce(
    module,
    check,
    (_, label) => `(br_if ${label} (call $scheduler_state_after_hook)) ${then}`,
    'the scheduler check',
  );
}

function replaceDelays(module) {
  const delay = (microseconds) => (text) => {
    const signature = text.indexOf('(param $0 i32)\n') + '(param $0 i32)\n'.length;
    if (!text.includes('(call $fimport$14)')) throw new Error("MicroPython's delay does not look at the clock");
    return `${text.slice(0, signature)}  (call $mp_delay_us ${microseconds})\n  (call ${HANDLE_PENDING} (i32.const 1))\n )\n`;
  };
  const us = '(f64.convert_i32_u (local.get $0))';
  return inFunction(inFunction(module, DELAY_US, delay(us)), DELAY_MS, delay(`(f64.mul ${us} (f64.const 1000))`));
}

function giveReadlineKeys(module) {
  const zero = wat(`(call ${READLINE_PROCESS_CHAR} (i32.const 0))`);
  const key = `(call ${READLINE_PROCESS_CHAR} (call $mp_stdin_rx_chr))`;
  return inFunction(module, READLINE, (text) => replaceOnce(text, zero, () => key, "readline's next key"));
}

function useLinuxErrno(module) {
  let edited = module;
  for (const name of VFS_POSIX_RETRYING) {
    edited = inFunction(edited, name, (text) =>
      replaceOnce(text, /\(i32\.const 27\)/g, () => '(i32.const 4)', `EINTR in ${name}`),
    );
  }
  const einval = wat('(i32.store (local.get $3) (i32.const 28))');
  return inFunction(edited, FILE_IOCTL, (text) =>
    replaceOnce(text, einval, () => '(i32.store (local.get $3) (i32.const 22))', 'EINVAL of ioctl'),
  );
}

function reportCloseErrors(module) {
  const pattern = wat(`
    (block $_ (br_if $_ (i32.lt_s (local.get $5) (i32.const 0))) (drop (call ${CLOSE} (local.get $5))))
    (i32.store offset=4 (local.get $0) (i32.const -1)) (local.set $5 (i32.const 0)) (br $_)`);
  const failed = wat(`(i32.store (local.get $3) (i32.load (call ${ERRNO_LOCATION}))) (br $_)`);
  return inFunction(module, FILE_IOCTL, (text) => {
    const fail = failed.exec(text);
    if (!fail) throw new Error("MicroPython's ioctl has no error exit");
    return replaceOnce(
      text,
      pattern,
      (_match, _block, _same, done) => `
        (i32.store offset=4 (local.get $0) (i32.const -1))
        (if (i32.ge_s (local.get $5) (i32.const 0)) (then
         (if (call ${CLOSE} (local.get $5)) (then (i32.store (local.get $3) (i32.load (call ${ERRNO_LOCATION}))) (br ${fail[1]})))))
        (local.set $5 (i32.const 0)) (br ${done})`,
      'close of a file',
    );
  });
}

/** Where open() looks for '+', it now also looks for 'x': O_WRONLY, O_CREAT | O_EXCL. */
function knowExclusiveMode(module) {
  const plus = wat('(br_if $_ (i32.ne (local.get $5) (i32.const 43)))');
  const x =
    '(if (i32.eq (local.get $5) (i32.const 120)) (then (local.set $4 (i32.const 1)) (local.set $6 (i32.const 192))))';
  return inFunction(module, FILE_OPEN, (text) => replaceOnce(text, plus, (match) => `${x} ${match}`, "the mode '+'"));
}

function takeAllPrintableBytes(module) {
  const ascii = wat('(i32.gt_u (i32.add (local.get $0) (i32.const -32)) (i32.const 94))');
  const control = '(i32.or (i32.lt_u (local.get $0) (i32.const 32)) (i32.eq (local.get $0) (i32.const 127)))';
  return inFunction(module, READLINE_PROCESS_CHAR, (text) =>
    replaceOnce(text, ascii, () => control, 'printable bytes'),
  );
}

function dontIndent(module) {
  const enable = wat('(i32.store8 offset=186113 (i32.const 0) (i32.const 1))');
  const never = '(i32.store8 offset=186113 (i32.const 0) (i32.const 0))';
  return inFunction(module, READLINE_INIT, (text) => replaceOnce(text, enable, () => never, 'automatic indentation'));
}

/**
 * A changed letter in an interned string leaves its stored hash as it was, so that neither the old nor the new name finds it. `js`
 * is the end of `to_js`, a function of the other module.
 */
function hideJavascript(module) {
  const hidden = replaceOnce(module, /\\00jsffi\\00/g, () => '\\00_sffi\\00', "the name 'jsffi'");
  return replaceOnce(hidden, /\\00to_js\\00/g, () => '\\00to__s\\00', "the name 'js'");
}

const EDITS = [
  addImportsAndExports,
  addVmHook,
  replaceDelays,
  giveReadlineKeys,
  takeAllPrintableBytes,
  dontIndent,
  useLinuxErrno,
  reportCloseErrors,
  knowExclusiveMode,
  hideJavascript,
];

async function patched(bytes) {
  const { default: binaryen } = await import('binaryen');
  const original = binaryen.readBinary(bytes);
  const text = EDITS.reduce((module, edit) => edit(module), original.emitText());
  const module = binaryen.parseText(text);
  module.setFeatures(original.getFeatures());
  if (!module.validate()) throw new Error("MicroPython's patched wasm is not valid");
  const result = module.emitBinary();
  module.dispose();
  original.dispose();
  return result;
}

/** Makes the patched wasm unless it is there; returns its path. Edit this file and it is made anew. */
export async function patchMicroPython() {
  const bytes = readFileSync(INPUT);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== INPUT_SHA256) throw new Error(`micropython.wasm has sha256 ${sha256}, expected ${INPUT_SHA256}`);
  const key = createHash('sha256')
    .update(sha256)
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex');
  if (existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === key) return fileURLToPath(OUTPUT);
  mkdirSync(CACHE, { recursive: true });
  const unfinished = new URL(`micropython.wasm.${process.pid}`, CACHE);
  writeFileSync(unfinished, await patched(bytes));
  renameSync(unfinished, OUTPUT);
  writeFileSync(STAMP, key);
  return fileURLToPath(OUTPUT);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await patchMicroPython());
