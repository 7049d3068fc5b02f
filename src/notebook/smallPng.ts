/** Pictures small enough to commit. */

/**
 * The same picture as a PNG of at most 256 colours: a third of the size, and of a chart nobody sees a difference. Notebooks hold
 * their pictures as text and are kept in git.
 */
export async function smallPng(png: Uint8Array): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp(png).png({ palette: true, colours: 256, compressionLevel: 9, effort: 7, dither: 0 }).toBuffer();
}
