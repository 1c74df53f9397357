/** Light, dark, or as the system has it. Colours are declared once with light-dark(); this only says which of the two. */
import { keep, kept, oneOf } from './kept';

export type Theme = 'system' | 'light' | 'dark';
const THEMES = ['system', 'light', 'dark'] as const;

export function keptTheme(): Theme {
  return kept('theme', oneOf(...THEMES), 'system');
}

export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function setTheme(theme: Theme): void {
  keep('theme', theme);
  showTheme(theme);
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
}
