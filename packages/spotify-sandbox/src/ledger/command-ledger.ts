import type { Intent } from '../listening/intent.ts';

/** A player command or a change of library or playlist that took effect. `atMs`: ms since the epoch. */
export interface LedgerCommand {
  sequence: number;
  atMs: number;
  personId: string;
  /** `player.play`, `playlist.addItems`, `library.save` … */
  action: string;
  /** What it acted on: URIs, a playlist id, a position … */
  details: Record<string, unknown>;
}

/** Everything that calls of the API have changed, in order. */
export class CommandLedger {
  private readonly list: LedgerCommand[] = [];

  record(command: Omit<LedgerCommand, 'sequence'>): void {
    this.list.push({ sequence: this.list.length, ...command });
  }

  find(personId?: string): LedgerCommand[] {
    return this.list.filter((command) => personId === undefined || command.personId === personId);
  }
}

/** A player intent in the form that the ledger keeps. */
export function intentDetails(intent: Intent): Record<string, unknown> {
  if (intent.kind === 'play') {
    const { context, items, offset, positionMs, deviceId } = intent;
    return {
      contextUri: context?.uri ?? null,
      uris: context ? null : items.map((item) => item.uri),
      offset: offset ?? 0,
      positionMs: positionMs ?? 0,
      deviceId: deviceId ?? null,
    };
  }
  if (intent.kind === 'enqueue') return { uri: intent.item.uri };
  const { kind: _, ...details } = intent;
  return details;
}
