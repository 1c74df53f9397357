/** The interpreter's code, which scripts/patch_micropython.mjs makes, fetched and compiled while the other domains start. */
import url from '../../.cache/micropython.wasm?url';

export async function compiled(): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be loaded: ${response.status}`);
  // Some hosts serve .wasm without its media type, which streaming insists on.
  if (response.headers.get('content-type') !== 'application/wasm') {
    return WebAssembly.compile(await response.arrayBuffer());
  }
  return WebAssembly.compileStreaming(response);
}
