/** The command of an experiment: `neoteny juvenile`, `neoteny imp` and any other in the list. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../check.js';
import type { Experiment } from '../../run/experiments/experiment.js';
import { type SchemaOption, schemaOptions } from '../options/schemaOptions.js';
import { type Options, readFlag } from '../options/setOption.js';
import type { PlanOptions } from './runExperiment.js';

/** Adds the experiment's command to a program. */
export function addExperimentCommand(program: Command, experiment: Experiment, finish: (code: number) => void): void {
  const { name, summary, arms, presets, source } = experiment;
  const options = schemaOptions(experiment);
  const command = program
    .command(name)
    .summary(summary)
    .description(
      `${summary} (${source})\n\nRuns what is missing, in worker processes. Runs are kept, so the same command goes on after any interruption.`,
    )
    .optionsGroup('Plan:')
    .addOption(new Option('--preset <name>', `named set of options: ${Object.keys(presets).join(', ')}`).default('default'))
    .addOption(new Option('--replicates <n>', "how often, each time with other random numbers (default: the preset's)").argParser(whole))
    .addOption(new Option('--arms <a,b>', `which arms (default: the preset's, else all): ${Object.keys(arms).join(', ')}`).argParser(list))
    .addOption(new Option('--workers <n>', 'processes at once (default: one a core, as memory allows)').argParser(whole))
    .option('--records', 'read finished records that came with the project, and run only what has none')
    .option('--dry-run', 'say what there is to do and how long it takes, and do nothing')
    .optionsGroup('Output:')
    .option('--report <file>', `where the report goes (default: out/${name}-PRESET.html)`)
    .option('--no-report', 'write no report')
    .option('--json', 'print the results as JSON; progress stays on standard error')
    .option('--quiet', 'show no progress')
    .helpOption('-h, --help', 'show this text')
    .optionsGroup('Options of a run:');
  const taken = new Set(command.options.map((option) => option.long));
  const sets: string[] = [];
  let flags: Options = {};
  command.addOption(
    new Option('--set <name=value>', 'any option of a run; the value is JSON; may be repeated').argParser((text: string) => {
      sets.push(text);
      return sets;
    }),
  );
  for (const option of options) {
    if (option.kind === 'other' || taken.has(`--${option.flag}`)) continue;
    command.addOption(
      new Option(
        `--${option.flag} <${option.kind === 'number' ? 'n' : option.kind === 'boolean' ? 'true|false' : 'text'}>`,
        describeOption(option),
      ).argParser((text: string) => {
        const value = asArgument(() => readFlag(option, text));
        flags = { ...flags, [option.name]: value };
        return value;
      }),
    );
  }
  const others = options.filter((option) => option.kind === 'other');
  command.addHelpText('after', () => helpAfter(experiment, others));
  command.action(async (given: Omit<PlanOptions, 'sets' | 'flags'>) => {
    const { runExperiment } = await import('./runExperiment.js');
    finish(await runExperiment(experiment, { ...given, sets, flags }));
  });
}

function describeOption({ description, choices, default: standard }: SchemaOption): string {
  const among = choices === undefined ? '' : `: ${choices.join(', ')}`;
  return `${description}${among} (default: ${standard === null ? 'null' : String(standard)})`;
}

function helpAfter({ name, arms, presets }: Experiment, others: readonly SchemaOption[]): string {
  const block = (title: string, entries: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...entries.map(([left]) => left.length));
    return `\n${title}:\n${entries.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')}`;
  };
  return [
    others.length === 0
      ? ''
      : block(
          'Options for --set only',
          others.map((option) => [option.name, `${option.description} (default: ${JSON.stringify(option.default)})`]),
        ),
    block('Arms', Object.entries(arms)),
    block(
      'Presets',
      Object.entries(presets).map(([preset, { summary, replicates, minutes }]) => [
        preset,
        `${summary}; ${replicates} replicate${replicates === 1 ? '' : 's'}${minutes === undefined ? '' : `; about ${minutes} min on 2 cores`}`,
      ]),
    ),
    block('Examples', [
      [`neoteny ${name} --preset smoke`, 'a minute, to see that everything works'],
      [`neoteny ${name} --dry-run`, 'what there is to do'],
      [`neoteny ${name} --arms ${Object.keys(arms)[0]} --replicates 1`, 'one run'],
      [`neoteny ${name} --set learningRate.rate=0.01 --dataset fashion-mnist`, 'other options'],
    ]),
  ].join('');
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return value;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Commander names the option in front of the message. */
function asArgument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
