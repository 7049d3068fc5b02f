/** VOC's format: files as VOC2007 has them, and files that somebody broke. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../../src/check.js';
import { parseVoc } from '../../../src/dataset/coco/parseVoc.js';
import { readDetectionFolder } from '../../../src/dataset/coco/readDetectionFolder.js';
import { vocColour } from '../../../src/dataset/coco/readVoc.js';
import { toPixels } from '../../../src/dataset/coco/runLength.js';

const object = (name: string, bounds: readonly number[], difficult = 0): string => `
	<object>
		<name>${name}</name>
		<pose>Rear</pose>
		<truncated>0</truncated>
		<difficult>${difficult}</difficult>
		<bndbox>
			<xmin>${bounds[0]}</xmin>
			<ymin>${bounds[1]}</ymin>
			<xmax>${bounds[2]}</xmax>
			<ymax>${bounds[3]}</ymax>
		</bndbox>
	</object>`;

const xml = (id: string, objects: string): string => `<annotation>
	<folder>VOC2007</folder>
	<filename>${id}.jpg</filename>
	<source><database>The VOC2007 Database</database><annotation>PASCAL VOC2007</annotation><image>flickr</image></source>
	<owner><flickrid>?</flickrid><name>?</name></owner>
	<size>
		<width>6</width>
		<height>4</height>
		<depth>3</depth>
	</size>
	<segmented>1</segmented>${objects}
</annotation>
`;

async function withVoc(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'voc-'));
  try {
    for (const part of ['Annotations', 'JPEGImages', 'ImageSets/Main', 'SegmentationObject'])
      await mkdir(join(folder, part), { recursive: true });
    await writeFile(
      join(folder, 'Annotations', '000032.xml'),
      xml('000032', object('person', [2, 1, 3, 4]) + object('aeroplane', [4, 2, 6, 4], 1)),
    );
    await writeFile(join(folder, 'Annotations', '000005.xml'), xml('000005', ''));
    await writeFile(join(folder, 'ImageSets', 'Main', 'train.txt'), '000032\n');
    const image = sharp({ create: { width: 6, height: 4, channels: 3, background: 'blue' } });
    for (const id of ['000032', '000005'])
      await image
        .clone()
        .jpeg()
        .toFile(join(folder, 'JPEGImages', `${id}.jpg`));
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a VOC folder: boxes counted from 1, difficult objects, image sets', () =>
  withVoc(async (folder) => {
    const all = await readDetectionFolder(folder);
    assert.deepEqual(
      all.images.map(({ id, file }) => [id, file]),
      [
        [1, '000005.jpg'],
        [2, '000032.jpg'],
      ],
    );
    const train = await readDetectionFolder(folder, { split: 'train' });
    assert.equal(train.categories.length, 20);
    assert.equal(train.images[0]?.pixels.length, 72);
    assert.deepEqual(train.annotations, [
      { id: 1, image: 1, category: 15, box: [1, 0, 2, 4], crowd: false, area: 8 },
      { id: 2, image: 1, category: 1, box: [3, 1, 3, 3], crowd: false, area: 9, ignore: true },
    ]);
    await assert.rejects(readDetectionFolder(folder, { split: 'test' }), /ImageSets.*test\.txt/);
  }));

test('masks of objects by the colours of the palette, borders left out', () =>
  withVoc(async (folder) => {
    // The second object's colour is green (0, 128, 0), the border's (224, 224, 192): VOC's own palette.
    const colours = [
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
      [224, 224, 192],
    ];
    const indices = [0, 1, 3, 0, 0, 0, 0, 1, 3, 3, 2, 2, 0, 1, 3, 2, 2, 2, 0, 0, 0, 0, 0, 0];
    const raw = Uint8Array.from(indices.flatMap((index) => colours[index] as number[]));
    await sharp(raw, { raw: { width: 6, height: 4, channels: 3 } })
      .png({ palette: true })
      .toFile(join(folder, 'SegmentationObject', '000032.png'));
    const { annotations } = await readDetectionFolder(folder, { split: 'train' });
    assert.deepEqual(
      annotations.map(({ area }) => area),
      [3, 5],
    );
    assert.deepEqual(
      [...toPixels(annotations[1]?.mask as never)],
      indices.map((index) => (index === 2 ? 1 : 0)),
    );
  }));

test("VOC's palette", () => {
  // The first colours of the development kit's VOClabelcolormap, and the last.
  assert.deepEqual([0, 1, 2, 3, 4, 8, 255].map(vocColour), [0, 0x800000, 0x008000, 0x808000, 0x000080, 0x400000, 0xe0e0c0]);
});

test('other classes than those of VOC are taken as they are', () =>
  withVoc(async (folder) => {
    await writeFile(join(folder, 'Annotations', '000005.xml'), xml('000005', object('zebra', [1, 1, 2, 2]) + object('ant', [1, 1, 2, 2])));
    const { categories } = await readDetectionFolder(folder, { pixels: false });
    assert.deepEqual(
      categories.map(({ name }) => name),
      ['aeroplane', 'ant', 'person', 'zebra'],
    );
    // A split that lacks some of them has the same categories all the same.
    await writeFile(join(folder, 'ImageSets', 'Main', 'val.txt'), '000005\n');
    const part = await readDetectionFolder(folder, { pixels: false, split: 'val' });
    assert.deepEqual(part.categories, categories);
    assert.deepEqual(
      part.annotations.map(({ category }) => category),
      [4, 2],
    );
  }));

const broken: [string, string, RegExp][] = [
  ['no XML', '<annotation><size>', /'x.xml' is not XML/],
  ['another document', '<html/>', /an <annotation>/],
  ['no size', '<annotation><filename>a.jpg</filename></annotation>', /<size> of 'x.xml'/],
  ['no name', xml('a', object('', [1, 1, 2, 2])), /<name> of object 1 in 'x.xml'/],
  [
    'a corner that is a word',
    xml('a', object('cat', [1, 1, 2, 2]) + object('cat', [1, Number.NaN, 2, 2])),
    /<ymin> of object 2 in 'x.xml'.*'NaN'/,
  ],
  ['a box too large to be meant', xml('a', object('cat', [1, 1, 1e308, 2])), /<bndbox> of object 1 in 'x.xml'.*100000/],
  ['corners the wrong way', xml('a', object('cat', [3, 1, 2, 2])), /xmin <= xmax/],
  ['no box', xml('a', '<object><name>cat</name></object>'), /<bndbox> of object 1/],
  ['an entity bomb', `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>${xml('a', object('&c;', [1, 1, 2, 2]))}`, /'x.xml'/],
];

for (const [name, text, words] of broken) {
  test(`refused: ${name}`, () =>
    assert.rejects(parseVoc(text, 'x.xml'), (error) => error instanceof UserError && words.test(error.message)));
}
