/** The page's only Trusted Types policy: scripts come from this origin, and neither HTML nor script text is made from strings. */

/** The part of the browser's interface that is used; TypeScript's DOM library does not have it yet. */
interface TrustedTypes {
  createPolicy(name: 'default', rules: { createScriptURL(url: string): string }): unknown;
}

/** Call this before the first worker is started: its URL is a string, which the policy turns into one that may run. */
export function allowOwnScripts(): void {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      const { origin, protocol } = new URL(url, document.baseURI);
      // A blob: URL has this origin, and its text could come from anywhere.
      const ours = origin === location.origin && protocol === location.protocol;
      if (!ours) throw new TypeError(`Foreign script refused: ${url}`);
      return url;
    },
  });
}
