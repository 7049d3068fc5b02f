'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { format } = require('node:util');
const { describeError } = require('./describeError.cjs');

/** How long requests that were already on their way when a cell failed may take to arrive, in milliseconds. */
const ARRIVAL = 50;
const ANSWERED = new Set([
  'kernel_info_request',
  'execute_request',
  'is_complete_request',
  'inspect_request',
  'complete_request',
  'comm_info_request',
  'shutdown_request',
]);

/**
 * Speaks Jupyter's protocol where tslab falls short: execution counts, error messages, rich results, and after an error
 * exactly those cells aborted that had been asked for before it.
 */
function mendProtocol({ jupyter, ts, version }, interruption, cell) {
  const handler = jupyter.JupyterHandlerImpl.prototype;
  const server = jupyter.ZmqServer.prototype;
  /** Requests of an earlier round than this are aborted. */
  let round = 0;
  let turn = Promise.resolve();

  const handleKernel = handler.handleKernel;
  handler.handleKernel = function () {
    const info = handleKernel.call(this);
    return {
      ...info,
      status: 'ok',
      implementation_version: version,
      banner: `TypeScript ${ts.version} (tslab ${version}, Node ${process.versions.node})`,
      language_info: { ...info.language_info, version: ts.version },
    };
  };
  handler.handleShutdown = (request) => ({ status: 'ok', restart: request.restart === true });
  for (const [name, nothing] of [
    ['handleComplete', ({ cursor_pos }) => ({ status: 'ok', matches: [], cursor_start: cursor_pos, cursor_end: cursor_pos, metadata: {} })],
    ['handleInspect', () => ({ status: 'ok', found: false, data: {}, metadata: {} })],
  ]) {
    const answer = handler[name];
    // A throwing compiler would leave the client waiting for ever.
    handler[name] = function (request) {
      try {
        return answer.call(this, request);
      } catch {
        return nothing(request);
      }
    };
  }

  /** Runs one cell. Returns its reply; `publish` sends what others should see of it. */
  async function execute(handler_, request, publish) {
    interruption.begin();
    cell.errors = [];
    cell.result = undefined;
    cell.stopped = () => round++; // the stop button also stops what waits behind this cell
    const silent = request.silent === true;
    const counted = !silent && request.store_history !== false;
    const count = handler_.execCount + (counted ? 1 : 0);
    if (!silent) publish('execute_input', { code: request.code, execution_count: count });
    let failure;
    try {
      await handler_.handleExecuteImpl(
        request,
        (name, text) => publish('stream', { name, text }),
        (content, update) => publish(update ? 'update_display_data' : 'display_data', content),
      );
      if (cell.errors.length > 0) process.stderr.write(`${cell.errors.map((message) => format(...message)).join('\n')}\n`);
      const result = await interruption.guard(cell.result);
      if (result !== undefined && !silent) publish('execute_result', { execution_count: count, data: result, metadata: {} });
    } catch (error) {
      const messages = cell.errors.length > 0 ? cell.errors : [[error]];
      failure = describeError(messages, ts.version);
    } finally {
      handler_.execCount = count;
      cell.stopped = undefined;
      cell.result = undefined;
    }
    if (failure === undefined) return { status: 'ok', execution_count: count, payload: [], user_expressions: {} };
    publish('error', failure);
    if (request.stop_on_error !== false) {
      await sleep(ARRIVAL);
      round++;
    }
    return { status: 'error', execution_count: count, ...failure };
  }

  server.handleExecute = async function (socket, message) {
    const send = (type, content, target) => {
      const reply = message.createReply();
      reply.header.msg_type = type;
      reply.content = content;
      reply.signAndSend(this.connInfo.key, target);
    };
    const arrival = round;
    const before = turn;
    let end;
    turn = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    try {
      const aborted = arrival < round;
      const content = aborted
        ? { status: 'aborted' }
        : await execute(this.handler, message.content, (type, body) => send(type, body, this.iopub));
      send('execute_reply', content, socket);
    } finally {
      end();
    }
  };

  const bindSocket = server.bindSocket;
  server.bindSocket = function (socket, port) {
    // By default every 512th message is sent later, and what comes meanwhile is refused: after some hundred outputs the end
    // of a cell would be lost and its reader wait for ever. These sockets never block, so they can send at once.
    socket.sendTimeout = 0;
    socket.sendHighWaterMark = 0; // nor drop what a slow reader has not taken yet
    return bindSocket.call(this, socket, port);
  };

  server.handleCommInfoRequest = function (socket, message) {
    const reply = message.createReply();
    reply.header.msg_type = 'comm_info_reply';
    reply.content = { status: 'ok', comms: {} };
    reply.signAndSend(this.connInfo.key, socket);
  };

  let Message;
  const publishStatus = server.publishStatus;
  server.publishStatus = function (status, parent) {
    Message ??= parent.constructor; // tslab does not export its class of messages
    publishStatus.call(this, status, parent);
  };

  const handleShellMessage = server.handleShellMessage;
  server.handleShellMessage = async function (socket, ...frames) {
    const type = typeOf(frames);
    if (type === undefined || ANSWERED.has(type)) return handleShellMessage.call(this, socket, ...frames);
    // tslab would print a warning into the output of the cell that ran last.
    if (type !== 'history_request' || Message === undefined) return;
    const message = Message.fromRaw(this.connInfo.key, frames);
    this.publishStatus('busy', message);
    const reply = message.createReply();
    reply.header.msg_type = 'history_reply';
    reply.content = { status: 'ok', history: [] };
    reply.signAndSend(this.connInfo.key, socket);
    this.publishStatus('idle', message);
  };

  const close = server.close;
  server.close = function () {
    // Work that a cell left running must not keep the process; the delay lets the last replies out.
    setTimeout(() => process.exit(0), 300);
    close.call(this);
  };
}

/** The message type in frames from ZeroMQ: identities, a delimiter, the signature, then the header. */
function typeOf(frames) {
  const delimiter = frames.findIndex((frame) => frame.toString() === '<IDS|MSG>');
  try {
    return JSON.parse(frames[delimiter + 2].toString()).msg_type;
  } catch {
    return undefined;
  }
}

module.exports = { mendProtocol };
