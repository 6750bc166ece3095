import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Lets what changes places glide there instead of jumping.
 *
 * @param list holds one element with `data-glide` for each of the order.
 */
export function useGlide(list: RefObject<HTMLElement | null>, order: readonly string[], moveMs = 450): void {
  const places = useRef(new Map<string, { readonly x: number; readonly y: number }>());
  const key = order.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the order
  useLayoutEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const frame = list.current?.getBoundingClientRect();
    const now = new Map<string, { readonly x: number; readonly y: number }>();
    for (const element of list.current?.querySelectorAll<HTMLElement>('[data-glide]') ?? []) {
      const name = element.dataset.glide ?? '';
      const rect = element.getBoundingClientRect();
      // Within the list: a page that was scrolled has moved nothing.
      const place = { x: rect.x - (frame?.x ?? 0), y: rect.y - (frame?.y ?? 0) };
      const before = places.current.get(name);
      now.set(name, place);
      if (still || !before || (before.x === place.x && before.y === place.y)) continue;
      const from = `translate(${before.x - place.x}px, ${before.y - place.y}px)`;
      element.animate([{ transform: from }, { transform: 'none' }], {
        duration: moveMs,
        easing: 'ease-out',
      });
    }
    places.current = now;
  }, [key]);
}
