#!/usr/bin/env node
/** The program `neoteny`. */
import fs from 'node:fs';
import { CommanderError } from 'commander';
import { UserError } from '../check.js';
import { exitCode } from '../run/exitCode.js';
import { colors } from './output/colors.js';
import { buildProgram, otherCommands } from './program.js';

/** Wrong use of the command line. */
const wrongUse = 2;

async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const needsExperiments = !otherCommands.includes(args[0] ?? '') && args[0] !== '--version' && args[0] !== '-V';
  const experiments = needsExperiments ? (await import('../run/experiments/experiments.js')).experiments : {};
  const program = buildProgram({ version: versionOf(), experiments, finish: (given) => { code = given; } });
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  await program.parseAsync(args, { from: 'user' });
  return code;
}

function versionOf(): string {
  return (JSON.parse(fs.readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

/** One sentence for whatever went wrong. Returns the exit code. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse;
  const message = error instanceof Error ? error.message : String(error);
  const ours = error instanceof UserError;
  const hint = ours ? '' : '\nThis is a fault of the program or of the machine. NEOTENY_DEBUG=1 shows where it arose; neoteny doctor looks at the machine.';
  const stack = process.env['NEOTENY_DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  process.stderr.write(`${colors(process.stderr).red('error:')} ${message}${hint}${stack}\n`);
  return exitCode(error);
}

/** Ends the process once what was printed is on its way: TensorFlow may keep it alive for ever. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// Whoever reads no more (`| head`) has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => {});
process.removeAllListeners('warning').on('warning', (warning) => {
  const hidden = /^(Deprecation|Experimental)Warning$/.test(warning.name) && !process.env['NEOTENY_DEBUG'];
  if (!hidden) process.stderr.write(`${colors(process.stderr).yellow('note:')} ${warning.message}\n`);
});

main(process.argv.slice(2)).then(leave, (error: unknown) => leave(fail(error)));
