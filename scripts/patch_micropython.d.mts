/** Makes the patched wasm of MicroPython unless it is there; returns its path. */
export function patchMicroPython(): Promise<string>;
