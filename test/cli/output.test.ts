/** Tables, lines and numbers for terminals. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { colors } from '../../src/cli/output/colors.js';
import { about, bytes, clock, count, percent, plural } from '../../src/cli/output/format.js';
import { textTable } from '../../src/cli/output/textTable.js';
import { wrap } from '../../src/cli/output/wrap.js';

const plain = colors({}, { NO_COLOR: '1' });
const bright = colors({}, { FORCE_COLOR: '1' });

test('NO_COLOR wins over FORCE_COLOR, and without a terminal there are no colours', () => {
  assert.equal(colors({ isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }).red('x'), 'x');
  assert.equal(colors({}, {}).red('x'), 'x');
  assert.equal(colors({ isTTY: true }, { TERM: 'dumb' }).red('x'), 'x');
  assert.notEqual(colors({ isTTY: true }, { TERM: 'xterm' }).red('x'), 'x');
  assert.notEqual(colors({}, { FORCE_COLOR: '1' }).red('x'), 'x');
  // An empty NO_COLOR counts as not set (no-color.org).
  assert.notEqual(colors({ isTTY: true }, { NO_COLOR: '', TERM: 'xterm' }).red('x'), 'x');
});

test('a table is aligned, numbers to the right', () => {
  const text = textTable(
    [{ title: 'arm' }, { title: 'test', right: true }],
    [
      ['reset', '95.65'],
      ['grow', '7.4'],
    ],
    { colors: plain },
  );
  assert.equal(text, 'arm     test\nreset  95.65\ngrow     7.4');
});

test('no line of a table is wider than asked, with colours or without', () => {
  const rows = [
    ['imp-a0ff2c43c526-r1', 'x'.repeat(200)],
    ['b', 'one two three four five six seven'],
  ];
  for (const stretch of ['cut', 'wrap'] as const) {
    for (let width = 20; width < 130; width += 3) {
      const text = textTable([{ title: 'run' }, { title: 'what it is', stretch }], rows, {
        width,
        colors: bright,
        paint: (cell) => bright.green(cell),
      });
      for (const line of text.split('\n')) {
        // A word that is longer than its column is cut too.
        assert.ok(stripVTControlCharacters(line).length <= width, `${stretch} ${width}: ${line}`);
      }
    }
  }
});

test('a wrapped cell keeps every word', () => {
  const text = textTable([{ title: 'a' }, { title: 'b', stretch: 'wrap' }], [['x', 'one two three four five six seven eight']], {
    width: 34,
    colors: plain,
  });
  assert.equal(text, 'a  b\nx  one two three four five six\n   seven eight');
});

test('a text that would stand in a narrow column stands below its row', () => {
  const text = textTable(
    [{ title: 'run' }, { title: 'what it is', stretch: 'wrap' }, { title: 'n', right: true }],
    [
      ['x'.repeat(30), 'one two three four five six', '1'],
      ['y', '', '2'],
    ],
    { width: 40, colors: plain },
  );
  assert.equal(text, `run${' '.repeat(29)}n\n${'x'.repeat(30)}  1\n    one two three four five six\ny${' '.repeat(31)}2`);
});

test('a cell cannot move the cursor', () => {
  const text = textTable([{ title: 'a' }], [['x\u001b[2Jy\nz']], { colors: plain });
  assert.ok(!/[\u001b\r]/.test(text));
  assert.equal(text.split('\n').length, 2);
});

test('wrapping counts what is seen', () => {
  assert.equal(wrap(`${bright.bold('one')} two three`, 7), `${bright.bold('one')} two\nthree`);
  assert.equal(wrap('', 10), '');
  assert.equal(wrap('abcdefghij k', 5, '  '), 'abcdefghij\n  k');
});

test('numbers for people', () => {
  assert.deepEqual([0, 59.6, 61, 3661].map(clock), ['0:00', '1:00', '1:01', '1:01:01']);
  assert.deepEqual([3, 61, 5400, 200_000].map(about), ['5 s', '1 min', '1.5 h', '2.3 days']);
  assert.deepEqual([0, 999, 1500, 207e6].map(bytes), ['0 B', '999 B', '1.5 kB', '207 MB']);
  assert.equal(count(193050), '193,050');
  assert.deepEqual([0.97431, null, Number.NaN].map(percent), ['97.43', '-', '-']);
  assert.deepEqual([plural(1, 'run'), plural(0, 'run')], ['1 run', '0 runs']);
});
