'use strict';

const { adaptCell } = require('./adaptCell.cjs');
const { guardAwaits } = require('./guardAwaits.cjs');

/** Puts `adaptCell` before tslab's compiler and `guardAwaits` behind it. */
function mendConverter({ ts, converter: module_ }) {
  const { createConverter } = module_;
  module_.createConverter = (options) => {
    const converter = createConverter(options);
    const convert = (declarations, source) => {
      const cell = adaptCell(ts, source);
      const converted = converter.convert(declarations, cell.source);
      const place = (position) => positionAt(source, Math.min(cell.original(position.offset), source.length));
      return {
        ...converted,
        output: converted.output && guardAwaits(ts, converted.output),
        diagnostics: converted.diagnostics.map((found) =>
          found.fileName === undefined ? { ...found, start: place(found.start), end: place(found.end) } : found,
        ),
      };
    };
    return { ...converter, convert };
  };
}

function positionAt(source, offset) {
  const before = source.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { offset, line, character: offset - (before.lastIndexOf('\n') + 1) };
}

module.exports = { mendConverter };
