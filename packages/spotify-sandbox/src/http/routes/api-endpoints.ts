import type { Endpoint } from '../endpoint.ts';
import { catalogueEndpoints } from './catalogue-endpoints.ts';
import { playerReadEndpoints } from './player-read-endpoints.ts';
import { profileEndpoints } from './profile-endpoints.ts';

/** Everything that is served under `/v1`. */
export const apiEndpoints: readonly Endpoint[] = [
  ...profileEndpoints,
  ...playerReadEndpoints,
  ...catalogueEndpoints,
];
