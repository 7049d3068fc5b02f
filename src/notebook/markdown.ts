/** Prose with numbers in it. */
import { type Displayable, jupyterDisplay } from './display.js';

/**
 * Sentences in Markdown that show themselves as one paragraph, so that numbers in a notebook's prose come from its cells:
 * show(markdown(`It stops **${ratio.toFixed(1)}** times earlier.`)). Markdown may hold HTML, so do not put foreign text into it.
 */
export function markdown(...sentences: readonly string[]): Displayable {
  const text = sentences.join(' ');
  return { [jupyterDisplay]: () => ({ 'text/markdown': text, 'text/plain': text }) };
}
