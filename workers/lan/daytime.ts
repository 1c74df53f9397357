/** The daytime service's line, RFC 867: the time in words, in UTC. */

const encoder = new TextEncoder();

export const daytime = (unixMs: number): Uint8Array => encoder.encode(`${new Date(unixMs).toUTCString()}\r\n`);
