/** Whole seconds in UTC, as Spotify tells when something was added. @param ms since the epoch */
export const wireTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
