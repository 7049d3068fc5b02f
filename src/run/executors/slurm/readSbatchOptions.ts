/** Options for sbatch as a user writes them. */
import { invalid, UserError } from '../../../check.js';

/** What the sweep itself sets. */
const own =
  /^(--(array|dependency|job-name|wrap|parsable|output|error|open-mode|test-only|wait|uid|chdir|input|kill-on-invalid-dep)|-[aJWDoei])(=|$)/;
const ownDependency = /^-d/;

/**
 * The words of a text of options: `--partition=gpu --gres=gpu:1`. Quotes keep spaces together.
 * @throws UserError for a word that is no option, which sbatch would take for a script, or an option that a sweep needs for itself
 * @example readSbatchOptions('-p gpu --comment="two words"') // => ['-p', 'gpu', '--comment=two words']
 */
export function readSbatchOptions(text: string): string[] {
  const words = [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''),
  );
  words.forEach((word, i) => {
    if (own.test(word) || ownDependency.test(word)) throw new UserError(`the option '${word}' of sbatch is set by the sweep itself`);
    const value = /^-[A-Za-z]$/.test(words[i - 1] ?? '') && !word.startsWith('-');
    if (!value && !/^-./.test(word)) throw invalid('option for sbatch', 'words that begin with a dash, such as --partition=gpu', word);
  });
  return words;
}
