import { ApiError, createClient } from '@spindle/contracts';
import { QueryClient } from '@tanstack/react-query';

/** The API at the page's own origin. */
export const api = createClient();

/** Queries are named by the id of their route, so that live events can name them too. */
export const queryKeys = {
  instance: ['getInstance'],
  user: ['getUser'],
  nowPlaying: ['getMyNowPlaying'],
  share: ['getShare'],
  feed: ['getFeed'],
  settings: ['getInstanceSettings'],
  plays: ['listPlays'],
  imports: ['listImports'],
  tokens: ['listTokens'],
  quota: ['getQuota'],
  doctor: ['getDoctor'],
  overview: ['getOverview'],
  playlists: ['getMyPlaylists'],
  shuffles: ['recentShuffles'],
  schedules: ['listSchedules'],
  analysis: ['getAnalysis'],
  findings: ['getFindings'],
  tracker: ['getTracker'],
  allShuffles: ['getRecentShufflesOfAll'],
  failedShuffles: ['getFailedShuffles'],
  rooms: ['listRooms'],
  room: (code: string) => ['getRoomState', code],
  roomDoor: (code: string) => ['getRoom', code],
  roomPeople: (code: string) => ['listParticipants', code],
  roomResults: (code: string) => ['getRoomResults', code],
} as const;

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.status === 401;
}

/** The sign-in ended because an admin has shut the account. */
export function isDisabled(error: unknown): boolean {
  return error instanceof ApiError && error.problem.type === '/problems/account-disabled';
}

/** A sentence for a person, and the id to quote to the operator. */
export function describeError(error: unknown): { title: string; detail: string; requestId: string | null } {
  if (error instanceof ApiError) {
    const { title, detail, instance } = error.problem;
    return { title, detail: detail ?? '', requestId: instance ?? null };
  }
  return {
    title: 'The server cannot be reached',
    detail: 'Check your connection. The page goes on by itself when the server is back.',
    requestId: null,
  };
}

/** Messages for the fields of a form, by the name of the field. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    (error.problem.errors ?? []).map(({ path, message }) => [path.replace(/^body\./, ''), message]),
  );
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Live events say when something is out of date; nothing is polled.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (count, error) => !(error instanceof ApiError) && count < 5,
      },
    },
  });
}
