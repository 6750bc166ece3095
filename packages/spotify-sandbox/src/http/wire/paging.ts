import type { Request } from 'express';
import { queryInteger } from '../request-input.ts';

export interface Page {
  limit: number;
  offset: number;
}

/** `limit` and `offset` of a request. @throws ApiError 400 "Invalid limit" or "Invalid offset". */
export function requestedPage(
  request: Request,
  bounds: { max: number; fallback: number; maxOffset?: number },
): Page {
  return {
    limit: queryInteger(request, 'limit', { min: 1, max: bounds.max, fallback: bounds.fallback }),
    offset: queryInteger(request, 'offset', {
      min: 0,
      max: bounds.maxOffset ?? 100_000,
      fallback: 0,
    }),
  };
}

/** Spotify's page object around a slice of `all`. @param address the page's own, without limit and offset */
export function pageObject<T>(
  address: string,
  page: Page,
  all: readonly T[],
  show: (entry: T) => unknown,
): Record<string, unknown> {
  const { limit, offset } = page;
  const at = (place: number): string =>
    `${address}${address.includes('?') ? '&' : '?'}offset=${place}&limit=${limit}`;
  return {
    href: at(offset),
    items: all.slice(offset, offset + limit).map(show),
    limit,
    next: offset + limit < all.length ? at(offset + limit) : null,
    offset,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    total: all.length,
  };
}
