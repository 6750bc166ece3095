const WIDTH = 1080;
const HEIGHT = 1350;

/**
 * The year's card as PNG, drawn by the browser from the server's SVG.
 *
 * @throws Error when the card cannot be loaded or drawn.
 */
export async function pictureOf(address: string): Promise<Blob> {
  const answer = await fetch(address, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error('The picture could not be loaded.');
  const source = URL.createObjectURL(new Blob([await answer.text()], { type: 'image/svg+xml' }));
  try {
    const image = new Image(WIDTH, HEIGHT);
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    canvas.getContext('2d')?.drawImage(image, 0, 0, WIDTH, HEIGHT);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be drawn.'))));
    });
  } finally {
    URL.revokeObjectURL(source);
  }
}
