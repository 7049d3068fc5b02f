/** What COCO's annotation files say, as far as it is read; whatever else they have is left alone. */
import { z } from 'zod';
import { invalid } from '../../check.js';
import { farthest } from './coco.js';

/** No image is larger: what a file claims must not fill the memory. */
const side = z.int().min(1).max(65_535);
const id = z.int().min(0);
const finite = z.number();
const place = finite.min(-farthest).max(farthest);
const extent = finite.min(0).max(farthest);
const box = z.tuple([place, place, extent, extent], 'expected [x, y, width, height]');

export const imageSchema = z.object({ id, width: side, height: side, file_name: z.string().min(1).max(1024) });

export const categorySchema = z.object({
  id,
  name: z.string().min(1).max(200),
  keypoints: z.array(z.string().max(200)).max(1000).optional(),
  skeleton: z
    .array(z.tuple([z.int().min(1), z.int().min(1)]))
    .max(10_000)
    .optional(),
});

const segmentation = z.union(
  [
    z.array(z.array(finite)),
    z.object({ size: z.tuple([side, side]), counts: z.union([z.string(), z.array(z.int().min(0).max(0xffff_ffff))]) }),
  ],
  "expected polygons such as [[x, y, ...]], or runs such as { size: [height, width], counts: '...' }",
);

export const annotationSchema = z.object({
  id,
  image_id: id,
  category_id: id,
  bbox: box,
  area: finite.min(0).max(farthest ** 2),
  segmentation: segmentation.optional(),
  iscrowd: z
    .union([z.literal(0), z.literal(1), z.boolean()], 'expected 0 or 1')
    .transform(Number)
    .default(0),
  keypoints: z.array(finite).optional(),
  num_keypoints: z.int().min(0).optional(),
});

export const resultSchema = z.object({
  image_id: id,
  category_id: id,
  score: finite,
  bbox: z.tuple([finite, finite, finite.min(0), finite.min(0)]).optional(),
  segmentation: segmentation.optional(),
  keypoints: z.array(finite).optional(),
});

export type Segmentation = z.infer<typeof segmentation>;

/** Entries of a list of a file, each checked by itself, so that the message can say which one is wrong. */
export function checkEntries<T>(schema: z.ZodType<T>, list: unknown, kind: string, file: string): T[] {
  if (!Array.isArray(list)) throw invalid(`${kind}s in '${file}'`, 'a list', list === undefined ? 'none' : list);
  return list.map((entry: unknown, place) => {
    const result = schema.safeParse(entry);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    const own = (entry as { id?: unknown } | null)?.id;
    const which = typeof own === 'number' || typeof own === 'string' ? `${kind} ${own}` : `${kind} number ${place + 1}, which has no id,`;
    const field = issue?.path.join('.') ?? '';
    throw invalid(
      `${field === '' ? '' : `'${field}' of `}${which} in '${file}'`,
      expected(issue?.message),
      valueAt(entry, issue?.path ?? []),
    );
  });
}

function expected(message = 'another value'): string {
  return message.replace(/^.*?expected /, '').replace(/, received .*$/, '');
}

function valueAt(entry: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], entry);
}
