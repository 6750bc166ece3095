import { getAlbum, getArtist, getTrack, searchCatalogue } from '@spindle/contracts';
import { loadAlbumPage, loadArtistPage, loadTrackPage, searchItems } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { StatisticsMount } from '../statistics-answers.ts';

function found<T>(page: T | null, what: string): T {
  if (page === null) throw problems.notFound(`There is no such ${what}.`);
  return page;
}

export function mountCatalogueItems(statistics: StatisticsMount): void {
  statistics.mine(getTrack, async ({ params }, listener, now, db) =>
    found(await loadTrackPage(db, listener, Number(params.id), now), 'track'),
  );
  statistics.mine(getArtist, async ({ params }, listener, now, db) =>
    found(await loadArtistPage(db, listener, Number(params.id), now), 'artist'),
  );
  statistics.mine(getAlbum, async ({ params }, listener, now, db) =>
    found(await loadAlbumPage(db, listener, Number(params.id), now), 'album'),
  );
  statistics.mine(searchCatalogue, ({ query }, listener, _now, db) =>
    searchItems(db, listener.userId, query.q, query.limit),
  );
}
