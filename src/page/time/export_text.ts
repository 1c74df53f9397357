/** The recording as text, one line for each time that a domain ran: for a mail, a diff, grep. */
import type { ExportModel } from './export_model';

export function textTrace({ board, tracks, lost }: ExportModel): string {
  const width = Math.max(...tracks.map(({ name }) => name.length));
  const lines = tracks
    .flatMap(({ name, slices }) => slices.map((slice) => ({ ...slice, name })))
    .sort((a, b) => a.start - b.start)
    .map(({ name, start, end, happened }) => {
      const ran = `${((end - start) / 1000).toFixed(1)} us`;
      return `${(start / 1e6).toFixed(4).padStart(12)} ms  ${name.padEnd(width)}  ${ran.padStart(10)}  ${happened.join('; ')}`.trimEnd();
    });
  const head = `# ${board}, ${lines.length} times that a domain ran; ${lost} older records were overwritten unread`;
  return `${[head, ...lines].join('\n')}\n`;
}
