import { crc32, deflateSync } from 'node:zlib';

/** Encodes 8-bit RGB pixels, row by row, as a PNG (RFC 2083). @param rgb width × height × 3 bytes */
export function encodePng(width: number, height: number, rgb: Uint8Array): Buffer {
  const stride = width * 3;
  const raw = Buffer.alloc((stride + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const at = row * (stride + 1);
    // Filter 1 (Sub): every byte less its left neighbour, which makes gradients tiny.
    raw[at] = 1;
    const from = row * stride;
    for (let column = 0; column < stride; column += 1) {
      const left = column >= 3 ? (rgb[from + column - 3] as number) : 0;
      raw[at + 1 + column] = ((rgb[from + column] as number) - left) & 0xff;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 4 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
