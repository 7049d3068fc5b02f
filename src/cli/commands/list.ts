/** `neoteny list`: the names that options take, from the lists of the library. */
import { lookUp } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import { look, print, printJson } from '../output/print.js';
import { type Column, textTable } from '../output/textTable.js';
import { wrap } from '../output/wrap.js';

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
}

/** What can be listed, and how to get it. Each is loaded when asked for. */
export const listings: Readonly<Record<string, { readonly summary: string; load(): Promise<readonly Entry[]> }>> = {
  experiments: {
    summary: 'what can be run',
    load: async () =>
      Object.values((await import('../../run/experiments/experiments.js')).experiments).map(({ name, summary, source }) => ({
        name,
        summary,
        source,
      })),
  },
  criteria: {
    summary: 'which weights matter',
    load: async () =>
      Object.entries((await import('../../score/criteria.js')).criteria).map(([name, { summary, source }]) => ({ name, summary, source })),
  },
  operators: {
    summary: 'how tickets grow',
    load: async () =>
      Object.entries((await import('../../grow/operators.js')).operators).map(([name, { summary, source }]) => ({ name, summary, source })),
  },
  models: {
    summary: 'architectures by name',
    load: async () =>
      (await import('../../model/families/families.js')).families.map(({ form, summary, source }) => ({ name: form, summary, source })),
  },
  datasets: {
    summary: 'where examples come from',
    load: async () =>
      Object.entries((await import('../../dataset/datasets.js')).datasets).map(([name, { title, shape, classes, sources }]) => ({
        name,
        summary: `${title}: ${shape.join(' x ')}, ${classes.length} classes`,
        source: sources.map((source) => source.name).join('; '),
      })),
  },
  figures: {
    summary: 'pictures of tables',
    load: async () => Object.keys((await import('../../figure/figures.js')).figures).map((name) => ({ name, summary: '', source: '' })),
  },
};

/** `list WHAT` */
export async function listNamesCommand(what: string, { json }: { json?: boolean }): Promise<number> {
  const entries = await lookUp('list', what, listings).load();
  if (json) {
    printJson(entries);
    return exitCodes.done;
  }
  const { colors, width } = look();
  const widest = Math.max(...entries.map(({ source }) => source.length));
  const columns: Column[] = [
    { title: 'name' },
    { title: 'what it is', stretch: 'wrap' },
    ...(widest > 0 && widest < 40 ? [{ title: 'source' }] : []),
  ];
  print(
    textTable(
      columns,
      entries.map(({ name, summary, source }) => [name, summary, source]),
      { width, colors, paint: (text, _, c) => (c === 0 ? colors.bold(text) : c === 2 ? colors.dim(text) : text) },
    ),
  );
  return exitCodes.done;
}

/** `presets` */
export async function presetsCommand({ json }: { json?: boolean }): Promise<number> {
  const { experiments } = await import('../../run/experiments/experiments.js');
  const { planRuns } = await import('../../run/experiments/planRuns.js');
  const { count } = await import('../output/format.js');
  const entries = Object.values(experiments).flatMap(({ name, presets }) =>
    Object.entries(presets).map(([preset, { summary, options, replicates, arms, minutes }]) => {
      const runs = planRuns({ experiment: name, options, replicates, ...(arms && { arms }) });
      return {
        experiment: name,
        preset,
        runs: runs.length,
        updates: runs.reduce((sum, { updates }) => sum + updates, 0),
        minutes: minutes ?? null,
        summary,
        options,
      };
    }),
  );
  if (json) {
    printJson(entries);
    return exitCodes.done;
  }
  const { colors, width, prose } = look();
  const columns: Column[] = [
    { title: 'command' },
    { title: 'runs', right: true },
    { title: 'updates', right: true },
    { title: 'minutes', right: true },
    { title: 'what it is', stretch: 'wrap' },
  ];
  const rows = entries.map(({ experiment, preset, runs, updates, minutes, summary }) => [
    `neoteny ${experiment}${preset === 'default' ? '' : ` --preset ${preset}`}`,
    String(runs),
    count(updates),
    minutes === null ? '-' : String(minutes),
    summary,
  ]);
  print(textTable(columns, rows, { width, colors }));
  print(
    `\n${colors.dim(wrap('minutes on the 2 cores of the machine that the README names; --dry-run estimates them for this one', prose))}`,
  );
  return exitCodes.done;
}
