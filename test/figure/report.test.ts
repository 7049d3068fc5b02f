/** Reports: complete, offline, and deaf to what hostile names say. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { JSDOM } from 'jsdom';
import { fromRows } from '../../src/analysis/table.js';
import { htmlReport, type Report } from '../../src/figure/report/htmlReport.js';
import { htmlTable } from '../../src/figure/report/htmlTable.js';
import { impReport } from '../../src/figure/report/impReport.js';
import { juvenileReport } from '../../src/figure/report/juvenileReport.js';
import type { RunRecord } from '../../src/run/record.js';
import { fakeImpRecords, fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

/** The page as a browser parses it, no script run. */
function parse(html: string): Document {
  return new JSDOM(html).window.document;
}

const evil = '</script><script>alert("x")</script><img src=x onerror=alert(1)>';

test('the juvenile report has claims, table, charts, runs, and asks nothing of the network', () => {
  const certificates = [{ key: 'k', level: 0, kept: 1, prunable: 2, checks: { 'mask only shrinks': 'no parent mask' } }];
  const html = htmlReport(juvenileReport(fakeJuvenileRecords(), { environment: { node: 'v20' }, certificates, command: 'npm start' }));
  const page = parse(html);
  assert.equal(page.querySelectorAll('.claim').length, 5);
  assert.equal(page.querySelectorAll('.chart').length, 3);
  for (const chart of page.querySelectorAll('.chart')) {
    const { data, layout } = JSON.parse(page.getElementById(chart.id.replace('figure', 'data'))?.textContent ?? '');
    assert.ok(data.length > 5 && layout.autosize === true);
  }
  assert.equal(html.split('plotly.js v').length - 1, 1, 'one Plotly');
  assert.match(page.querySelector('.lead')?.textContent ?? '', /held: a, b, c.*weight reset 9\d\.\d\d %/s);
  const text = page.body.textContent ?? '';
  for (const part of [
    'grow, identity',
    '9182',
    '"node": "v20"',
    'mask only shrinks',
    'npm start',
    'arXiv:2109.03862',
    'juvenile-reset-r1-0000',
  ])
    assert.ok(text.includes(part), part);
  assert.equal(page.querySelectorAll('link, img, iframe, script[src]').length, 0);
  assert.ok(html.length < 6_000_000);
});

test('the table of the report has the hand-checked cells', () => {
  const page = parse(htmlReport(juvenileReport(fakeJuvenileRecords())));
  const cells = [...page.querySelectorAll('table')].map((table) =>
    [...table.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  assert.deepEqual(cells[0]?.[0], [
    'arm',
    'n',
    'it0',
    'it1',
    'it2',
    'it3',
    'it4',
    'it5',
    'sd',
    'after last prune',
    'kept weights',
    'steps to 97 %',
  ]);
  assert.deepEqual(
    cells[0]?.slice(1).map(([arm, n]) => [arm, n]),
    [
      ['weight reset', '3'],
      ['grow, identity', '3'],
      ['grow, random', '3'],
      ['keep weights, full depth', '3'],
      ['keep weights, shallow', '3'],
    ],
  );
  // The reference beside: papers' section 1 of this project's notes.
  assert.deepEqual(cells[1]?.[2]?.slice(2, 3), ['97.43']);
});

test('the report on iterative pruning, whole and without any run', () => {
  const page = parse(htmlReport(impReport(fakeImpRecords(3, 18))));
  assert.equal(page.querySelectorAll('.chart').length, 4);
  assert.equal(page.querySelectorAll('.claim').length, 5);
  for (const report of [impReport, juvenileReport]) {
    const none = parse(htmlReport(report([])));
    assert.ok((none.body.textContent ?? '').includes('no finished runs'));
  }
});

test('hostile names stay text in every block', () => {
  const records = fakeJuvenileRecords(1).map(
    (record): RunRecord => ({ ...record, key: evil, spec: { ...record.spec, arm: `${record.spec.arm}${evil}`, [evil]: evil } }),
  );
  const report = juvenileReport(records, {
    environment: { [evil]: evil },
    command: evil,
    certificates: [{ key: evil, level: 0, kept: 0, prunable: 0, checks: { [evil]: evil } }],
  });
  const hostile: Report = {
    ...report,
    title: evil,
    lead: evil,
    footer: evil,
    sections: [...report.sections, { heading: evil, blocks: [{ kind: 'text', text: evil }] }],
  };
  const page = parse(htmlReport(hostile));
  assert.equal(page.querySelectorAll('img').length, 0);
  assert.ok([...page.querySelectorAll('script')].every((script) => !script.textContent?.startsWith('alert')));
  // Plotly, one JSON for each chart, and the line that draws them.
  assert.equal(page.querySelectorAll('script').length, 1 + page.querySelectorAll('.chart').length + 1);
  assert.equal(page.querySelector('h1')?.textContent, evil);
});

test('a report without charts carries no Plotly', () => {
  const html = htmlReport({ title: 'Only text', sections: [{ heading: 'One', blocks: [{ kind: 'text', text: 'a' }] }] });
  assert.ok(html.length < 5000);
});

test('htmlTable puts numbers to the right and escapes', () => {
  const html = htmlTable(fromRows([{ name: '<b>', n: 0.123456 }]));
  assert.ok(html.includes('<td>&lt;b&gt;</td><td class="number">0.1235</td>'));
});
