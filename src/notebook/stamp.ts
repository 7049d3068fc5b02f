/** On what a notebook's outputs rest: the last cell of each. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { readEnvironment } from '../run/environment.js';
import { armOf } from '../run/experiments/planRuns.js';
import type { RunRecord } from '../run/record.js';
import { type Displayable, jupyterDisplay } from './display.js';
import { currentScale } from './scale.js';
import { tableHtml, tableText } from './tableText.js';

export interface StampOptions {
  /** Runs that were used. Their seeds are listed. */
  readonly records?: readonly RunRecord[];
  /** Seed of what the notebook trained itself. */
  readonly seed?: number;
}

/** The keys of the runs by arm, seeds, versions and machine, as a table. */
export function stamp({ records = [], seed }: StampOptions = {}): Displayable {
  const { neoteny, commit, dirty, node, tensorflow, platform, cpu, cores } = readEnvironment();
  const seeds = [...new Set([...(seed === undefined ? [] : [seed]), ...records.map(({ spec }) => Number(spec['seed'] ?? 0))])];
  const arms = sortArms(records.map(({ spec }) => armOf(spec)));
  const rows = [
    ...arms.map((arm) => [`runs: ${armLabel(arm) || 'all'}`, keys(records.filter(({ spec }) => armOf(spec) === arm))]),
    ['seed', seeds.join(', ')],
    ['scale', currentScale()],
    ['neoteny', `${neoteny}${commit === null ? '' : `, commit ${commit.slice(0, 10)}${dirty === true ? ' with changes' : ''}`}`],
    ['Node', node],
    ['TensorFlow', tensorflow ?? 'not native'],
    ['machine', `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${platform}`],
  ];
  const table = { columns: ['', ''], rows };
  return { [jupyterDisplay]: () => ({ 'text/html': tableHtml(table), 'text/plain': tableText(table).trimStart() }) };
}

/** `imp-1af1e07e62e6-r1, r2, r3`: replicates share the beginning of their keys. */
function keys(records: readonly RunRecord[]): string {
  const groups = new Map<string, string[]>();
  for (const { key } of records) {
    const [, start = key, end = ''] = /^(.*)-(r\d+)$/.exec(key) ?? [];
    groups.set(start, [...(groups.get(start) ?? []), end]);
  }
  return [...groups].map(([start, ends]) => (ends[0] === '' ? start : `${start}-${ends.join(', ')}`)).join('; ');
}
