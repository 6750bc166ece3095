import type { ReactNode } from 'react';

/** Holds what may be wider than a phone: it scrolls by itself, also by keyboard. */
export function Wide({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section style={{ overflowX: 'auto' }} tabIndex={0} aria-label={name}>
      {children}
    </section>
  );
}
