import type { Endpoint } from '../endpoint.ts';
import { catalogueEndpoints } from './catalogue-endpoints.ts';
import { goneEndpoints } from './gone-endpoints.ts';
import { libraryEndpoints } from './library-endpoints.ts';
import { playerCommandEndpoints } from './player-command-endpoints.ts';
import { playerReadEndpoints } from './player-read-endpoints.ts';
import { playlistEndpoints } from './playlist-endpoints.ts';
import { playlistItemEndpoints } from './playlist-item-endpoints.ts';
import { profileEndpoints } from './profile-endpoints.ts';
import { searchEndpoints } from './search-endpoint.ts';
import { topEndpoints } from './top-endpoints.ts';

/** Everything that is served under `/v1`. */
export const apiEndpoints: readonly Endpoint[] = [
  ...profileEndpoints,
  ...playerReadEndpoints,
  ...playerCommandEndpoints,
  ...libraryEndpoints,
  ...topEndpoints,
  ...playlistEndpoints,
  ...playlistItemEndpoints,
  ...searchEndpoints,
  ...catalogueEndpoints,
  ...goneEndpoints,
];
