/** `neoteny runs compare`: two runs side by side. */
import { compareSpecs } from '../../run/compareSpecs.js';
import { exitCodes } from '../../run/exitCode.js';
import { readRecord } from '../../run/readRecord.js';
import type { Json } from '../../run/record.js';
import { openStore } from '../../run/store.js';
import { count, optionText, percent } from '../output/format.js';
import { look, print, printJson } from '../output/print.js';
import { textTable } from '../output/textTable.js';
import { levelsOf } from '../results/plainResults.js';
import { findEntry } from './runs.js';

/** Prints the options in which two runs differ, and their levels. Returns the exit code. */
export function compareCommand(first: string, second: string, { json }: { json?: boolean }): number {
  const store = openStore();
  const [a, b] = [first, second].map((text) => readRecord(findEntry(store, text).folder)) as [
    ReturnType<typeof readRecord>,
    ReturnType<typeof readRecord>,
  ];
  const options = compareSpecs(a.spec, b.spec);
  const [levelsA, levelsB] = [levelsOf(a), levelsOf(b)];
  const levels = [...new Set([...levelsA, ...levelsB].map(({ level }) => level))]
    .sort((x, y) => x - y)
    .map((level) => ({
      level,
      a: levelsA.find((own) => own.level === level) ?? null,
      b: levelsB.find((own) => own.level === level) ?? null,
    }));
  if (json) {
    printJson({ a: a.key, b: b.key, options, levels });
    return exitCodes.done;
  }
  const { colors, width } = look();
  const text = (value: Json | undefined): string => (value === undefined ? '-' : optionText(value));
  print(`a  ${colors.bold(a.key)}\nb  ${colors.bold(b.key)}\n`);
  if (options.length === 0) print('the same options');
  else
    print(
      textTable(
        [{ title: 'option' }, { title: 'a' }, { title: 'b', stretch: 'wrap' }],
        options.map(({ path, a, b }) => [path, text(a), text(b)]),
        { width, colors },
      ),
    );
  const columns = ['level', 'density a', 'density b', 'test a', 'test b', 'b - a', 'stop a', 'stop b'].map((title) => ({
    title,
    right: true,
  }));
  const rows = levels.map(({ level, a, b }) => [
    String(level),
    ...[a, b].map((own) => own?.density.toFixed(4) ?? '-'),
    ...[a, b].map((own) => percent(own?.testAtEnd)),
    a !== null && b !== null ? signed(100 * (b.testAtEnd - a.testAtEnd)) : '-',
    ...[a, b].map((own) => (own === null ? '-' : count(own.earlyStop))),
  ]);
  if (rows.length > 0)
    print(
      `\n${colors.bold('Test accuracy in % at the end of each level; early-stop iterations')}\n${textTable(columns, rows, { width, colors })}`,
    );
  return exitCodes.done;
}

function signed(value: number): string {
  const text = value.toFixed(2);
  return value > 0 ? `+${text}` : text;
}
