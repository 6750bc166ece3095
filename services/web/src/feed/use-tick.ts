import { useEffect, useState } from 'react';

/** The time, epoch ms, as often as asked; only once where `everyMs` is null. */
export function useTick(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (everyMs === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
