/**
 * One MicroPython instance: the compiled wasm, its imports, and the few functions the client calls. A soft reset makes a new one. What
 * Emscripten's glue would do is here, because the glue brings its own file system, its own terminal and the whole of JavaScript.
 */
import { Interrupted } from '../../src/libfs/errors';
import { noJavascript } from './no_javascript';
import { WasmMemory } from './wasm_memory';

/** Upstream's heap; the stack for Python frames is in words. */
const HEAP_BYTES = 16 << 20;
const PYSTACK_WORDS = 8192;
const PAGE = 65_536;
/** A program's garbage is only collected between two prompts, so memory may grow; beyond this comes MemoryError. */
const MAX_BYTES = 1 << 30;
/** mp_js_repl_process_char: end the interpreter (Ctrl-D, SystemExit). */
const FORCED_EXIT = 0x100;
const CTRL_C = 3;
/** mp_handle_pending: raise what is pending, or drop it. */
const RAISE = 1;
const CLEAR = 2;

/** What longjmp throws: told apart from every real exception by identity. */
const LONGJMP = Symbol('longjmp');

type Import = (...args: never[]) => number | undefined | void;
export type Imports = Readonly<Record<string, Import>>;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  emscripten_stack_get_current(): number;
  _emscripten_stack_restore(stack: number): void;
  setThrew(threw: number, value: number): void;
  malloc(bytes: number): number;
  free(at: number): void;
  mp_js_init(pystackWords: number, heapBytes: number): void;
  proxy_c_init(): void;
  mp_js_do_exec(source: number, length: number, result: number): void;
  mp_js_repl_init(): void;
  mp_js_repl_process_char(key: number): number;
  mp_hal_get_interrupt_char(): number;
  mp_hal_set_interrupt_char(key: number): void;
  mp_sched_keyboard_interrupt(): void;
  mp_handle_pending(what: number): void;
  mp_repl_is_raw(): number;
}

export interface Host {
  readonly env: Imports;
  readonly wasi: Imports;
}

/** What imports may do with the interpreter that calls them. */
export interface Caller {
  readonly memory: WasmMemory;
  /** KeyboardInterrupt at the next bytecode that can raise it: for imports that C calls where nothing may be raised. */
  scheduleInterrupt(): void;
}

export type MakeHost = (caller: Caller) => Host;

export class Interpreter implements Caller {
  readonly memory = new WasmMemory();
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module, makeHost: MakeHost) {
    const { env, wasi } = makeHost(this);
    const imports = {
      env: { ...noJavascript(() => this.memory.view), ...this.#support(module), ...this.#guarded(env) },
      wasi_snapshot_preview1: this.#guarded(wasi),
    };
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    this.memory.attach(this.#exports.memory);
    this.#exports.emscripten_stack_init();
    this.#exports.__wasm_call_ctors();
    this.#exports.mp_js_init(PYSTACK_WORDS, HEAP_BYTES);
    this.#exports.proxy_c_init();
  }

  get interruptChar(): number {
    return this.#exports.mp_hal_get_interrupt_char();
  }

  /** Whether the raw REPL is active, which a soft reset does not change. */
  get raw(): boolean {
    return this.#exports.mp_repl_is_raw() !== 0;
  }

  scheduleInterrupt(): void {
    this.#exports.mp_sched_keyboard_interrupt();
  }

  /** Runs a program of ours in __main__; it handles its own exceptions. Ctrl-C interrupts it, as the REPL's programs. */
  exec(source: string): void {
    const bytes = new TextEncoder().encode(source);
    const at = this.#exports.malloc(bytes.length + 1);
    const result = this.#exports.malloc(16);
    this.memory.bytes.set(bytes, at);
    this.memory.bytes[at + bytes.length] = 0;
    this.#exports.mp_hal_set_interrupt_char(CTRL_C);
    this.#exports.mp_js_do_exec(at, bytes.length, result);
    this.#exports.mp_hal_set_interrupt_char(-1);
    this.#exports.mp_handle_pending(CLEAR);
    this.#exports.free(result);
    this.#exports.free(at);
  }

  startRepl(): void {
    this.#exports.mp_js_repl_init();
  }

  /** Gives the REPL a key; false when the interpreter wants to end. */
  replProcessChar(key: number): boolean {
    return (this.#exports.mp_js_repl_process_char(key) & FORCED_EXIT) === 0;
  }

  /** An import that was interrupted raises KeyboardInterrupt in its Python caller; longjmp passes through us on its way. */
  #guarded(imports: Imports): Imports {
    const guard = (call: Import): Import => {
      // As many as the longest has; an array of them for every call would be garbage.
      const guarded: Import = (a: never, b: never, c: never, d: never, e: never, f: never) => {
        try {
          return call(a, b, c, d, e, f);
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
        }
        this.scheduleInterrupt();
        this.#exports.mp_handle_pending(RAISE);
        throw new Error('a pending interrupt was not raised');
      };
      return guarded;
    };
    return Object.fromEntries(Object.entries(imports).map(([name, call]) => [name, guard(call)]));
  }

  /** What compiled C needs from its surroundings: setjmp and longjmp, memory, abort. */
  #support(module: WebAssembly.Module): Imports {
    const invokes = WebAssembly.Module.imports(module)
      .map(({ name }) => name)
      .filter((name) => name.startsWith('invoke_'));
    return {
      ...Object.fromEntries(invokes.map((name) => [name, this.#invoke(name.length - 'invoke_v'.length)])),
      _emscripten_throw_longjmp: () => {
        throw LONGJMP;
      },
      _abort_js: () => {
        throw new WebAssembly.RuntimeError('abort');
      },
      emscripten_resize_heap: (bytes: number) => this.#grow(bytes >>> 0),
      mp_js_random_u32: () => crypto.getRandomValues(new Uint32Array(1))[0]! | 0,
    };
  }

  /** Calls through the table where C has set a jump target. Written out by arity: this is on the path of every Python call. */
  #invoke(arity: number): Import {
    const invoke = (call: () => number): number => {
      const stack = this.#exports.emscripten_stack_get_current();
      try {
        return call();
      } catch (error) {
        this.#exports._emscripten_stack_restore(stack);
        if (error !== LONGJMP) throw error;
        this.#exports.setThrew(1, 0);
        return 0;
      }
    };
    const at = (f: number) => this.#exports.__indirect_function_table.get(f) as (...args: number[]) => number;
    const byArity: readonly Import[] = [
      (f: number) => invoke(() => at(f)()),
      (f: number, a: number) => invoke(() => at(f)(a)),
      (f: number, a: number, b: number) => invoke(() => at(f)(a, b)),
      (f: number, a: number, b: number, c: number) => invoke(() => at(f)(a, b, c)),
      (f: number, a: number, b: number, c: number, d: number) => invoke(() => at(f)(a, b, c, d)),
      (f: number, a: number, b: number, c: number, d: number, e: number) => invoke(() => at(f)(a, b, c, d, e)),
    ];
    return byArity[arity]!;
  }

  #grow(bytes: number): number {
    const { memory } = this.#exports;
    const more = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
    if (bytes > MAX_BYTES) return 0;
    try {
      memory.grow(Math.max(0, more));
      return 1;
    } catch {
      return 0;
    }
  }
}
