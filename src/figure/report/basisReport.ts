/** The report on tickets in any basis (Alabdulmohsin et al. 2021, arXiv:2107.06825). */
import { basisClaims } from '../../analysis/basisClaims.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { toLevels, toPoints } from '../../analysis/toTable.js';
import { toRows } from '../../analysis/table.js';
import type { RunRecord } from '../../run/record.js';
import { byCoefficients } from '../byCoefficients.js';
import { filtersByBasis } from '../filtersByBasis.js';
import type { Block, Report } from './htmlReport.js';
import { type ReportContext, runsSection } from './runsSection.js';

const structured = ['units', 'lowRank'];

/** The report as data; `htmlReport` writes it. Unfinished runs count as far as they are. */
export function basisReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'basis');
  const levels = toLevels(own);
  const arms = [...new Set(toRows(levels).map((row) => String(row.arm)))];
  const claims = basisClaims(own);
  const filters = toPoints(own, 'filter');
  const isGrouped = (arm: string): boolean => structured.includes(arm.replace(/-reinitialise$/, ''));
  const tickets = arms.filter((arm) => !arm.endsWith('-reinitialise') && !isGrouped(arm));
  const fresh = arms.filter((arm) => arm.endsWith('-reinitialise') && !isGrouped(arm));
  const groups = arms.filter(isGrouped);
  const figure = (chosen: readonly string[], caption: string, options: Parameters<typeof byCoefficients>[1] = {}): Block => ({
    kind: 'figure',
    figure: byCoefficients(levels, { arms: chosen, ...options }),
    caption: `${caption} Bands span the replicates.`,
  });
  return {
    title: 'Are there lottery tickets in other bases?',
    lead: claimsSentence(claims),
    sections: [
      { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
      {
        heading: 'Bases',
        blocks: [
          figure(tickets, 'Test accuracy of tickets at the early stop, by the coefficients that are kept.', {
            title: 'Tickets in each basis',
          }),
          figure(fresh, 'The same masks with fresh weights.', { title: 'Fresh weights under the masks of each basis' }),
          figure(tickets, 'The iteration of the least validation loss.', { value: 'earlyStop' }),
        ],
      },
      ...(groups.length === 0
        ? []
        : [
            {
              heading: 'Units and low rank',
              blocks: [
                figure([...(arms.includes('canonical') ? ['canonical'] : []), ...groups], 'By all numbers stored for the kernels.', {
                  count: 'stored',
                  title: 'Structured tickets by what is stored',
                }),
              ],
            },
          ]),
      ...(filters.numRows() === 0
        ? []
        : [
            {
              heading: 'Filters',
              blocks: [
                {
                  kind: 'figure',
                  figure: filtersByBasis(filters),
                  caption: 'The strongest filters of the first layer, one replicate; in brackets the density of the whole network.',
                } as const,
              ],
            },
          ]),
      runsSection(own, context),
    ],
    footer:
      'Ibrahim Alabdulmohsin, Larisa Markeeva, Daniel Keysers and Ilya Tolstikhin, A Generalized Lottery Ticket Hypothesis, arXiv:2107.06825. Random subspaces: Li and others, arXiv:1804.08838.',
  };
}
