/** The command `neoteny sweep` with its sub-commands. What they do is loaded when one of them is called. */
import { type Command, Option } from 'commander';
import { seconds, whole } from '../options/numbers.js';

/** Adds the command to a program. */
export function addSweep(program: Command, finish: (code: number) => void): void {
  const sweep = program
    .command('sweep')
    .summary('many runs from one file, here or on a Slurm cluster')
    .description(
      'Makes all runs that a file of JSON or YAML describes: `neoteny sweep FILE [options]`. Runs are kept, so the same command goes on after any interruption, and starts nothing where nothing is missing.',
    )
    .addHelpText('after', help);
  startOptions(sweep.command('start', { isDefault: true }).summary('make what is missing (also without the word: neoteny sweep FILE)'))
    .option('--retry', 'try runs again that failed')
    .option('--dry-run', 'say what there is to do and how long it takes, and do nothing')
    .action(async (file: string, options) => finish(await (await import('./sweepStart.js')).sweepStart(file, options)));
  startOptions(sweep.command('retry').summary('make what is missing, and what failed')).action(async (file: string, options) =>
    finish(await (await import('./sweepStart.js')).sweepStart(file, { ...options, retry: true })),
  );
  withPlan(sweep.command('status').summary('how far a sweep is; without a name: all sweeps'), '[sweep]')
    .option('--runs', 'every run, also those that are done')
    .action(async (name: string | undefined, options) =>
      finish((await import('./sweepStatusCommand.js')).sweepStatusCommand(name, options)),
    );
  withPlan(sweep.command('report').summary('write the report of what there is, done or under way'), '<sweep>')
    .option('--experiment <name>', 'runs of this experiment, where a sweep has several')
    .option('-o, --output <file>', 'default: out/SWEEP.html')
    .action(async (name: string, options) => finish(await (await import('./sweepReport.js')).sweepReport(name, options)));
  sweep
    .command('log')
    .summary('what a run and its jobs said')
    .argument('<key>', 'a key or the beginning of one')
    .action(async (key: string) => finish((await import('./sweepLog.js')).sweepLog(key)));
  withPlan(sweep.command('cancel').summary('stop a sweep, wherever it runs; what it has is kept'), '<sweep>').action(
    async (name: string, options) => finish(await (await import('./sweepCancel.js')).sweepCancel(name, options)),
  );
  sweep
    .command('collect')
    .summary('remove temporary files that killed processes left, and logs of sweeps that are done')
    .option('--json', 'as JSON')
    .action(async (options) => finish((await import('./sweepCollect.js')).sweepCollect(options)));
}

function withPlan(command: Command, argument: string): Command {
  return command.argument(argument, 'its file, or its id as `neoteny sweep status` shows it').addOption(set()).option('--json', 'as JSON');
}

function set(): Option {
  const given: string[] = [];
  return new Option(
    '--set <name=value>',
    'an option in all stages, stage:name=value in one; replicates, arms and preset too; may be repeated',
  ).argParser((text: string) => {
    given.push(text);
    return given;
  });
}

function startOptions(command: Command): Command {
  return command
    .argument('<file>', 'JSON or YAML')
    .addOption(set())
    .addOption(new Option('--executor <name>', 'where runs are made').choices(['local', 'slurm']).default('local'))
    .addOption(
      new Option('--workers <n>', 'runs at once (default: one a core here, as memory allows; on Slurm as the cluster allows)').argParser(
        whole,
      ),
    )
    .addOption(new Option('--save-every <seconds>', 'seconds between checkpoints of a run (default: 15)').argParser(seconds))
    .option('--sbatch <options>', 'Slurm: further options for sbatch, such as "--partition=gpu --gres=gpu:1 --time=4:00:00"')
    .option(
      '--set-up <line>',
      'Slurm: a line of shell that each job begins with, such as "module load nodejs"; may be repeated',
      (line: string, before: string[] = []) => [...before, line],
    )
    .addOption(new Option('--poll <seconds>', 'Slurm: most seconds between two looks at the queue (default: 10)').argParser(seconds))
    .option('--json', 'print the outcome as JSON; progress stays on standard error')
    .option('--quiet', 'show no progress');
}

const help = `
A file, in YAML:
  name: criteria
  stages:
    - name: tickets
      experiment: imp
      options: { length: 3000it, levels: 8 }
      grid:
        criterion: [magnitude, random]
        learningRate.rate: [0.0012, 0.0006]
      replicates: 3
    - name: transfer
      experiment: juvenile
      list: [{ fullModel: mlp-128x3, iterations: 2 }, { fullModel: mlp-128x6, iterations: 5 }]
      after: tickets

Examples:
  neoteny sweep criteria.yaml --dry-run                    what there is to do, and how long it takes
  neoteny sweep criteria.yaml --set length=300it           another value for all runs
  neoteny sweep criteria.yaml --executor slurm --sbatch "--partition=cpu --time=2:00:00"
  neoteny sweep status criteria.yaml
`;
