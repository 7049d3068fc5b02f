/** `npm run attacks`: do our attacks do as much harm as those of torchattacks? Installs it at the first run. */
import { attacksPython } from './install.mjs';
import { cases, compareAttacks, TOLERANCE } from './compare.mjs';

const say = (text) => process.stderr.write(`${text}\n`);
const { python, missing } = attacksPython({ install: true, say });
if (python === undefined) {
  say(missing);
  process.exitCode = 1;
} else {
  const per = (share) => (100 * share).toFixed(2).padStart(13);
  process.stdout.write(
    `${'accuracy in %'.padEnd(40)}${'neoteny'.padStart(13)}${'torchattacks'.padStart(13)}${'difference'.padStart(13)}\n`,
  );
  for (const one of cases) {
    process.stdout.write(`${one.name}\n`);
    for (const { name, ours, theirs } of await compareAttacks(python, one)) {
      const far = Math.abs(ours - theirs) > TOLERANCE;
      if (far) process.exitCode = 1;
      process.stdout.write(`  ${name.padEnd(38)}${per(ours)}${per(theirs)}${per(ours - theirs)}${far ? '  more than half a point' : ''}\n`);
    }
  }
}
