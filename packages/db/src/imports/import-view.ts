import type { ImportView } from '@spindle/contracts';
import { z } from 'zod';
import type { Database } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

const reasonsSchema = z.record(z.string(), z.number().int());
const failuresSchema = z.array(z.object({ entry: z.string(), row: z.number().int(), message: z.string() }));

const WITH_FILES = { files: { orderBy: { position: 'asc' } } } as const satisfies Prisma.ImportInclude;
type ImportRow = Prisma.ImportGetPayload<{ include: typeof WITH_FILES }>;

function toView(row: ImportRow): ImportView {
  const files = row.files.map((file) => ({
    name: file.name,
    bytes: Number(file.bytes),
    format: file.format,
    read: file.read,
    imported: file.imported,
    duplicates: file.duplicates,
    skipped: file.skipped,
    failed: file.failed,
    skippedReasons: reasonsSchema.parse(file.skippedReasons),
    failures: failuresSchema.parse(file.failures),
    done: file.done,
  }));
  const sum = (count: 'read' | 'imported' | 'duplicates' | 'skipped' | 'failed') =>
    files.reduce((total, file) => total + file[count], 0);
  return {
    id: String(row.id),
    status: row.status,
    jobId: row.jobId,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    problem: row.problem,
    totals: {
      read: sum('read'),
      imported: sum('imported'),
      duplicates: sum('duplicates'),
      skipped: sum('skipped'),
      failed: sum('failed'),
    },
    files,
  };
}

/** One import of a listener with its report; null when they have none of that id. */
export async function getImport(db: Database, userId: number, importId: number): Promise<ImportView | null> {
  const row = await db.prisma.import.findFirst({ where: { id: importId, userId }, include: WITH_FILES });
  return row ? toView(row) : null;
}

export interface ImportPageRequest {
  readonly userId: number;
  /** Imports at most. */
  readonly limit: number;
  /** The id of the last import of the page before. */
  readonly after?: number | undefined;
}

/** One page of a listener's imports, newest first. `lastId` is where the next page goes on; null: no more. */
export async function listImports(
  db: Database,
  request: ImportPageRequest,
): Promise<{ readonly items: ImportView[]; readonly lastId: number | null }> {
  const rows = await db.prisma.import.findMany({
    where: { userId: request.userId, ...(request.after !== undefined && { id: { lt: request.after } }) },
    include: WITH_FILES,
    orderBy: { id: 'desc' },
    take: request.limit + 1,
  });
  const page = rows.slice(0, request.limit);
  return { items: page.map(toView), lastId: rows.length > page.length ? (page.at(-1)?.id ?? null) : null };
}
