import escapeHtml from 'escape-html';
import { sortArms, armLabel } from '../../analysis/arms.js';
import { mean, standardDeviation } from '../../analysis/confidence.js';
import type { RunRecord } from '../../run/record.js';
import type { MimeBundle } from '../display.js';
import { type Rows, tableHtml, tableText } from '../tableText.js';
import type { Kind } from './kind.js';
import { armText, isRun, levelRows, optionsOf } from './runKind.js';

/** Runs beside one another: each arm's last level over its replicates, and what was asked of every run. */
export const runsKind: Kind<readonly RunRecord[]> = {
  is: (value): value is readonly RunRecord[] => Array.isArray(value) && value.length > 0 && value.every(isRun),
  bundle: runsBundle,
};

/** Runs listed one by one. */
const limit = 40;

function runsBundle(runs: readonly RunRecord[]): MimeBundle {
  const [arms, list] = [armTable(runs), runTable(runs)];
  const shared = sharedOptions(runs);
  const note = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${runs.length > limit ? `, the first ${limit} listed` : ''}. Options of all: ${shared || 'as by default'}. Accuracies in per cent, of the last finished level; sd over replicates.`;
  const [head, body] = [arms.rows.length > 0 ? [arms] : [], [list]];
  const all = [...head, ...body];
  return {
    'text/html': `${all.map(tableHtml).join('\n')}\n<p>${escapeHtml(note)}</p>`,
    'text/plain': `${all.map(tableText).join('\n\n')}\n\n${note}`,
  };
}

const accuracy = (share: number): string => (100 * share).toFixed(2);

function armTable(runs: readonly RunRecord[]): Rows {
  const names = sortArms(runs.flatMap(({ spec }) => (typeof spec['arm'] === 'string' ? [spec['arm']] : [])));
  const rows = names.flatMap((arm) => {
    const last = runs.filter(({ spec }) => spec['arm'] === arm).flatMap((run) => levelRows(run).slice(-1));
    if (last.length === 0) return [];
    const over = (value: (row: (typeof last)[number]) => number): [string, string] => {
      const values = last.map(value);
      return [accuracy(mean(values)), values.length < 2 ? '' : accuracy(standardDeviation(values))];
    };
    return [
      [
        armLabel(arm),
        last.length,
        Number(mean(last.map(({ density }) => density)).toPrecision(4)),
        ...over((row) => row.testAtEarlyStop),
        ...over((row) => row.testAtEnd),
      ],
    ];
  });
  return { columns: ['arm', 'replicates', 'density', 'test at stop', 'sd', 'test at end', 'sd'], rows };
}

/** Each run with the options in which the runs differ from one another. */
function runTable(runs: readonly RunRecord[]): Rows {
  const options = runs.map((run) => new Map(optionsOf(run).map(({ path, b }) => [path, JSON.stringify(b)])));
  const names = [...new Set(options.flatMap((own) => [...own.keys()]))].filter(
    (name) => new Set(options.map((own) => own.get(name))).size > 1,
  );
  const rows = runs.slice(0, limit).map((run, i) => {
    const levels = levelRows(run);
    const last = levels.at(-1);
    const own = names.map((name) => options[i]?.get(name) ?? 'default');
    return [
      run.key,
      armText(run),
      run.spec.replicate,
      run.status,
      ...own,
      levels.length,
      last === undefined ? '' : accuracy(last.testAtEnd),
    ];
  });
  return { columns: ['run', 'arm', 'replicate', 'status', ...names, 'levels', 'test at end'], rows };
}

function sharedOptions(runs: readonly RunRecord[]): string {
  const [first = [], ...others] = runs.map((run) => optionsOf(run).map(({ path, b }) => `${path} = ${JSON.stringify(b)}`));
  return first.filter((option) => others.every((own) => own.includes(option))).join('; ');
}
