'use strict';

const { format, inspect } = require('node:util');

/** Frames of the kernel itself: no help to the author of a cell. */
const OWN = /\/tslab\/dist\/|node:vm:|node:internal|sigintHandlersWrap|\/tools\/kernel[/.]/;
const STOPPED = new Set(['Interrupted asynchronously', 'Script execution was interrupted by `SIGINT`', 'the cell was stopped']);

/**
 * What Jupyter wants to know of a failed cell, from the messages that tslab would have printed: one thrown value,
 * or a list of compiler messages (each a format string with its arguments).
 */
function describeError(messages, typescriptVersion) {
  if (messages.length === 1 && messages[0].length === 1) return describeThrown(messages[0][0]);
  const lines = messages.map((message) => format(...message));
  return { ename: 'TypeScriptError', evalue: lines.join('; '), traceback: [`TypeScript ${typescriptVersion}:`, ...lines] };
}

function describeThrown(thrown) {
  if (!(thrown instanceof Error) && typeof thrown?.stack !== 'string') {
    return { ename: 'Thrown', evalue: inspect(thrown), traceback: [`Thrown: ${inspect(thrown)}`] };
  }
  if (STOPPED.has(thrown.message)) {
    return { ename: 'Interrupted', evalue: 'the cell was stopped', traceback: ['Interrupted: the cell was stopped'] };
  }
  const traceback = cleanStack(thrown).split('\n');
  const fields = Object.keys(thrown);
  if (fields.length > 0) traceback.push(inspect({ ...thrown }));
  if (thrown.cause !== undefined) traceback.push(`cause: ${inspect(thrown.cause)}`);
  return { ename: String(thrown.name ?? 'Error'), evalue: String(thrown.message ?? thrown), traceback };
}

/** The stack without the kernel's frames. Lines in a cell are those of the compiled JavaScript, so it is named so. */
function cleanStack(error) {
  const lines = String(error.stack).split('\n');
  // Errors that leave a script at its top carry an excerpt of the script before their name.
  const first = lines[0].startsWith('evalmachine.<anonymous>:')
    ? Math.max(
        0,
        lines.findIndex((line) => line.startsWith(String(error.name))),
      )
    : 0;
  return lines
    .slice(first)
    .filter((line) => !(/^\s+at /.test(line) && OWN.test(line)))
    .map((line) => line.replaceAll('evalmachine.<anonymous>', 'compiled cell'))
    .join('\n');
}

/** Errors that no cell waits for are printed where they can be found: at the cell that ran last, or runs now. */
function printStrayErrors() {
  for (const [event, title] of [
    ['unhandledRejection', 'UnhandledPromiseRejection'],
    ['uncaughtException', 'UncaughtException'],
  ]) {
    process.removeAllListeners(event);
    process.on(event, (thrown) => console.error(`${title}:`, typeof thrown?.stack === 'string' ? cleanStack(thrown) : thrown));
  }
}

module.exports = { describeError, printStrayErrors };
