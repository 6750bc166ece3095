import type { Request } from 'express';
import { isSpotifyId } from '../catalogue/spotify-ids.ts';
import { ApiError, badRequest } from './api-error.ts';

/** The single value of a query parameter; the first if it is repeated. */
export function queryText(request: Request, name: string): string | undefined {
  const value = request.query[name];
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}

/** A whole number from the query. @throws ApiError 400 "Invalid <name>" outside of its bounds. */
export function queryInteger(
  request: Request,
  name: string,
  bounds: { min: number; max: number; fallback: number },
): number {
  const text = queryText(request, name);
  if (text === undefined || text === '') return bounds.fallback;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < bounds.min || value > bounds.max) throw badRequest(`Invalid ${name}`);
  return value;
}

/** @throws ApiError 400 when it is missing or neither true nor false. */
export function queryBoolean(request: Request, name: string): boolean {
  const text = queryText(request, name);
  if (text === undefined) throw badRequest(`Missing required field: ${name}`);
  if (text !== 'true' && text !== 'false') throw badRequest(`Invalid ${name}`);
  return text === 'true';
}

/** @throws ApiError 400 "Invalid base62 id". */
export function pathId(request: Request, name = 'id'): string {
  const id = String(request.params[name] ?? '');
  if (!isSpotifyId(id)) throw badRequest('Invalid base62 id');
  return id;
}

/** Comma-separated list from the query. @throws ApiError 400 when missing, empty or too long. */
export function queryList(request: Request, name: string, most: number): string[] {
  const text = queryText(request, name);
  if (text === undefined || text === '') throw badRequest(`Missing required field: ${name}`);
  const list = text.split(',').map((entry) => entry.trim());
  if (list.length > most) throw badRequest(`Too many ids requested, max ${most}`);
  return list;
}

/** The JSON object in the body; `null` when there is no body. @throws ApiError 400 when it is something else. */
export function jsonBody(request: Request): Record<string, unknown> | null {
  const text = typeof request.body === 'string' ? request.body : '';
  if (text.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('Error parsing JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('Body must be a JSON object');
  }
  return value as Record<string, unknown>;
}

/** @throws ApiError 400 when it is there and not a list of texts. */
export function textList(value: unknown, name: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    throw badRequest(`Invalid ${name}`);
  }
  return value as string[];
}

/** @throws ApiError 400 when it is there and not a whole number of at least 0. */
export function wholeNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw badRequest(`Invalid ${name}`);
  return value;
}

/** True when the client asks for episodes as episodes. */
export function wantsEpisodes(request: Request): boolean {
  return (queryText(request, 'additional_types') ?? '').split(',').includes('episode');
}

/** @throws ApiError 400 when both are missing, as the older endpoints do. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ApiError(400, `Missing required field: ${name}`);
  return value;
}
