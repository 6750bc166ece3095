import { problems } from '@spindle/service-kit';

/** Lists of rows, newest first, give out the id of the last row shown as their cursor. */
const FORM = /^r(\d{1,10})$/;

export function encodeId(id: number | null): string | null {
  return id === null ? null : Buffer.from(`r${id}`).toString('base64url');
}

/** @throws AppError 400 when the cursor is none that was given out. */
export function decodeId(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString());
  if (match && Number(match[1]) < 2 ** 31) return Number(match[1]);
  throw problems.validation('The cursor is not one that this list gave out.', {
    errors: [{ path: 'query.cursor', message: 'must be the nextCursor of an earlier page' }],
  });
}
