import { problems } from '@spindle/service-kit';

/** Lists that cannot be read by key give out the number of items before the next page as their cursor. */
const FORM = /^o(\d{1,7})$/;

export function encodeOffset(offset: number | null): string | null {
  return offset === null ? null : Buffer.from(`o${offset}`).toString('base64url');
}

/** @throws AppError 400 when the cursor is none that was given out. */
export function decodeOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString());
  if (match) return Number(match[1]);
  throw problems.validation('The cursor is not one that this list gave out.', {
    errors: [{ path: 'query.cursor', message: 'must be the nextCursor of an earlier page' }],
  });
}
