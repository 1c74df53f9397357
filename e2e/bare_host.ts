/** A host that sends files and no headers of ours, as GitHub Pages does: the build under a path, on a port of its own. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const PATH = '/some/path/';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export class BareHost {
  /** Paths asked for, in order. */
  readonly requests: string[] = [];
  /** Files sent instead of those of the build. */
  readonly instead = new Map<string, string>();

  private constructor(readonly server: Server) {}

  static async start(): Promise<BareHost> {
    const server = createServer();
    const host = new BareHost(server);
    server.on('request', ({ url = '/' }, response) => {
      const path = new URL(url, 'http://host').pathname;
      const name = path === PATH ? 'index.html' : path.slice(PATH.length);
      host.requests.push(name);
      const file = join(DIST, normalize(`/${name}`));
      response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream');
      const other = host.instead.get(name);
      if (other !== undefined) return response.end(other);
      if (path.startsWith(PATH) && existsSync(file) && statSync(file).isFile())
        return createReadStream(file).pipe(response);
      return response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${PATH}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
