/** A server of the build and of disk images, over real HTTP: with ranges or without, and with an image that can be changed. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECURITY_HEADERS } from '../src/offline/headers';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export class ImageHost {
  readonly images = new Map<string, { bytes: Buffer; etag: string }>();
  ranges = true;
  /** `name range`, in order; without a range the name alone. */
  readonly asked: string[] = [];

  private constructor(readonly server: Server) {}

  static async start(): Promise<ImageHost> {
    const server = createServer();
    const host = new ImageHost(server);
    server.on('request', ({ url = '/', headers }, response) => {
      const name = decodeURI(new URL(url, 'http://host').pathname).slice(1) || 'index.html';
      for (const [header, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(header, value);
      const image = host.images.get(name);
      const file = join(DIST, normalize(`/${name}`));
      if (!image && !(existsSync(file) && statSync(file).isFile())) return response.writeHead(404).end();
      response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream');
      if (!image) return response.end(readFileSync(file));
      host.asked.push(headers.range ? `${name} ${headers.range}` : name);
      const { bytes, etag } = image;
      response.setHeader('ETag', etag);
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
      if (!host.ranges || first === undefined) return response.setHeader('Content-Length', bytes.length).end(bytes);
      const part = bytes.subarray(Number(first), Number(last) + 1);
      response.setHeader('Content-Range', `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`);
      return response.writeHead(206, { 'Content-Length': part.length }).end(part);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Bytes of `name` that ranges have asked for. */
  fetched(name: string): number {
    const ranges = this.asked.flatMap((line) => (line.startsWith(`${name} `) ? [/(\d+)-(\d+)$/.exec(line)!] : []));
    return ranges.reduce((sum, [, first, last]) => sum + Number(last) - Number(first) + 1, 0);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
