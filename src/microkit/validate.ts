/**
 * Every way a description can be wrong, one plain sentence each, before any worker starts. The rules are Microkit's (its manual,
 * "Concepts" and "System Description File") where it has one, and else what loader and programs rely on.
 */
import type { SystemDescription } from './sdf';
import { channelMistakes } from './validate_channels';
import { domainMistakes } from './validate_domains';
import { regionMistakes } from './validate_regions';

/** Throws the first mistake. `images` are the folders under workers/. */
export function validate(description: SystemDescription, images: readonly string[]): void {
  for (const mistake of mistakes(description, images)) throw new Error(mistake);
}

/** What is wrong, most basic first: later rules may take for granted what earlier ones look for. */
function* mistakes(description: SystemDescription, images: readonly string[]): Generator<string> {
  yield* regionMistakes(description);
  yield* domainMistakes(description, images);
  yield* channelMistakes(description);
}
