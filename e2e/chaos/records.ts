import type { Vote } from './votes.ts';

/** Something that was answered `202`: from then on it must come to an end. */
export interface AcceptedJob {
  readonly personId: string;
  readonly jobId: string;
  /** Id of the route that accepted it. */
  readonly route: string;
}

/** An upload that was answered `202`. */
export interface AcceptedImport {
  readonly personId: string;
  readonly importId: string;
  /** Rows of the file that are new plays if this file was not imported before. */
  readonly rows: number;
  /** Which of the person's files it was: the same file twice brings nothing. */
  readonly file: number;
}

/** A change of somebody's Liked Songs. `count`: how many there are from `atMs` (simulated) on. */
export interface LikesChange {
  readonly personId: string;
  readonly atMs: number;
  readonly count: number;
}

/** What the people of a run were told, to be held against what is there in the end. */
export class Records {
  readonly jobs: AcceptedJob[] = [];
  readonly imports: AcceptedImport[] = [];
  readonly likes: LikesChange[] = [];
  /** Ids of the playlists that somebody had in the beginning. */
  readonly libraries = new Map<string, readonly string[]>();
  /** By track of the room and participant. */
  readonly votes = new Map<string, Vote>();
  /** Moments of promotion that screens were told, by track of the room. */
  readonly promotions = new Map<string, Set<string>>();
  /** Codes of the rooms. */
  readonly rooms: string[] = [];
  /** Operations on playlists that were accepted, by person. */
  readonly operations = new Map<string, number>();
  /** Requests, and how many of them had to be sent again. */
  requests = 0;
  repeated = 0;
  /** What went wrong in a way that no person would put up with. */
  readonly complaints: string[] = [];
}
