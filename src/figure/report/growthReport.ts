/** Reports on growing tickets: search, the surface over depth and density, juvenility profiles (Zhang 2021, arXiv:2109.03862). */
import { armLabel, sortArms } from '../../analysis/arms.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { profileCorrelations, profileTable } from '../../analysis/profileTable.js';
import { searchClaims } from '../../analysis/searchClaims.js';
import { surfaceCells } from '../../analysis/surfaceCells.js';
import { fromRows, toRows } from '../../analysis/table.js';
import { toLevels, toPoints } from '../../analysis/toTable.js';
import { stream } from '../../random.js';
import type { RunRecord } from '../../run/record.js';
import { depthDensityHeatmap } from '../depthDensityHeatmap.js';
import { depthSlices } from '../depthSlices.js';
import { profileByFactor } from '../profileByFactor.js';
import { rankCorrelations } from '../rankCorrelations.js';
import { searchTree } from '../searchTree.js';
import type { Block, Report } from './htmlReport.js';
import { type ReportContext, runsSection } from './runsSection.js';

const footer = 'Di Zhang, Juvenile state hypothesis: What we can learn from lottery ticket hypothesis researches?, arXiv:2109.03862.';

/** Recursive search and extension: runs of `search`. */
export function searchReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const claims = searchClaims(records);
  const trees = records.filter(({ spec }) => String(spec.arm).startsWith('search'));
  const levels = toLevels(records);
  const tried = toPoints(records, 'candidate');
  return {
    title: 'Recursive search and extension',
    lead: claimsSentence(claims),
    sections: [
      { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
      {
        heading: 'Search trees',
        blocks: trees.map(
          ({ key, spec }): Block => ({
            kind: 'figure',
            figure: searchTree(levels, tried, { key, title: `${armLabel(String(spec.arm))}, replicate ${spec.replicate}` }),
            caption: 'Tickets are nodes, extensions the edges that lead to them; the top line was taken.',
          }),
        ),
      },
      runsSection(records, context),
    ],
    footer,
  };
}

/** Accuracy and generalisation gap over depth and density: runs of `surface`. */
export function surfaceReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const cells = surfaceCells(records);
  const blocks = sortArms(toRows(cells).map(({ arm }) => String(arm))).flatMap((arm): Block[] => {
    const own = fromRows(toRows(cells).filter((row) => row.arm === arm));
    const label = armLabel(arm);
    const gap = { value: 'gap', valueTitle: 'training - test accuracy (share)' };
    return [
      {
        kind: 'figure',
        figure: depthDensityHeatmap(own, { value: 'testAtEnd', title: `${label}: test accuracy` }),
        caption: 'Mean over replicates.',
      },
      { kind: 'figure', figure: depthSlices(own, { title: `${label}: slices by depth` }), caption: 'Bands span the replicates.' },
      {
        kind: 'figure',
        figure: depthDensityHeatmap(own, { ...gap, title: `${label}: generalisation gap` }),
        caption: 'Mean over replicates.',
      },
      { kind: 'figure', figure: depthSlices(own, { ...gap, title: `${label}: gap by depth` }), caption: 'Bands span the replicates.' },
    ];
  });
  return { title: 'Depth and density', sections: [{ heading: 'Surfaces', blocks }, runsSection(records, context)], footer };
}

/** What keeps a network juvenile: runs of `profile`. */
export function profileReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const profiles = profileTable(records);
  const correlations = profileCorrelations(profiles, { random: stream(0, 'bootstrap') });
  return {
    title: 'Juvenility profiles',
    sections: [
      {
        heading: 'What goes with the gain',
        blocks: [
          {
            kind: 'figure',
            figure: rankCorrelations(correlations),
            caption: 'Gain: test accuracy of a ticket less that of its mask with fresh weights. Whole runs are resampled.',
          },
          {
            kind: 'figure',
            figure: profileByFactor(profiles),
            caption: 'Each factor differs from the base in one thing. Points are means of the tickets of all replicates.',
          },
        ],
      },
      runsSection(records, context),
    ],
    footer,
  };
}
