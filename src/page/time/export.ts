/** The recording as a file. */
import { chromeTrace } from './export_chrome';
import { exportModel } from './export_model';
import { perfettoTrace } from './export_perfetto';
import { textTrace } from './export_text';
import type { Recording } from './recording';

export const EXPORTS = {
  perfetto: { label: 'Perfetto', name: 'pftrace', type: 'application/octet-stream' },
  chrome: { label: 'Chrome trace', name: 'trace.json', type: 'application/json' },
  text: { label: 'Text', name: 'trace.txt', type: 'text/plain' },
} as const;

export type ExportFormat = keyof typeof EXPORTS;

export function exported(format: ExportFormat, recording: Recording): Uint8Array<ArrayBuffer> {
  const model = exportModel(recording);
  if (format === 'perfetto') return perfettoTrace(model);
  return new TextEncoder().encode(format === 'chrome' ? chromeTrace(model) : textTrace(model));
}
