/** Speed and final accuracy of boosting runs by arm. Li et al. 2020, arXiv:2003.05733, table 5. */
import type { RunRecord } from '../run/record.js';
import { armLabel, sortArms } from './arms.js';
import { boostingTable } from './boostingTable.js';
import { mean } from './confidence.js';
import { fromRows, groupRows, type Table, type TableRow, toRows } from './table.js';

/**
 * One row for each arm and density, in the order of arms: `arm` (its name for people), `density`, `replicates`, and means over them:
 * `first` (validation accuracy after one epoch), `earlyStopEpoch` with its least and greatest, `testAtEarlyStop`, `testAtEnd`.
 */
export function boostingSummary(records: readonly RunRecord[]): Table {
  const rows = toRows(boostingTable(records));
  const groups = sortArms(rows.map(({ arm }) => String(arm))).flatMap((arm) => groupRows(ofArm(rows, arm), ['level']));
  const table = groups.map((own): TableRow => {
    const epochs = numbers(own, 'earlyStopEpoch');
    return {
      ...{ arm: armLabel(String(own[0]?.arm)), density: average(own, 'density'), replicates: own.length, first: average(own, 'first') },
      ...{ earlyStopEpoch: average(own, 'earlyStopEpoch'), earliest: least(epochs, 1), latest: least(epochs, -1) },
      ...{ testAtEarlyStop: average(own, 'testAtEarlyStop'), testAtEnd: average(own, 'testAtEnd') },
    };
  });
  const columns = ['arm', 'density', 'replicates', 'first', 'earlyStopEpoch', 'earliest', 'latest', 'testAtEarlyStop', 'testAtEnd'];
  return fromRows(table, columns);
}

const ofArm = (rows: readonly TableRow[], arm: string): TableRow[] => rows.filter((row) => row.arm === arm);

function numbers(rows: readonly TableRow[], column: string): number[] {
  return rows.map((row) => row[column]).filter((value): value is number => typeof value === 'number');
}

function average(rows: readonly TableRow[], column: string): number | null {
  const values = numbers(rows, column);
  return values.length === 0 ? null : mean(values);
}

/** The least of the values times sign, so that -1 gives the greatest; null for none. */
function least(values: readonly number[], sign: 1 | -1): number | null {
  return values.length === 0 ? null : sign * Math.min(...values.map((value) => sign * value));
}
