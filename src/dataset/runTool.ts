/** An outside program that a source needs: npm, tar, apt-get. */
import { UserError } from '../check.js';

/**
 * Runs a program in `folder` and waits for it.
 * @param minutes after which it is ended
 * @throws UserError with one sentence that says why it failed: not installed, no answer, or its own complaint
 */
export async function runTool(command: string, args: readonly string[], folder: string, minutes: number): Promise<void> {
  // Loading it takes as long as most commands: only whoever fetches something needs it.
  const { ExecaError, execa } = await import('execa');
  try {
    await execa(command, args, { cwd: folder, timeout: minutes * 60_000, stdin: 'ignore', env: { LC_ALL: 'C' } });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT') throw new UserError(`${command} is not installed`);
    if (error.timedOut) throw new UserError(`${command} did not finish in ${minutes} minutes`);
    const ended = error.exitCode === undefined ? `could not run (${error.shortMessage})` : `ended with code ${error.exitCode}`;
    throw new UserError(`${command} ${ended}${complaint(String(error.stderr ?? ''))}`);
  }
}

/** The lines that are marked as errors, else the first one: programs end with advice, log paths and 'exiting'. */
function complaint(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const errors = lines.filter((line) => /^(npm (err|error)|E:|.*error:)/i.test(line));
  const said = (errors.length > 0 ? errors.slice(0, 3) : lines.slice(0, 1)).join('; ');
  return said === '' ? '' : `: ${said.slice(0, 300)}`;
}
