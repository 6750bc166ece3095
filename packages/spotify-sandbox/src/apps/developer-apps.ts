import { DailyQuota, type DailyQuotaRules, developmentQuota } from '../limits/daily-quota.ts';
import { type RateWindowRules, RollingWindow } from '../limits/rate-window.ts';
import type { AppMode, AppOptions } from '../options.ts';

/** Development mode admits this many people to an app. */
export const ALLOW_LIST_SIZE = 5;

/** Owner of apps; its development-mode apps share one quota. */
export interface DeveloperAccount {
  id: string;
  /** Development-mode apps stop working without it. */
  premium: boolean;
  quota: DailyQuota | null;
}

export interface DeveloperApp {
  clientId: string;
  clientSecret: string;
  name: string;
  mode: AppMode;
  redirectUris: string[];
  allowList: Set<string>;
  developer: DeveloperAccount;
  rateWindow: RollingWindow | null;
}

export interface AppDefaults {
  mode: AppMode;
  /** Undefined: the default of the app's mode. */
  rateLimit: RateWindowRules | null | undefined;
  quota: DailyQuotaRules | null | undefined;
  /** For apps that name no allow-list. */
  allowList: string[];
}

/** The registered apps and the accounts that own them. */
export class DeveloperApps {
  private readonly apps = new Map<string, DeveloperApp>();
  private readonly developers = new Map<string, DeveloperAccount>();
  private readonly defaults: AppDefaults;

  constructor(defaults: AppDefaults) {
    this.defaults = defaults;
  }

  /** @throws Error when the client id is taken or the allow-list too long. */
  register(options: AppOptions): DeveloperApp {
    const { defaults } = this;
    if (this.apps.has(options.clientId))
      throw new Error(`client id ${options.clientId} is registered already`);
    const mode = options.mode ?? defaults.mode;
    const allowList = options.allowList ?? defaults.allowList.slice(0, ALLOW_LIST_SIZE);
    if (allowList.length > ALLOW_LIST_SIZE) {
      throw new Error(
        `app ${options.clientId}: at most ${ALLOW_LIST_SIZE} people can be allowed, not ${allowList.length}`,
      );
    }
    const rate = defaults.rateLimit === undefined ? defaultRate(mode) : defaults.rateLimit;
    const app: DeveloperApp = {
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      name: options.name ?? 'An app',
      mode,
      redirectUris: options.redirectUris ?? ['http://127.0.0.1/auth/callback'],
      allowList: new Set(allowList),
      developer: this.developer(options.developerId ?? 'developer', mode),
      rateWindow: rate ? new RollingWindow(rate) : null,
    };
    this.apps.set(app.clientId, app);
    return app;
  }

  find(clientId: string | undefined): DeveloperApp | undefined {
    return clientId === undefined ? undefined : this.apps.get(clientId);
  }

  list(): DeveloperApp[] {
    return [...this.apps.values()];
  }

  account(id: string): DeveloperAccount | undefined {
    return this.developers.get(id);
  }

  private developer(id: string, mode: AppMode): DeveloperAccount {
    const known = this.developers.get(id);
    const { quota } = this.defaults;
    const rules = quota === undefined ? (mode === 'development' ? developmentQuota() : null) : quota;
    if (known) {
      known.quota ??= rules && new DailyQuota(rules);
      return known;
    }
    const made: DeveloperAccount = { id, premium: true, quota: rules && new DailyQuota(rules) };
    this.developers.set(id, made);
    return made;
  }
}

function defaultRate(mode: AppMode): RateWindowRules {
  return { windowMs: 30_000, limit: mode === 'development' ? 180 : 1000 };
}
