export type { Image } from './artwork/image-address.ts';
export type { Catalogue, CatalogueSize } from './catalogue/catalogue.ts';
export type { Album, Artist, Episode, LocalFile, Show, Track } from './catalogue/items.ts';
export {
  type ClockScale,
  type ManualClock,
  manualClock,
  parseClockScale,
  type SandboxClock,
  scaledClock,
  systemClock,
} from './clock.ts';
export type { GivenPlaylist } from './control/library-changes.ts';
export type { AppSummary, PersonSummary, SandboxControl } from './control/sandbox-control.ts';
export type { ScriptStep } from './control/script-steps.ts';
export type { Fault, FaultRule } from './faults/fault-rules.ts';
export type { CallFilter, LedgerCall } from './ledger/call-ledger.ts';
export type { LedgerCommand } from './ledger/command-ledger.ts';
export type { GroundTruth, PlaySpan, TruePlay, TruePlayback, TruePlaylist } from './ledger/ground-truth.ts';
export {
  BUCKET_PATTERNS,
  type DailyQuotaRules,
  developmentQuota,
  type QuotaBucket,
  type QuotaUse,
} from './limits/daily-quota.ts';
export type { RateWindowRules } from './limits/rate-window.ts';
export type { ListeningProfile } from './listening/listening-model.ts';
export type { RecentlyPlayedRules } from './listening/play-history.ts';
export { type Approval, approveConsent } from './oauth/approve-consent.ts';
export type { Consent } from './oauth/authorization.ts';
export {
  type AppMode,
  type AppOptions,
  DEFAULT_APP,
  DEFAULT_RECENTLY_PLAYED,
  type SandboxOptions,
} from './options.ts';
export type { PersonOptions } from './people/person-options.ts';
export { createSandbox, type Sandbox } from './sandbox.ts';
