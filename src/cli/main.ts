#!/usr/bin/env node
/** The program `neoteny`. */
import fs from 'node:fs';
import module from 'node:module';
import { type Command, CommanderError } from 'commander';
import { UserError } from '../check.js';
import { exitCode, exitCodes } from '../run/exitCode.js';
import { colors } from './output/colors.js';
import { buildProgram, otherCommands } from './program.js';

/** Wrong use of the command line. */
const wrongUse = 2;

async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const finish = (given: number): void => {
    code = given;
  };
  const isOther = otherCommands.includes(args[0] ?? '') || args[0] === '--version' || args[0] === '-V';
  const program = buildProgram({ version: versionOf(), finish, ...(!isOther && { addExperiments: await loadExperiments(finish) }) });
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  await program.parseAsync(args, { from: 'user' });
  return code;
}

async function loadExperiments(finish: (code: number) => void): Promise<(program: Command) => void> {
  const [{ experiments }, { addExperimentCommand }] = await Promise.all([
    import('../run/experiments/experiments.js'),
    import('./commands/experimentCommand.js'),
  ]);
  return (program) => {
    for (const experiment of Object.values(experiments)) addExperimentCommand(program, experiment, finish);
  };
}

function versionOf(): string {
  return (JSON.parse(fs.readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

/** One sentence for whatever went wrong. Returns the exit code. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse;
  const message = error instanceof Error ? error.message : String(error);
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const ofFile = !(error instanceof UserError) && code !== undefined && path !== undefined;
  const hint =
    error instanceof UserError || ofFile
      ? ''
      : '\nThis is a fault of the program or of the machine. NEOTENY_DEBUG=1 shows where it arose; neoteny doctor looks at the machine.';
  const stack = process.env['NEOTENY_DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  const said = ofFile ? `'${path}' cannot be read or written (${code}); check the folder, or name another in NEOTENY_RUNS` : message;
  process.stderr.write(`${colors(process.stderr).red('error:')} ${said}${hint}${stack}\n`);
  return ofFile ? exitCodes.disk : exitCode(error);
}

/** Ends the process once what was printed is on its way: TensorFlow may keep it alive for ever. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// From Node 22.8 on, compiled modules are kept between starts.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// Whoever reads no more (`| head`) has had enough. A worker whose driver is gone saves first: its channel sees to that.
if (!process.argv.includes('--events'))
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => {});
process.removeAllListeners('warning').on('warning', (warning) => {
  const hidden = /^(Deprecation|Experimental)Warning$/.test(warning.name) && !process.env['NEOTENY_DEBUG'];
  if (!hidden) process.stderr.write(`${colors(process.stderr).yellow('note:')} ${warning.message}\n`);
});

main(process.argv.slice(2)).then(leave, (error: unknown) => leave(fail(error)));
