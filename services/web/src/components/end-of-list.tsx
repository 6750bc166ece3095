import { type ReactNode, useEffect, useRef } from 'react';

/** Calls `reach` when the end of the list comes into view. */
export function EndOfList({ reach }: { readonly reach: () => void }): ReactNode {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) reach();
      },
      { rootMargin: '600px' },
    );
    if (mark.current) observer.observe(mark.current);
    return () => observer.disconnect();
  }, [reach]);
  return <div ref={mark} style={{ height: 1 }} />;
}
