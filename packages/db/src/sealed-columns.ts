import { credentialContext } from './credentials.ts';
import { noticeAddressContext } from './notices.ts';
import { relayTokenContext } from './relays.ts';

/** A column whose values are sealed by a `TokenBox`, in a table with one row a listener (`user_id`). */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** What the value of a listener is sealed for. */
  readonly context: (userId: number) => string;
}

/** Everything that is sealed at rest. What is missing here would be lost when its key is taken away. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'spotify_credentials', column: 'access_token', context: credentialContext },
  { table: 'spotify_credentials', column: 'refresh_token', context: credentialContext },
  { table: 'relays', column: 'token', context: relayTokenContext },
  { table: 'notice_targets', column: 'url', context: noticeAddressContext },
];
