/** What was measured, as a Markdown table that is also easy to read in a terminal. */

/** @param report as written by `bench.mjs`: `{ machine, cases, date-less facts }` */
export function benchTable({ machine, cases, rounds, seconds }) {
  const header = ['contestant', 'steps/s', 'ours / this', 'share of limit', 'peak MB', 'CPU ms/step', 'first call s'];
  const blocks = cases.map((one) => {
    const limit =
      one.limit === null
        ? ''
        : `; limit of the machine ${number(one.limit)} steps/s (${number(one.multiplyAddsPerStep / 1e9)} G multiply-adds a step)`;
    const rows = one.contestants.map((each) => contestantRow(each, one.limit));
    const notes = [
      ...one.mismatches.map((sentence) => `WARNING: ${sentence}`),
      ...one.contestants.filter(({ error }) => error).map(({ title, error }) => `${title}: ${error}`),
      ...one.contestants.filter(({ decision }) => decision).map(({ title, decision }) => `${title}: ${decision.reason}.`),
      `Load average ${one.load.map((value) => value.toFixed(1)).join(' before, ')} after.`,
    ];
    return [
      `### ${one.title}`,
      `${one.images.toLocaleString('en')} images of noise${limit}.`,
      markdownTable(header, rows),
      notes.map((note) => `- ${note}`).join('\n'),
    ].join('\n\n');
  });
  return [
    '# Training speed',
    `${machine.cpu}, ${machine.threads} of ${machine.cores} cores, ${machine.memory} GiB, ${machine.platform}; Node ${machine.node}, tfjs-node ${machine.tfjsNode}, ` +
      `oneDNN ${machine.oneDNN ? 'on' : 'off'}${machine.instructions ? `, ${machine.instructions}` : ''}; neoteny ${machine.neoteny} at ${machine.commit?.slice(0, 9) ?? 'no commit'}${machine.dirty ? ' with changes' : ''}.`,
    `Medians (lowest to highest) of ${rounds} rounds of about ${seconds} s, contestants in turn. Ratios are taken within rounds: \`auto\` over each, or compiled where that is not there. Each holds its data set in memory, ` +
      'takes minibatches of a permutation by index, and computes the loss of every step; the first losses are compared. Ours also applies the mask. ' +
      'The limit counts multiply-adds of matrix products and convolutions only, at the best rate measured for a large matrix product.',
    ...blocks,
    '',
  ].join('\n\n');
}

function contestantRow({ title, version, variant, stepsPerSecond, oursOverThis, cpuSecondsPerStep, peakMemory, firstCall }, limit) {
  const name = [`${title}${version ? ` ${version}` : ''}`, variant].filter(Boolean).join(': ');
  if (stepsPerSecond === undefined) return [name, 'failed', '', '', '', '', ''];
  return [
    name,
    range(stepsPerSecond),
    oursOverThis === null ? '' : range(oursOverThis),
    limit === null ? '' : `${Math.round((100 * stepsPerSecond.median) / limit)} %`,
    String(Math.round(peakMemory)),
    number(1000 * cpuSecondsPerStep),
    number(firstCall),
  ];
}

/** Rows as Markdown with columns of equal width, all but the first to the right. */
export function markdownTable(header, rows) {
  const all = [header, ...rows];
  const widths = header.map((_, c) => Math.max(3, ...all.map((row) => row[c].length)));
  const line = (row) => `| ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, c) => (c === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Median and range: `12.3 (11.9-12.8)`. */
export const range = ({ median, min, max }) => `${number(median)} (${number(min)}-${number(max)})`;

/** Three significant digits, whole numbers from 100 on. */
export const number = (value) => (Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));
