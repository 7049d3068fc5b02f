import escapeHtml from 'escape-html';
import { armLabel } from '../../analysis/arms.js';
import { percent } from '../../analysis/claim.js';
import { compareSpecs, type Difference } from '../../run/compareSpecs.js';
import { defaultsOf, experiments } from '../../run/experiments/experiments.js';
import type { LevelSummary, RunRecord } from '../../run/record.js';
import { isPlainObject } from '../../ticket/canonicalJson.js';
import type { MimeBundle } from '../display.js';
import { type Rows, tableHtml, tableText } from '../tableText.js';
import type { Kind } from './kind.js';

/** A run: what was asked for beside the defaults, its state, its key, and a table of its levels. */
export const runKind: Kind<RunRecord> = { is: isRun, bundle: runBundle };

export function isRun(value: unknown): value is RunRecord {
  if (!isPlainObject(value) || typeof value['key'] !== 'string' || !Array.isArray(value['rows']) || !isPlainObject(value['spec']))
    return false;
  const { experiment, replicate } = value['spec'];
  return typeof experiment === 'string' && typeof replicate === 'number' && ['done', 'partial', 'failed'].includes(String(value['status']));
}

/** Options that differ from the experiment's defaults, apart from arm and replicate; all of them for an unknown experiment. */
export function optionsOf({ spec }: RunRecord): Difference[] {
  const standard = Object.hasOwn(experiments, spec.experiment) ? defaultsOf(spec.experiment) : {};
  return compareSpecs(standard, spec).filter(({ path, b }) => b !== undefined && !['arm', 'replicate', 'experiment'].includes(path));
}

/** The arm for people; empty without arms. */
export function armText({ spec }: RunRecord): string {
  return typeof spec['arm'] === 'string' ? armLabel(spec['arm']) : '';
}

/** The finished levels of a run, in order. */
export function levelRows({ rows }: RunRecord): LevelSummary[] {
  return rows.filter((row): row is LevelSummary => row.kind === 'level').sort((a, b) => a.level - b.level);
}

function runBundle(run: RunRecord): MimeBundle {
  const facts = { columns: ['', ''], rows: factsOf(run) };
  const levels = levelTable(run);
  const notes =
    levels.rows.length === 0
      ? `${run.rows.length} rows, none of them a finished level`
      : 'Accuracies in per cent; stop: iteration of the least validation loss.';
  return {
    'text/html': [tableHtml(facts), ...(levels.rows.length === 0 ? [] : [tableHtml(levels)]), `<p>${escapeHtml(notes)}</p>`].join('\n'),
    'text/plain': [tableText(facts).trimStart(), ...(levels.rows.length === 0 ? [] : [tableText(levels)]), notes].join('\n\n'),
  };
}

function factsOf(run: RunRecord): string[][] {
  const { key, spec, status } = run;
  const options = optionsOf(run).map(({ path, b }) => `${path} = ${JSON.stringify(b)}`);
  const arm = armText(run);
  return [
    ['run', key],
    ['status', status],
    ['experiment', `${spec.experiment}${arm === '' ? '' : `, ${arm}`}, replicate ${spec.replicate}`],
    ['options', options.length === 0 ? 'all as by default' : options.join('; ')],
  ];
}

function levelTable(run: RunRecord): Rows {
  const accuracy = (share: number): string => percent(share).replace(' %', '');
  return {
    columns: ['level', 'density', 'kept', 'steps', 'stop', 'test at stop', 'test at end', 'validation', 'train', 'ticket'],
    rows: levelRows(run).map((level) => [
      level.level,
      Number(level.density.toPrecision(4)),
      level.kept,
      level.steps,
      level.earlyStop,
      ...[level.testAtEarlyStop, level.testAtEnd, level.validationAtEnd, level.trainAtEnd].map(accuracy),
      level.ticket,
    ]),
  };
}
