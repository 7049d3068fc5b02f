/** The command `neoteny notebook` with its sub-commands. What they do is loaded when one of them is called. */
import { type Command, Option } from 'commander';

/** Adds the command to a program. */
export function addNotebook(program: Command, finish: (code: number) => void): void {
  const notebook = program
    .command('notebook')
    .helpCommand(false)
    .summary('list, run and export the notebooks')
    .description('The notebooks of the project without opening them. To open them: npm run lab.')
    .addHelpText('after', help);
  notebook
    .command('list', { isDefault: true })
    .summary('which notebooks there are')
    .option('--json', 'as JSON')
    .action(async (options) => finish((await import('./notebook.js')).listNotebooks(options)));
  notebook
    .command('run')
    .summary('run a notebook with other parameters, into a dated copy')
    .description(
      'Runs a notebook from top to bottom and writes a copy with its outputs. Parameters are checked by name before it starts and by type in its first cell. Exit codes: 0 it ran, 1 it holds an error, 2 it was not started.',
    )
    .argument('<name>', 'a notebook by name or the beginning of one, or a file')
    .addOption(
      new Option('-p, --parameter <name=value>', 'a value for a parameter; may be repeated').argParser(
        (text: string, before: string[] = []) => [...before, text],
      ),
    )
    .addOption(new Option('--scale <scale>', 'seconds, minutes, or as published').choices(['smoke', 'preset', 'paper']))
    .option('-o, --output <file>', 'default: out/NAME-DATE.ipynb')
    .option('--timeout <seconds>', 'for each cell; default none')
    .option('--in-place', 'also put the outputs into the notebook itself; not with -p')
    .option('--parameters', 'only list the parameters')
    .action(async (name: string, options) => finish(await (await import('./notebook.js')).runNotebook(name, options)));
  notebook
    .command('export')
    .summary('write a notebook with its outputs as one file to share')
    .description('Writes a notebook as it is, with the outputs it holds. HTML is one file with interactive figures that works offline.')
    .argument('<name>', 'a notebook by name or the beginning of one, or a file')
    .addOption(new Option('--to <format>', 'pdf needs Chromium').choices(['html', 'md', 'pdf']).default('html'))
    .option('-o, --output <file>', 'default: out/NAME.html, .md or .pdf')
    .action(async (name: string, options) => finish(await (await import('./notebook.js')).exportNotebook(name, options)));
}

const help = `
Examples:
  neoteny notebook run 02-lottery --scale smoke      a try in about a minute
  neoteny notebook run 00 -p seed=2 -p density=0.1   the quickstart with other numbers
  neoteny notebook export 01-juvenile                its committed outputs as one page
`;
