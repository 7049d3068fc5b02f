/** What was run: keys, status, specs, certificates and environment, at the end of every report. */
import { fromRows, type TableRow } from '../../analysis/table.js';
import type { Json, RunRecord } from '../../run/record.js';
import type { Block, Section } from './htmlReport.js';

/** A level's certificate (see `ticket/certificate.ts`) and the run it belongs to. */
export interface LevelCertificate {
  readonly key: string;
  readonly level: number;
  readonly kept: number;
  readonly prunable: number;
  /** What was checked, and how it stands. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What a report says beside the records. */
export interface ReportContext {
  /** Versions, machine, wall time: whatever the run store recorded. */
  readonly environment?: unknown;
  /** What was certified of each level. */
  readonly certificates?: readonly LevelCertificate[];
  /** Such as `npm start`: how to do it again. */
  readonly command?: string;
}

/** The section; options that all specs share are written once. */
export function runsSection(records: readonly RunRecord[], { environment, certificates, command }: ReportContext): Section {
  const shared = sharedOptions(records);
  const varied = [...new Set(records.flatMap(({ spec }) => Object.keys(spec)))].filter((name) => !Object.hasOwn(shared, name));
  const rows = records.map(
    ({ key, spec, status }): TableRow => ({
      key,
      ...Object.fromEntries(varied.map((name) => [name, cell(spec[name])])),
      status,
    }),
  );
  const blocks: Block[] = [
    ...(command === undefined ? [] : [{ kind: 'text', text: `Again: ${command}` } as const]),
    {
      kind: 'table',
      table: fromRows(rows, ['key']),
      caption: `${records.length} runs, with the options in which they differ.`,
      folded: records.length > 20,
    },
    { kind: 'json', title: 'Options that all runs share', value: shared },
  ];
  const chosen = records.flatMap(enginesOf);
  if (chosen.length > 0)
    blocks.push({ kind: 'table', table: fromRows(chosen, ['key']), caption: enginesCaption, folded: chosen.length > 20 });
  if (certificates !== undefined) blocks.push(certificateBlock(certificates));
  if (environment !== undefined) blocks.push({ kind: 'json', title: 'Environment', value: environment });
  return { heading: 'Runs', blocks };
}

const enginesCaption = "Engines that 'auto' took: milliseconds of one update at the mask of the stage, and why.";

function enginesOf({ key, engines = {} }: RunRecord): TableRow[] {
  return Object.entries(engines).flatMap(([stage, decisions]) =>
    decisions.map(({ engine, density, milliseconds, reason }) => ({ key, stage, engine, density, ...milliseconds, reason })),
  );
}

function certificateBlock(certificates: readonly LevelCertificate[]): Block {
  const rows = certificates.map(({ key, level, kept, prunable, checks }): TableRow => ({ key, level, kept, prunable, ...checks }));
  const checks = new Set(certificates.flatMap((certificate) => Object.keys(certificate.checks)));
  const caption = `Certificates: ${certificates.length} levels passed ${checks.size} checks each (a level that fails one stops its run).`;
  return { kind: 'table', table: fromRows(rows, ['key', 'level', 'kept', 'prunable']), caption, folded: true };
}

function sharedOptions(records: readonly RunRecord[]): Record<string, Json> {
  const [first, ...others] = records;
  if (first === undefined) return {};
  const isShared = ([name, value]: [string, Json]): boolean =>
    others.every(({ spec }) => JSON.stringify(spec[name]) === JSON.stringify(value));
  return Object.fromEntries(Object.entries(first.spec).filter(isShared));
}

function cell(value: Json | undefined): string | number | boolean | null {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value)
    : ((value as string | number | boolean | null | undefined) ?? null);
}
