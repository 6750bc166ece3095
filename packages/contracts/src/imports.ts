import { z } from 'zod';
import { idSchema, pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

export const IMPORT_STATES = ['uploading', 'queued', 'running', 'succeeded', 'failed', 'undone'] as const;

export const importFileSchema = z.object({
  name: z.string(),
  bytes: z.number().int(),
  /** Recognised format, `spotify-extended` for the extended streaming history. */
  format: z.string().nullable(),
  /** Rows read so far; the others are parts of it. */
  read: z.number().int(),
  imported: z.number().int(),
  duplicates: z.number().int(),
  skipped: z.number().int(),
  failed: z.number().int(),
  skippedReasons: z.record(z.string(), z.number().int()),
  failures: z.array(z.object({ entry: z.string(), row: z.number().int(), message: z.string() })),
  done: z.boolean(),
});

export const importSchema = z.object({
  id: idSchema,
  status: z.enum(IMPORT_STATES),
  /** The job that works on it, for live progress. */
  jobId: z.string().nullable(),
  createdAt: timestampSchema,
  startedAt: timestampSchema.nullable(),
  finishedAt: timestampSchema.nullable(),
  problem: z.string().nullable(),
  totals: z.object({
    read: z.number().int(),
    imported: z.number().int(),
    duplicates: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
  }),
  files: z.array(importFileSchema),
});
export type ImportView = z.infer<typeof importSchema>;

export const createImport = defineRoute({
  id: 'createImport',
  method: 'post',
  path: '/api/imports',
  tag: 'Imports',
  summary:
    "Upload a history: Spotify's exports, Last.fm, ListenBrainz, Maloja or Spindle's own (JSON, JSON lines, CSV or zip, one or many files)",
  auth: 'user',
  scope: 'write',
  limit: 'upload',
  bodyType: 'multipart',
  status: 202,
  response: z.object({ import: importSchema }),
});

export const listImports = defineRoute({
  id: 'listImports',
  method: 'get',
  path: '/api/imports',
  tag: 'Imports',
  summary: 'My imports, newest first',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject(pageQueryShape),
  response: pageOf(importSchema),
});

export const getImport = defineRoute({
  id: 'getImport',
  method: 'get',
  path: '/api/imports/:id',
  tag: 'Imports',
  summary: 'One import with its report',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  params: z.object({ id: idSchema }),
  response: importSchema,
});

export const downloadImportReport = defineRoute({
  id: 'downloadImportReport',
  method: 'get',
  path: '/api/imports/:id/report',
  tag: 'Imports',
  summary: 'The report of an import as CSV: rows by file, outcome and reason',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  params: z.object({ id: idSchema }),
  produces: 'text/csv',
});

export const undoImport = defineRoute({
  id: 'undoImport',
  method: 'delete',
  path: '/api/imports/:id',
  tag: 'Imports',
  summary: 'Undo an import: its plays go, the report stays',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  params: z.object({ id: idSchema }),
  response: importSchema,
});
