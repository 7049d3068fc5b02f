/**
 * A step of the set-up that could not be done: what failed, the last lines that the tool printed, and what to do.
 */
export class SetupFailure extends Error {
  /**
   * @param {string} what one sentence, such as `npm ci failed (exit 1)`
   * @param {string} remedy what the user can do
   * @param {readonly string[]} lines last lines of the failed tool's output
   */
  constructor(what, remedy, lines = []) {
    super(what);
    this.name = 'SetupFailure';
    this.remedy = remedy;
    this.lines = lines;
  }
}

/** The file system's reason in words that name the path, for the usual ways in which a write fails. */
export function explainWriteError(error, path) {
  const reasons = {
    EACCES: 'no permission to write',
    EPERM: 'no permission to write',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENOENT: 'it cannot be made there',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EEXIST: 'a file is in the way',
  };
  return `${path}: ${reasons[error.code] ?? error.message}`;
}
