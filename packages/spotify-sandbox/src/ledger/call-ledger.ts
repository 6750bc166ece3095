/** One HTTP call that the sandbox received. Times: ms since the epoch by the sandbox's clock. */
export interface LedgerCall {
  sequence: number;
  atMs: number;
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  /** 0: the connection was dropped. */
  status: number;
  bucket: string;
  clientId: string | null;
  developerId: string | null;
  personId: string | null;
  /** The kind of fault that was injected. */
  fault: string | null;
}

export interface CallFilter {
  fromMs?: number;
  /** Exclusive. */
  toMs?: number;
  bucket?: string;
  clientId?: string;
  developerId?: string;
  personId?: string;
  method?: string;
  /** Beginning of the path. */
  pathPrefix?: string;
  status?: number;
}

/** Every call, in order; `token` calls are in the bucket `accounts`. */
export class CallLedger {
  private readonly list: LedgerCall[] = [];

  record(call: Omit<LedgerCall, 'sequence'>): void {
    this.list.push({ sequence: this.list.length, ...call });
  }

  find(filter: CallFilter = {}): LedgerCall[] {
    return this.list.filter(
      (call) =>
        (filter.fromMs === undefined || call.atMs >= filter.fromMs) &&
        (filter.toMs === undefined || call.atMs < filter.toMs) &&
        (filter.bucket === undefined || call.bucket === filter.bucket) &&
        (filter.clientId === undefined || call.clientId === filter.clientId) &&
        (filter.developerId === undefined || call.developerId === filter.developerId) &&
        (filter.personId === undefined || call.personId === filter.personId) &&
        (filter.method === undefined || call.method === filter.method) &&
        (filter.status === undefined || call.status === filter.status) &&
        (filter.pathPrefix === undefined || call.path.startsWith(filter.pathPrefix)),
    );
  }

  counts(filter: CallFilter = {}): {
    total: number;
    byBucket: Record<string, number>;
    byStatus: Record<string, number>;
  } {
    const byBucket: Record<string, number> = {};
    const byStatus: Record<string, number> = {};
    const calls = this.find(filter);
    for (const call of calls) {
      byBucket[call.bucket] = (byBucket[call.bucket] ?? 0) + 1;
      byStatus[call.status] = (byStatus[call.status] ?? 0) + 1;
    }
    return { total: calls.length, byBucket, byStatus };
  }

  /** The most calls that fell into any stretch of this length. */
  peak(windowMs: number, filter: CallFilter = {}): number {
    const calls = this.find(filter);
    let first = 0;
    let most = 0;
    calls.forEach((call, index) => {
      while ((calls[first]?.atMs ?? 0) <= call.atMs - windowMs) first += 1;
      most = Math.max(most, index - first + 1);
    });
    return most;
  }

  clear(): void {
    this.list.length = 0;
  }
}
