import type { Lane } from '@spindle/spotify';

/** The lane of a reading: what a person asked for goes before what was planned. */
export function laneOf(reason: string, planned: Lane): Lane {
  if (reason === 'sign-in') return 'sign-in';
  return reason === 'request' ? 'interactive' : planned;
}
