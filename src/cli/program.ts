/** The commands and what they take. What they do is loaded when one of them is called. */
import { Command, Option } from 'commander';
import { addNotebook } from './commands/notebookCommand.js';
import { addSweep } from './commands/sweepCommand.js';
import { seconds, whole, wholeFromZero } from './options/numbers.js';
import { colors, widthOf } from './output/colors.js';

export interface ProgramOptions {
  readonly version: string;
  /** Adds the commands of the experiments; absent where another command is called, since loading them takes longer than most commands do. */
  readonly addExperiments?: (program: Command) => void;
  /** Told the exit code of the command that was called. */
  readonly finish: (code: number) => void;
}

/** Commands that need no experiment. */
export const otherCommands = ['run', 'runs', 'report', 'sweep', 'notebook', 'data', 'doctor', 'list', 'presets'];

/** The whole command line. Throws commander's errors instead of leaving the process. */
export function buildProgram({ version, addExperiments, finish }: ProgramOptions): Command {
  const program = new Command('neoteny')
    .description('A laboratory for lottery tickets: networks are trained, pruned, rewound and grown.')
    .version(version, '-V, --version')
    .exitOverride()
    .helpCommand(false)
    .showHelpAfterError('(add --help to see what there is)')
    .configureOutput({
      outputError: (text, write) => write(`${colors(process.stderr).red(text.trimEnd())}\n`),
      getOutHelpWidth: () => Math.min(110, widthOf(process.stdout)),
      getErrHelpWidth: () => Math.min(110, widthOf(process.stderr)),
    })
    .configureHelp({
      styleTitle: (text) => colors(process.stdout).bold(text),
      styleCommandText: (text) => colors(process.stdout).cyan(text),
      styleOptionText: (text) => colors(process.stdout).cyan(text),
    })
    .addHelpText('after', overview);

  program.commandsGroup('Experiments:');
  addExperiments?.(program);
  program.commandsGroup('Runs:');
  addRun(program, finish);
  addRuns(program, finish);
  addSweep(program, finish);
  program
    .command('report')
    .summary('write the report of runs as one HTML file')
    .description('Writes the report of runs, done or under way, as one HTML file that works offline.')
    .argument('[keys...]', 'runs; default: all of the experiment')
    .option('--experiment <name>', 'all runs of this experiment')
    .option('-o, --output <file>', 'default: out/EXPERIMENT.html')
    .option('--json', 'print what was written as JSON')
    .action(async (keys: string[], options) => finish(await (await import('./commands/reportCommand.js')).reportCommand(keys, options)));
  program.commandsGroup('Notebooks:');
  addNotebook(program, finish);
  program.commandsGroup('Library and machine:');
  addData(program, finish);
  program
    .command('list')
    .summary('names that options take: criteria, operators, models, ...')
    .argument('<what>', 'experiments, criteria, operators, models, datasets or figures')
    .option('--json', 'as JSON')
    .action(async (what: string, options) => finish(await (await import('./commands/list.js')).listNamesCommand(what, options)));
  program
    .command('presets')
    .summary('presets of all experiments with their cost')
    .option('--json', 'as JSON')
    .action(async (options) => finish(await (await import('./commands/list.js')).presetsCommand(options)));
  program
    .command('doctor')
    .summary('what is installed, what is missing, what to do')
    .option('--json', 'as JSON')
    .action(async (options) => finish(await (await import('./commands/doctor.js')).doctorCommand(options)));
  return program;
}

function addRun(program: Command, finish: (code: number) => void): void {
  program
    .command('run')
    .summary('one run in this process, by its key or a spec file')
    .description(
      'Makes one run in this process: what workers and cluster jobs call. Exit codes: 0 done, 65 will never work, 74 disk, 75 not now (a parent is missing, or another process has it), 130 stopped.',
    )
    .argument('<target>', "a run's key, or a file with its spec as JSON")
    .addOption(
      new Option(
        '--events [seconds]',
        'one line of JSON for each event, on progress at most one in so many seconds; stops when standard input closes',
      ),
    )
    .addOption(new Option('--save-every <seconds>', 'seconds between checkpoints (default: 15)').argParser(seconds))
    .option('--json', 'print the record as JSON at the end')
    .option('--quiet', 'show no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  neoteny run juvenile-0a1b2c3d4e5f-r1\n  echo \'{ "experiment": "imp", "levels": 3, "length": "300it" }\' > spec.json && neoteny run spec.json\n',
    )
    .action(async (target: string, options) => finish(await (await import('./commands/runOne.js')).runOne(target, options)));
}

function addRuns(program: Command, finish: (code: number) => void): void {
  const runs = program
    .command('runs')
    .summary('list, show, compare, remove and publish runs')
    .description('Runs that are kept, and records that came with the project.');
  runs
    .command('list', { isDefault: true })
    .summary('what runs there are')
    .option('--experiment <name>', 'only of this experiment')
    .option('--arm <name>', 'only of this arm')
    .option('--status <status>', 'only: done, running, begun, waiting, failed or damaged')
    .option('--records', 'also the records that came with the project (shown anyway with a filter, or without own runs)')
    .option('--json', 'as JSON: all, records too')
    .action(async (options) => finish((await import('./commands/runs.js')).listCommand(options)));
  runs
    .command('show')
    .summary('levels, certificate, options and lineage of a run')
    .argument('<key>', 'a key or the beginning of one')
    .option('--json', 'as JSON')
    .action(async (key: string, options) => finish((await import('./commands/runsShow.js')).showCommand(key, options)));
  runs
    .command('compare')
    .summary('two runs side by side')
    .argument('<a>', 'a key or the beginning of one')
    .argument('<b>', 'another')
    .option('--json', 'as JSON')
    .action(async (a: string, b: string, options) => finish((await import('./commands/runsCompare.js')).compareCommand(a, b, options)));
  runs
    .command('remove')
    .summary('remove runs for good; records stay')
    .argument('<keys...>', 'whole keys')
    .option('--json', 'as JSON')
    .action(async (keys: string[], options) => finish(await (await import('./commands/runs.js')).removeCommand(keys, options)));
  runs
    .command('publish')
    .summary('copy finished runs, without tickets, to a folder of records')
    .argument('<keys...>', 'whole keys')
    .option('--to <folder>', "default: the project's data/records")
    .option('--json', 'as JSON')
    .action(async (keys: string[], options) => finish((await import('./commands/runs.js')).publishCommand(keys, options)));
}

function addData(program: Command, finish: (code: number) => void): void {
  const data = program
    .command('data')
    .summary('data sets: which are here, and fetching them')
    .description('Data sets are fetched when first needed, checked byte by byte, and kept in a cache.');
  data
    .command('list', { isDefault: true })
    .summary('which data sets there are, and which are here')
    .option('--json', 'as JSON')
    .action(async (options) => finish(await (await import('./commands/data.js')).dataListCommand(options)));
  data
    .command('load')
    .summary('fetch and check data sets')
    .argument('<names...>', 'mnist, fashion-mnist, cifar-10')
    .option('--json', 'as JSON')
    .action(async (names: string[], options) => finish(await (await import('./commands/data.js')).dataLoadCommand(names, options)));
  data
    .command('scenes')
    .summary('make scenes of pasted digits or clothes, as a COCO folder')
    .description('Makes scenes by seed from real images, with boxes, masks and keypoints, and writes them as a COCO folder.')
    .argument('<folder>', 'where annotations/ and the images go')
    .addOption(new Option('--source <name>', 'what is pasted').choices(['mnist', 'fashion-mnist']).default('mnist'))
    .addOption(new Option('--split <name>', "part of the source's images").choices(['train', 'validation', 'test']).default('train'))
    .addOption(new Option('--count <n>', 'how many scenes').argParser(whole).default(1000))
    .addOption(new Option('--size <pixels>', 'side of a scene, 64 to 128').argParser(whole).default(96))
    .addOption(new Option('--seed <n>', 'of everything').argParser(wholeFromZero).default(0))
    .option('--grey', 'one channel instead of three')
    .option('--picture <file>', 'also draw the first scenes with their annotations, as PNG')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  neoteny data scenes out/scenes --count 200 --picture out/scenes.png\n')
    .action(async (folder: string, options) => finish(await (await import('./commands/dataScenes.js')).dataScenesCommand(folder, options)));
  data
    .command('look')
    .summary('what a COCO or VOC folder holds, with a picture')
    .argument('<folder>', 'with annotations/ (COCO) or Annotations/ (VOC)')
    .option('--split <name>', 'such as val2017; default: the only one')
    .addOption(new Option('--limit <n>', 'images to read for the picture').argParser(whole).default(12))
    .option('--picture <file>', 'draw the first images with their annotations, as PNG')
    .option('--json', 'as JSON')
    .action(async (folder: string, options) => finish(await (await import('./commands/dataScenes.js')).dataLookCommand(folder, options)));
}

const overview = `
Examples:
  neoteny juvenile --preset smoke        a small job on MNIST in about a minute: a table and a report
  neoteny juvenile --dry-run             what the main job has to do, and how long it takes
  neoteny runs                           what has been run
  neoteny report --experiment juvenile   its report again
  neoteny doctor                         what is missing here

Environment:
  NEOTENY_RUNS      where runs are kept (default: data/runs of the project)
  NEOTENY_DATA      a folder with your own copies of data sets
  NEOTENY_CACHE     where downloads are kept
  NEOTENY_BACKEND   native, wasm or cpu (default: the fastest that works)
  NEOTENY_DEBUG     1: errors show where they arose
  NO_COLOR          no colours
`;
