/**
 * A worker can reach the network, storage and other workers; a protection domain can reach its regions and channels. This gives the
 * rest away. Python cannot call JavaScript at all (no_javascript.ts): this is the second wall, should there be a hole in the first.
 * Not given away: postMessage, which the control plane needs.
 */
const GLOBALS = [
  'fetch',
  'fetchLater',
  'XMLHttpRequest',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'EventSource',
  'RTCPeerConnection',
  'BroadcastChannel',
  'Worker',
  'SharedWorker',
  'importScripts',
  'indexedDB',
  'caches',
  'CacheStorage',
  'StorageManager',
  'FileSystemHandle',
  'FileSystemFileHandle',
  'FileSystemDirectoryHandle',
  'webkitRequestFileSystem',
  'webkitRequestFileSystemSync',
  'webkitResolveLocalFileSystemURL',
  'webkitResolveLocalFileSystemSyncURL',
  'Notification',
  'eval',
  'Function',
] as const;
const NAVIGATOR = ['storage', 'storageBuckets', 'locks', 'serviceWorker', 'usb', 'hid', 'serial', 'gpu'] as const;

export function renounce(scope: object): void {
  const { navigator } = scope as { navigator?: object };
  for (const name of GLOBALS) take(scope, name);
  if (navigator) for (const name of NAVIGATOR) take(navigator, name);
}

/** Removes a property wherever it is inherited from, and leaves nothing that could be set again. */
function take(from: object, name: string): void {
  for (let holder: object | null = from; holder; holder = Object.getPrototypeOf(holder)) {
    if (Object.getOwnPropertyDescriptor(holder, name)?.configurable) Reflect.deleteProperty(holder, name);
  }
  if (!Object.getOwnPropertyDescriptor(from, name)) Object.defineProperty(from, name, { value: undefined });
}
