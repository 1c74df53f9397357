/** CodeMirror, with what a small program needs. Loaded when the first file is edited. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface EditorOptions {
  readonly text: string;
  readonly python: boolean;
  /** For whoever does not see it. */
  readonly label: string;
  typed(text: string): void;
  save(): void;
  run(): void;
}

export interface Editor {
  /** The text comes from elsewhere; it can be undone. */
  replace(text: string): void;
  focus(): void;
  close(): void;
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--driver)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--client)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--virt)' },
  { tag: [tags.comment], color: 'var(--ink-3)', fontStyle: 'italic' },
  {
    tag: [tags.definition(tags.variableName), tags.function(tags.variableName)],
    color: 'var(--ink)',
    fontWeight: '600',
  },
  { tag: tags.meta, color: 'var(--vm)' },
  { tag: tags.invalid, color: 'var(--fault)' },
]);

const LOOKS = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--term)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-3)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--raised)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--signal-w)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'transparent', outline: '1px solid var(--edge)' },
  '.cm-specialChar': { color: 'var(--fault)' },
});

export function openEditor(place: Element, options: EditorOptions): Editor {
  const view = new EditorView({ parent: place, state: stateOf(options) });
  // It scrolls, so the keys must reach it; the text in it has the focus as a rule.
  view.scrollDOM.tabIndex = 0;
  return {
    replace: (text) => {
      if (text === view.state.sliceDoc()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) } });
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

function stateOf({ text, python: isPython, label, typed, save, run }: EditorOptions): EditorState {
  const act = (work: () => void) => () => {
    work();
    return true;
  };
  return EditorState.create({
    doc: text,
    extensions: [
      // Line ends stay what they are: a lone CR in the middle of others is a character and is shown.
      EditorState.lineSeparator.of(/^[^\n]*\r\n/.test(text) && !/(^|[^\r])\n/.test(text) ? '\r\n' : '\n'),
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      indentUnit.of('    '),
      EditorState.tabSize.of(4),
      syntaxHighlighting(COLOURS),
      LOOKS,
      isPython ? python() : [],
      EditorView.contentAttributes.of({
        'aria-label': `${label}. Tab indents; Escape, then Tab leaves the editor.`,
      }),
      keymap.of([
        { key: 'Mod-s', run: act(save), preventDefault: true },
        ...(isPython ? [{ key: 'Mod-Enter', run: act(run) }] : []),
        indentWithTab,
        ...defaultKeymap,
        ...historyKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) typed(update.state.sliceDoc());
      }),
    ],
  });
}
