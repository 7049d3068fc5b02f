'use strict';

const DISPLAY = Symbol.for('Jupyter.display');

/**
 * Lets the last expression of a cell show itself, keeps error messages for the protocol instead of printing them,
 * and makes the stop button stop. Returns what the running cell has left behind: `errors`, and `result`, a MIME bundle
 * or the promise of one.
 */
function mendExecutor({ executor: module_ }, interruption) {
  const cell = { errors: [], result: undefined };
  const { createExecutor } = module_;
  module_.createExecutor = (rootDir, converters, _console) => {
    const log = (value) => {
      const bundle = bundleOf(value);
      if (bundle === undefined) console.log(value);
      else cell.result = bundle;
    };
    const executor = createExecutor(rootDir, converters, { log, error: (...message) => cell.errors.push(message) });
    globalThis.__tslab__.guard = interruption.guard;
    globalThis.__tslab__.each = interruption.each;
    const interrupt = executor.interrupt;
    executor.interrupt = () => {
      cell.stopped?.();
      if (interruption.press()) interrupt();
    };
    return executor;
  };
  return cell;
}

/** A value shows itself (Deno's convention), or the library knows how to show it (src/notebook/display.ts), or neither. */
function bundleOf(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  if (typeof value[DISPLAY] === 'function') return value[DISPLAY]();
  return globalThis[Symbol.for('neoteny.display')]?.(value);
}

module.exports = { mendExecutor };
