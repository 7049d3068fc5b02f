/** Search, surface and profiles of growing tickets, for a terminal. */
import { armLabel, sortArms } from '../../analysis/arms.js';
import { mean } from '../../analysis/confidence.js';
import { profileCorrelations, profileTable } from '../../analysis/profileTable.js';
import { searchClaims } from '../../analysis/searchClaims.js';
import { searchTable } from '../../analysis/searchTable.js';
import { surfaceCells } from '../../analysis/surfaceCells.js';
import { groupRows, type TableRow, toRows } from '../../analysis/table.js';
import { profileReport, searchReport, surfaceReport } from '../../figure/report/growthReport.js';
import { stream } from '../../random.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

export const searchResults: Results = {
  table(records) {
    const data = toRows(searchTable(records));
    const titles = ['arm', 'replicate', 'test', 'at stop', 'depth', 'parameters', 'density', 'kept', 'extensions', 'why it ended'];
    const order = sortArms(data.map(({ arm }) => String(arm)));
    const rows = [...data].sort((a, b) => order.indexOf(String(a.arm)) - order.indexOf(String(b.arm)));
    return {
      title: 'Test accuracy in % of what was found, and of its architecture from scratch',
      columns: titles.map((title, i) => ({ title, right: i > 0 && i < titles.length - 1 })),
      rows: rows.map((row) => [
        ...[armLabel(String(row.arm)), String(row.replicate), percent(Number(row.test)), percent(Number(row.testAtEarlyStop))],
        ...[String(row.depth), count(Number(row.parameters)), Number(row.density).toFixed(3), count(Number(row.kept))],
        ...[row.extensions === null ? '-' : String(row.extensions), row.reason === null ? '-' : String(row.reason)],
      ]),
      data,
      note: 'at stop: at the iteration of the least validation loss; parameters: of the dense architecture, kept: weights of the ticket',
    };
  },
  claims: (records) => searchClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: searchReport,
};

export const surfaceResults: Results = {
  table(records) {
    const cells = toRows(surfaceCells(records)).map((row): TableRow => ({ ...row, rounded: Number(Number(row.density).toPrecision(2)) }));
    const densities = [...new Set(cells.map(({ rounded }) => Number(rounded)))].sort((a, b) => b - a);
    const data = groupRows(cells, ['arm', 'depth']).map((group) => {
      const at = densities.map((density) => {
        const own = group.filter(({ rounded }) => rounded === density).map(({ testAtEnd }) => Number(testAtEnd));
        return own.length === 0 ? null : mean(own);
      });
      return { arm: String(group[0]?.arm), depth: Number(group[0]?.depth), at };
    });
    return {
      title: 'Test accuracy in % by depth and density, mean over replicates',
      columns: ['arm', 'depth', ...densities.map(String)].map((title, i) => ({ title, right: i > 0 })),
      rows: data.map(({ arm, depth, at }) => [armLabel(arm), String(depth), ...at.map(percent)]),
      data,
    };
  },
  claims: () => [],
  report: surfaceReport,
};

export const profileResults: Results = {
  table(records) {
    const data = toRows(profileCorrelations(profileTable(records), { random: stream(0, 'bootstrap') }));
    const number = (value: unknown): string => (typeof value === 'number' ? value.toFixed(2) : '-');
    const titles = ['measure', 'predicted', 'correlation', 'low', 'high', 'tickets', 'verdict'];
    return {
      title: "Rank correlation of each measure with the gain over the same mask's fresh weights",
      columns: titles.map((title, i) => ({ title, right: i > 0 && i < 6 })),
      rows: data.map((row) => [
        ...[String(row.label), Number(row.predicted) > 0 ? '+' : '−', number(row.correlation), number(row.low), number(row.high)],
        ...[String(row.n), String(row.verdict)],
      ]),
      data,
      note: 'low, high: 95 % bootstrap interval, whole runs resampled',
    };
  },
  claims: () => [],
  report: profileReport,
};
