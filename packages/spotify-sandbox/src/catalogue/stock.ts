import type { Track } from './items.ts';

/** What has become of tracks since the sandbox was started: the catalogue itself never changes. */
export class Stock {
  private readonly playable = new Map<string, boolean>();
  private readonly gone = new Set<string>();

  setPlayable(trackId: string, playable: boolean): void {
    this.playable.set(trackId, playable);
  }

  takeOff(trackId: string): void {
    this.gone.add(trackId);
  }

  putBack(trackId: string): void {
    this.gone.delete(trackId);
  }

  isPlayable(track: Track): boolean {
    return this.playable.get(track.id) ?? track.playable;
  }

  /** False: taken off the service, which no longer says what it was. */
  has(trackId: string): boolean {
    return !this.gone.has(trackId);
  }
}
