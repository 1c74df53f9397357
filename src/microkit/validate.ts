/** Every way a description can be wrong, one plain sentence each, before any worker starts. */
import type { SystemDescription } from './sdf';

export function validate(_description: SystemDescription, _images: readonly string[]): void {}
