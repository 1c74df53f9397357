/** The page where the system cannot run: whose doing it is, what was looked at, what to change. It never reloads by itself. */
import { type ReactNode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Mark, Sign } from '../icons';
import type { Check } from '../isolation';
import { copyText } from '../terminal/copy';
import { ThemeButton } from './bar';

export function showNotIsolated(root: HTMLElement, checks: readonly Check[]): void {
  createRoot(root).render(<NotIsolated checks={checks} />);
}

/** The address asks for something that is not there. */
export function showProblem(root: HTMLElement, problem: string): void {
  createRoot(root).render(
    <Explanation title="This address asks for something that is not here">
      <p>{problem}</p>
      <div className="acts">
        <a className="btn solid" href="./">
          Start without it
        </a>
      </div>
    </Explanation>,
  );
}

function NotIsolated({ checks }: { checks: readonly Check[] }) {
  const [copied, setCopied] = useState(false);
  const { title, text } = explanation(checks);
  return (
    <Explanation title={title}>
      <p>{text}</p>
      <div className="acts">
        <button className="btn solid" type="button" onClick={() => location.reload()}>
          Try again
        </button>
        <button className="btn" type="button" onClick={async () => setCopied(await copyText(report(checks)))}>
          {copied ? 'Copied' : 'Copy this report'}
        </button>
      </div>
      <ul className="checks" aria-label="What was checked">
        {checks.map(({ name, ok, value, note }) => (
          <li key={name} className={ok ? '' : 'bad'}>
            <Sign name={ok ? 'tick' : 'cross'} />
            <span>
              {ok ? name : <b>{name}</b>}
              {note && `, ${note}`}
            </span>
            <code>{value}</code>
          </li>
        ))}
      </ul>
      <h2>If this is your server</h2>
      <Hosts />
    </Explanation>
  );
}

function Explanation({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="explaining">
      <header className="bar">
        <a className="wordmark" href="./">
          <Mark />
          vmfs
        </a>
        <span className="grow" />
        <ThemeButton />
      </header>
      <main className="explain">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}

const FAILED: Readonly<Record<string, { title: string; text: string }>> = {
  'Secure address': {
    title: 'This address is not secure',
    text: 'Each part of this system runs in its own thread and shares memory with its neighbours. Browsers allow that only over https, or on localhost. Your disks are safe.',
  },
  'WebAssembly and module workers': {
    title: 'This browser lacks something the system needs',
    text: 'It takes WebAssembly, module workers and Atomics.waitAsync: Chrome, Edge or Opera from version 87, Firefox from 145, Safari from 16.4. Your disks are safe.',
  },
};
const HEADERS = {
  title: 'The web server left out two headers',
  text: 'Each part of this system runs in its own thread and shares memory with its neighbours. Browsers allow that only on pages served with two extra headers. This one came without them, so the system cannot start. Your disks are safe.',
};

function explanation(checks: readonly Check[]): { title: string; text: string } {
  const failed = checks.find(({ name, ok }) => !ok && name in FAILED);
  return failed ? FAILED[failed.name]! : HEADERS;
}

function report(checks: readonly Check[]): string {
  return checks.map(({ name, ok, value }) => `${ok ? 'ok    ' : 'FAILED'} ${name}: ${value}`).join('\n');
}

const NETLIFY = `# _headers
/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp`;
const NGINX = `location / {
  add_header Cross-Origin-Opener-Policy same-origin always;
  add_header Cross-Origin-Embedder-Policy require-corp always;
}`;

function Hosts() {
  return (
    <>
      <details open>
        <summary>Netlify, Cloudflare Pages</summary>
        <p>The build writes this file into dist. Publish it with the rest.</p>
        <pre>{NETLIFY}</pre>
      </details>
      <details>
        <summary>nginx</summary>
        <pre>{NGINX}</pre>
      </details>
      <details>
        <summary>GitHub Pages</summary>
        <p>
          It sends no headers of yours. The page's service worker adds them after one reload; private windows may forbid
          service workers.
        </p>
      </details>
      <details>
        <summary>In an iframe on someone else's page</summary>
        <p>
          A frame is isolated only when the page around it is, too. Link to this page instead: it opens in a tab of its
          own.
        </p>
      </details>
    </>
  );
}
