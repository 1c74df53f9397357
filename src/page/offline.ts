/** Starts the service worker (src/offline), which sends isolation headers where the host does not and keeps the build for offline use. */

/** Fulfilled when the service worker is active; rejected when it cannot be. It serves this page from the next load on. */
export async function serviceWorkerActive(): Promise<void> {
  if (import.meta.env.DEV) throw new Error('The development server has none.');
  if (!('serviceWorker' in navigator)) throw new Error('It has none.');
  const script = new URL('service_worker.js', document.baseURI).href;
  const registration = await navigator.serviceWorker.register(script);
  const starting = registration.installing ?? registration.waiting;
  if (registration.active || !starting) return;
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (starting.state === 'activated') resolve();
      if (starting.state === 'redundant') reject(new Error('The service worker could not be installed.'));
    };
    starting.addEventListener('statechange', look);
    look();
  });
}

/**
 * Keeps this build for use without a network. Call it when the system is up: it fetches every file of the build once. The
 * development server has no service worker. Where the browser refuses, the page works all the same, online.
 */
export async function keepForOffline(): Promise<boolean> {
  return serviceWorkerActive().then(
    () => true,
    () => false,
  );
}
