/** Text from data, for Plotly: it reads a subset of HTML, `%{...}` in templates, and `$...$` as mathematics. */

/**
 * The same text to the eye, without markup.
 * @example escapeText('<b>a & b</b>') // => '&lt;b&gt;a &amp; b&lt;/b&gt;'
 */
export function escapeText(text: string): string {
  return text.replace(/[&<>$]|%(?=\{)/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', $: '&#36;' })[c] ?? '&#37;');
}
