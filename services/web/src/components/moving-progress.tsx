import { Group, Text } from '@mantine/core';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { useTick } from '../feed/use-tick.ts';
import { duration } from '../time-words.ts';
import classes from './moving-progress.module.css';

function MovingBar(props: { readonly startedAt: string; readonly durationMs: number }): ReactNode {
  const { startedAt, durationMs } = props;
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // An animation of the style sheet would begin anew whenever the card moves to another place.
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const animation = bar.current?.animate([{ transform: 'scaleX(0)' }, { transform: 'scaleX(1)' }], {
      duration: durationMs,
      fill: 'both',
      // The bar tells where the music is, so it goes on; only in steps, where motion is not wanted.
      easing: still ? 'steps(40)' : 'linear',
    });
    if (animation) animation.currentTime = Math.max(0, Date.now() - Date.parse(startedAt));
    return () => animation?.cancel();
  }, [startedAt, durationMs]);
  return <div ref={bar} className={classes.bar} data-moving />;
}

/** How far the music is, moved by the browser from the moment it began. */
export function MovingProgress(props: {
  readonly isPlaying: boolean;
  /** When it would have begun had it run without a pause; null while it does not move. */
  readonly startedAt: string | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
}): ReactNode {
  const { isPlaying, startedAt, progressMs, durationMs } = props;
  const now = useTick(isPlaying ? 1_000 : null);
  if (durationMs === null || durationMs === 0) return null;
  const at = startedAt ? now - Date.parse(startedAt) : (progressMs ?? 0);
  const progress = Math.max(0, Math.min(at, durationMs));
  return (
    <div>
      <div className={classes.track} aria-hidden>
        {startedAt ? (
          <MovingBar startedAt={startedAt} durationMs={durationMs} />
        ) : (
          <div className={classes.bar} style={{ transform: `scaleX(${progress / durationMs})` }} />
        )}
      </div>
      <Group justify="space-between" mt={2}>
        <Text size="xs" c="dimmed">
          {duration(progress)}
        </Text>
        <Text size="xs" c="dimmed">
          {duration(durationMs)}
        </Text>
      </Group>
    </div>
  );
}
