/** `neoteny runs`: what there is, and what is in it. */
import { join } from 'node:path';
import { lookUp, mismatched, unknown, UserError } from '../../check.js';
import { compareSpecs } from '../../run/compareSpecs.js';
import { exitCodes } from '../../run/exitCode.js';
import { defaultsOf, experiments } from '../../run/experiments/experiments.js';
import { armOf } from '../../run/experiments/planRuns.js';
import { listRuns, type RunEntry } from '../../run/listRuns.js';
import { publish } from '../../run/publish.js';
import { collectGarbage, removeRun } from '../../run/removeRun.js';
import type { Json, Spec } from '../../run/record.js';
import { openStore, type Store } from '../../run/store.js';
import { optionText, plural } from '../output/format.js';
import { look, print, printJson, remark } from '../output/print.js';
import { type Column, textTable } from '../output/textTable.js';

export const runStatuses = { done: 0, running: 0, begun: 0, waiting: 0, failed: 0, damaged: 0 } as const;
export type RunStatus = keyof typeof runStatuses;

export interface ListOptions {
  readonly experiment?: string;
  readonly arm?: string;
  readonly status?: string;
  readonly records?: boolean;
  readonly json?: boolean;
}

/** `runs list`: records of the project are many, so that one's own runs stand alone until somebody asks for more. */
export function listCommand({ experiment, arm, status, records, json }: ListOptions): number {
  const store = openStore();
  if (experiment !== undefined) lookUp('experiment', experiment, experiments);
  if (status !== undefined) lookUp('status', status, runStatuses);
  const found = listRuns(store)
    .map((entry) => ({ ...entry, state: stateOf(entry) }))
    .filter((entry) => experiment === undefined || entry.spec?.experiment === experiment)
    .filter((entry) => arm === undefined || (entry.spec !== null && armOf(entry.spec) === arm))
    .filter((entry) => status === undefined || entry.state === status);
  if (json) {
    printJson(found.map(({ state, status: _, ...entry }) => ({ ...entry, status: state })));
    return exitCodes.done;
  }
  const own = found.filter(({ record }) => !record);
  const all = records === true || own.length === 0 || (experiment ?? arm ?? status) !== undefined;
  const entries = all ? found : own;
  if (entries.length === 0) {
    remark(
      (experiment ?? arm ?? status) ? 'no such runs' : `no runs in ${store.root}; neoteny juvenile --preset smoke makes three in a minute`,
    );
    return exitCodes.done;
  }
  const { colors, width } = look();
  const rows = entries.map(({ key, spec, state, stages, record, reason }) => [
    key,
    spec === null ? '' : armOf(spec),
    record ? `${state}, record` : state,
    String(stages),
    reason ?? (spec === null ? '' : differences(spec)),
  ]);
  const columns: Column[] = [
    { title: 'run' },
    { title: 'arm' },
    { title: 'status' },
    { title: 'stages', right: true },
    { title: 'differs from the defaults in', stretch: 'cut' },
  ];
  const color: Record<RunStatus, (text: string) => string> = {
    done: colors.green,
    running: colors.cyan,
    begun: colors.yellow,
    waiting: colors.dim,
    failed: colors.red,
    damaged: colors.red,
  };
  print(
    textTable(columns, rows, {
      width,
      colors,
      paint: (text, r, c) => (c === 2 ? color[entries[r]?.state ?? 'done'](text) : c === 4 ? colors.dim(text) : text),
    }),
  );
  if (!all && found.length > own.length) remark(`and ${plural(found.length - own.length, 'record')} that came with the project: --records`);
  return exitCodes.done;
}

/** What a run is doing, for people. */
export function stateOf({ status, process, begun }: RunEntry): RunStatus {
  if (status !== 'partial') return status;
  if (process !== null) return 'running';
  return begun ? 'begun' : 'waiting';
}

/** The options in which a spec differs from its experiment's defaults, apart from arm and replicate. */
export function differencesOf(spec: Spec): { path: string; default: Json | undefined; value: Json | undefined }[] {
  const standard = Object.hasOwn(experiments, spec.experiment) ? defaultsOf(spec.experiment) : {};
  return compareSpecs(standard, spec)
    .filter(({ path }) => path !== 'arm' && path !== 'replicate' && path !== 'experiment')
    .map(({ path, a, b }) => ({ path, default: a, value: b }));
}

function differences(spec: Spec): string {
  return differencesOf(spec)
    .map(({ path, value }) => (value === undefined ? `no ${path}` : `${path}=${optionText(value)}`))
    .join(' ');
}

/** The run that a key, or the beginning of one, stands for. */
export function findEntry(store: Store, text: string): RunEntry {
  const entries = listRuns(store);
  const exact = entries.find(({ key }) => key === text);
  if (exact !== undefined) return exact;
  const like = entries.filter(({ key }) => key.startsWith(text));
  if (like.length === 1) return like[0] as RunEntry;
  if (like.length > 1)
    throw mismatched(
      `beginning '${text}' of a key`,
      'one run',
      `${like.length}: ${like
        .slice(0, 5)
        .map(({ key }) => key)
        .join(', ')}${like.length > 5 ? ', ...' : ''}`,
      'type more of it',
    );
  if (entries.length === 0) throw new UserError(`unknown run: '${text}'; there are none in ${store.root}`);
  throw unknown('run', text, entries.map(({ key }) => key).slice(0, 20));
}

/** `runs remove` */
export async function removeCommand(keys: readonly string[], { json }: { json?: boolean }): Promise<number> {
  const store = openStore({ records: [] });
  // All are looked up first: a typing error in the last removes nothing.
  const entries = keys.map((key) => exactEntry(store, key));
  for (const { key } of entries) await removeRun(store, key);
  collectGarbage(store);
  if (json) printJson({ removed: entries.map(({ key }) => key) });
  else print(`removed ${plural(entries.length, 'run')}`);
  return exitCodes.done;
}

/** `runs publish` */
export function publishCommand(keys: readonly string[], { to, json }: { to?: string; json?: boolean }): number {
  const store = openStore();
  const folder = to ?? (store.records[0] as string);
  const own = { ...store, records: [] };
  const places = keys.map((key) => publish(own, exactEntry(own, key).key, folder));
  if (json) printJson({ published: places });
  else for (const place of places) print(place);
  if (!json) remark(`${plural(places.length, 'record')} in ${join(folder)}`);
  return exitCodes.done;
}

/** Removal and publication take whole keys only. */
function exactEntry(store: Store, key: string): RunEntry {
  const entry = findEntry(store, key);
  if (entry.key !== key) throw new UserError(`incomplete key '${key}'; write it out: ${entry.key}`);
  return entry;
}
