/** How fast tickets train: accuracy after the first epoch beside the early stop. Li et al. 2020, arXiv:2003.05733. */
import type { Evaluation, LevelSummary, RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

/**
 * The levels of `boosting` runs as in `toLevels`, with
 * - `first`, the validation accuracy after one epoch, and `firstStep`, its iteration; the first measurement after the start where
 *   the length of training is not in whole epochs,
 * - `earlyStopEpoch`, the early stop in epochs (null where their length is not known),
 * - `maskRate`, the learning rate of the training that the mask comes from: the small one, or for winning tickets the large one.
 *
 * Trainings for a mask (level 0 of the arms that find one) are left out: they are not what the arms are compared by.
 */
export function boostingTable(records: readonly RunRecord[]): Table {
  const rows = boostingRuns(records).flatMap((record) =>
    toRows(toLevels([record]))
      .filter((row) => isCompared(record, Number(row.level)))
      .map((row): TableRow => {
        const measured = validations(record, Number(row.level)).filter(({ step }) => step > 0);
        const epoch = iterationsPerEpoch(record, Number(row.level));
        const first = measured.find(({ step }) => step === epoch) ?? measured[0];
        const stop = Number(row.earlyStop);
        return {
          ...row,
          ...{ first: first?.accuracy ?? null, firstStep: first?.step ?? null },
          earlyStopEpoch: epoch === undefined ? null : stop / epoch,
          maskRate: rateOf(record.spec[record.spec.arm === 'winning' ? 'learningRate' : 'maskRate']),
        };
      }),
  );
  const columns = ['arm', 'replicate', 'level', 'density', 'first', 'firstStep', 'earlyStop', 'earlyStopEpoch', 'testAtEarlyStop'];
  return fromRows(rows, [...columns, 'testAtEnd', 'maskRate', 'parameters']);
}

/**
 * Validation accuracy at whole epochs of the trainings that arms are compared by, a row for each: `arm, replicate, level, density,
 * epoch, accuracy`. Epochs that were not measured are left out.
 * @param epochs such as [1, 5, 10, 20]
 */
export function accuracyAtEpochs(records: readonly RunRecord[], epochs: readonly number[]): Table {
  const rows = boostingRuns(records).flatMap((record) =>
    toRows(toLevels([record]))
      .filter((row) => isCompared(record, Number(row.level)))
      .flatMap(({ key, arm, replicate, level, density }) => {
        const length = iterationsPerEpoch(record, Number(level));
        return epochs.flatMap((epoch): TableRow[] => {
          const found = validations(record, Number(level)).find(({ step }) => length !== undefined && step === epoch * length);
          const run: TableRow = { key: key ?? null, arm: arm ?? null, replicate: replicate ?? null };
          return found === undefined ? [] : [{ ...run, level: level ?? null, density: density ?? null, epoch, accuracy: found.accuracy }];
        });
      }),
  );
  return fromRows(rows, ['key', 'arm', 'replicate', 'level', 'density', 'epoch', 'accuracy']);
}

function boostingRuns(records: readonly RunRecord[]): RunRecord[] {
  return records.filter(({ spec }) => spec.experiment === 'boosting');
}

function isCompared({ spec }: RunRecord, level: number): boolean {
  return level !== 0 || spec.arm === 'dense';
}

function validations(record: RunRecord, level: number): Evaluation[] {
  return record.rows
    .filter((r): r is Evaluation => r.kind === 'evaluation' && r.level === level && r.split === 'validation')
    .sort((a, b) => a.step - b.step);
}

/** Of the level's training, if its length was given in whole epochs. */
function iterationsPerEpoch({ spec, rows }: RunRecord, level: number): number | undefined {
  const epochs = Number(/^(\d+)ep$/.exec(String(spec.length))?.[1]);
  const steps = rows.find((row): row is LevelSummary => row.kind === 'level' && row.level === level)?.steps;
  return epochs > 0 && steps !== undefined ? steps / epochs : undefined;
}

function rateOf(option: unknown): number | null {
  const rate = typeof option === 'object' && option !== null && 'rate' in option ? option.rate : null;
  return typeof rate === 'number' ? rate : null;
}
