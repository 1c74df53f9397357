/** The lists in a node's panel. */
import type { ReactNode } from 'react';
import type { ChannelFact, EventFact, RegionFact } from '../graph/node_facts';
import { bytesWords } from '../storage_words';

function Section({ title, empty, children }: { title: string; empty: string | false; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {empty === false ? children : <p className="node-empty">{empty}</p>}
    </section>
  );
}

export function NodeChannels({ facts }: { facts: readonly ChannelFact[] }) {
  return (
    <Section title="Channels" empty={facts.length === 0 && 'None.'}>
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col">Name</th>
            <th scope="col">To</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(({ id, symbol, peer, peerId, what }) => (
            <tr key={id}>
              <td>{id}</td>
              <td>{symbol}</td>
              <td>
                {peer} {peerId}
              </td>
              <td className="plain">{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function NodeRegions({ facts }: { facts: readonly RegionFact[] }) {
  return (
    <Section title="Memory" empty={facts.length === 0 && 'No regions: only registers of the processor.'}>
      <table>
        <thead>
          <tr>
            <th scope="col">Region</th>
            <th scope="col">Rights</th>
            <th scope="col">Size</th>
            <th scope="col">Also maps it</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(({ name, symbol, perms, size, paddr, others }) => (
            <tr key={name}>
              <td className="region" title={paddr === undefined ? symbol : `${symbol}, at 0x${paddr.toString(16)}`}>
                {name}
              </td>
              <td>{perms}</td>
              <td className="number">{bytesWords(size)}</td>
              <td>{others.length === 0 ? '' : others.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function NodeEvents({ facts }: { facts: readonly EventFact[] }) {
  return (
    <Section title="Last events" empty={facts.length === 0 && 'It has recorded nothing yet.'}>
      <ol className="node-events">
        {facts.map(({ sequence, time, words }) => (
          <li key={sequence}>
            <span>{time.toFixed(2)} ms</span>
            {words}
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function NodeLog({ lines }: { lines: readonly string[] }) {
  return (
    <Section title="On the terminal" empty={lines.length === 0 && 'It has printed nothing.'}>
      <pre className="node-log">{lines.join('\n')}</pre>
    </Section>
  );
}
