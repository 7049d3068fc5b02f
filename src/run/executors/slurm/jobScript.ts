/** The script of a job array: one task makes one run. */

export interface JobScript {
  /** A file with one run's key a line: task N makes the run of line N + 1. */
  readonly tasks: string;
  /** A folder for what the tasks print, one file a run. */
  readonly log: string;
  /** The command up to the key, and what follows the key. */
  readonly program: readonly string[];
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Lines of shell that come first: modules to load. */
  readonly setUp: readonly string[];
  /** Where the run's folder is; `done.json` in it says that nothing is left to do. */
  readonly root: string;
  /** How often a run that crashed is started again in the same task. */
  readonly tries: number;
  /** Seconds to go on asking while the run answers "not now" (exit code 75). */
  readonly patience: number;
}

/**
 * A bash script. Crashes are tried again inside the task, since asking the controller may fail just then; a dead node is Slurm's business
 * (`--requeue`). USR1 is the early warning before the time limit: the run saves and the task goes back into the queue, unless
 * this start brought nothing that was kept: then it would go round for ever. TERM (scancel, preemption):
 * the run saves and the task ends.
 */
export function jobScript({ tasks, log, program, options, env, setUp, root, tries, patience }: JobScript): string {
  const [node = 'node', ...rest] = program;
  return `#!/bin/bash
set -u
${Object.entries(env)
  .map(([name, value]) => `export ${name}=${quote(value)}`)
  .join('\n')}
${setUp.join('\n')}
key=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quote(tasks)})
[ -n "$key" ] || { echo "no run for task $SLURM_ARRAY_TASK_ID in "${quote(tasks)} >&2; exit 1; }
exec >>${quote(log)}/"$key.log" 2>&1 </dev/null
node=${quote(node)}
[ -x "$node" ] || node=node
echo "job \${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID} on \${SLURMD_NODENAME:-?}, start $((\${SLURM_RESTART_COUNT:-0} + 1))"
asked= child=
ask() {
  asked=$1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap 'ask requeue' USR1
trap 'ask stop' TERM INT
kept() {
  grep -c '"event":"\\(save\\|end\\)"' ${quote(root)}/"$key/timing.jsonl" 2>/dev/null
}
had=$(kept)
leave() {
  if [ "$asked" = requeue ]; then
    if [ "$(kept)" = "$had" ]; then
      echo "warned of the time limit before anything was kept: the job needs more time (--time)"
    elif scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"; then
      # The task is ended from outside now.
      sleep 120 & wait $!
    fi
  fi
  exit 130
}
crashes=0
while :; do
  [ -z "$asked" ] || leave
  "$node" ${[...rest].map(quote).join(' ')} "$key" ${options.map(quote).join(' ')} & child=$!
  wait "$child"
  code=$?
  # A signal ends the waiting, not the run.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
  done
  child=
  [ -e ${quote(root)}/"$key/done.json" ] && [ "$code" -ne 65 ] && exit 0
  [ -z "$asked" ] || leave
  case $code in
    65 | 74) exit "$code" ;;
    75)
      [ "$SECONDS" -lt ${patience} ] || exit 75
      pause=5
      ;;
    *)
      crashes=$((crashes + 1))
      echo "ended with code $code ($crashes of ${tries} tries)"
      [ "$crashes" -lt ${tries} ] || exit 1
      pause=$crashes
      ;;
  esac
  sleep "$pause" & wait $!
done
`;
}

/**
 * A text as one word of a shell.
 * @example quote("it's") // => "'it'\\''s'"
 */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
