/** Handing tasks to Slurm. */
import fs from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '../../../check.js';
import { writeAtomically } from '../../disk.js';
import type { PoolTask } from '../../pool.js';
import type { ExecutorContext } from '../executor.js';
import { type ArrayPlan, indexRanges, type Place, planArrays } from './arrays.js';
import { jobScript } from './jobScript.js';
import { type SubmittedArray, writeJobs } from './jobsFile.js';
import type { SlurmClient } from './slurmClient.js';

export interface SubmitOptions {
  /** Options for sbatch that come last. */
  readonly sbatch: readonly string[];
  readonly setUp: readonly string[];
  /** Tasks of an array at once, or undefined. */
  readonly workers: number | undefined;
  readonly tries: number;
  readonly patience: number;
  readonly maxArraySize: number;
}

/**
 * Submits tasks as arrays, noting each before and after. A queue without room gets what fits: the rest stays for later.
 * @param known arrays so far, which the notes keep
 * @param queued where parents are that Slurm has already
 * @returns the arrays that Slurm took
 * @throws UserError with Slurm's reason if it takes none
 */
export async function submit(
  client: SlurmClient,
  tasks: readonly PoolTask[],
  queued: ReadonlyMap<string, Place>,
  known: readonly SubmittedArray[],
  context: ExecutorContext,
  options: SubmitOptions,
): Promise<SubmittedArray[]> {
  const { folder } = context;
  const taken: SubmittedArray[] = [];
  const ids: string[] = [];
  for (const plan of planArrays(tasks, queued, options.maxArraySize)) {
    const name = `neoteny-${randomUUID().slice(0, 13)}`;
    const array = { name, id: null, tasks: Object.fromEntries(plan.tasks) };
    writeJobs(folder, [...known, ...taken, array]);
    const args = [...argumentsOf(plan, ids, folder, options), writeScript(name, plan, context, options)];
    const answer = await client.submit(name, args).catch((error: unknown) => {
      writeJobs(folder, [...known, ...taken]);
      throw error;
    });
    if ('full' in answer) {
      writeJobs(folder, [...known, ...taken]);
      if (taken.length === 0 && queued.size === 0) throw new UserError(`Slurm takes no job: ${answer.full}`);
      break;
    }
    ids.push(answer.id);
    taken.push({ ...array, id: answer.id });
    writeJobs(folder, [...known, ...taken]);
  }
  return taken;
}

function argumentsOf({ tasks, after }: ArrayPlan, ids: readonly string[], folder: string, { sbatch, workers }: SubmitOptions): string[] {
  const named = (option: string): boolean =>
    sbatch.some((word) => word === option || word.startsWith(`${option}=`) || word.startsWith(`${option}-per`));
  return [
    `--array=${indexRanges([...tasks.keys()])}${workers === undefined ? '' : `%${workers}`}`,
    ...(after === undefined
      ? []
      : [
          `--dependency=after${after.how}:${after.places.map((place) => place.replace(/^#(\d+)/, (_, n: string) => ids[Number(n)] ?? '')).join(':')}`,
        ]),
    '--requeue',
    '--kill-on-invalid-dep=yes',
    '--signal=B:USR1@60',
    '--open-mode=append',
    `--output=${join(folder, 'log', 'array-%A.txt').replaceAll('\\', '\\\\')}`,
    ...(named('--cpus') || sbatch.includes('-c') ? [] : ['--cpus-per-task=1']),
    ...(named('--mem') ? [] : ['--mem=4G']),
    ...sbatch,
  ];
}

/** The script of an array, beside a file of its keys. Returns its path. */
function writeScript(
  name: string,
  { tasks }: ArrayPlan,
  { folder, env, command, root }: ExecutorContext,
  { setUp, tries, patience }: SubmitOptions,
): string {
  const keys = Array.from({ length: Math.max(...tasks.keys()) + 1 }, (_, i) => tasks.get(i) ?? '');
  const list = join(folder, `${name}.txt`);
  writeAtomically(list, `${keys.join('\n')}\n`);
  const mark = 'KEY';
  const words = command(mark);
  const at = words.indexOf(mark);
  const script = join(folder, `${name}.sh`);
  writeAtomically(
    script,
    jobScript({
      tasks: list,
      log: join(folder, 'log'),
      program: words.slice(0, at),
      options: words.slice(at + 1),
      env,
      setUp,
      root,
      tries,
      patience,
    }),
  );
  fs.chmodSync(script, 0o755);
  return script;
}
