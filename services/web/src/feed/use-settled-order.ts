import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { shownOrder } from './feed-updates.ts';

/** Cards move at once while nobody reads; after the pointer or the focus has left, once this has passed. */
const IDLE_MS = 1_500;
const MOVE_MS = 450;

/**
 * The order in which the cards stand. While the pointer or the focus is in the list nothing moves under
 * it; otherwise the newest change comes first, and cards glide to their new places.
 *
 * @param list holds one child with `data-handle` for each card.
 */
export function useSettledOrder(
  list: RefObject<HTMLElement | null>,
  feed: readonly string[],
): readonly string[] {
  const [reading, setReading] = useState(false);
  const shown = useRef<readonly string[]>([]);
  const order = shownOrder(shown.current, feed, !reading);
  const places = useRef(new Map<string, DOMRect>());

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enter = () => {
      clearTimeout(timer);
      setReading(true);
    };
    const leave = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setReading(element.matches(':hover, :focus-within')), IDLE_MS);
    };
    element.addEventListener('pointerenter', enter);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('focusin', enter);
    element.addEventListener('focusout', leave);
    return () => {
      clearTimeout(timer);
      element.removeEventListener('pointerenter', enter);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('focusin', enter);
      element.removeEventListener('focusout', leave);
    };
  }, [list]);

  const key = order.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the order
  useLayoutEffect(() => {
    shown.current = order;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const now = new Map<string, DOMRect>();
    for (const card of list.current?.querySelectorAll<HTMLElement>('[data-handle]') ?? []) {
      const handle = card.dataset.handle ?? '';
      const place = card.getBoundingClientRect();
      const before = places.current.get(handle);
      now.set(handle, place);
      if (still || !before || (before.x === place.x && before.y === place.y)) continue;
      const from = `translate(${before.x - place.x}px, ${before.y - place.y}px)`;
      card.animate([{ transform: from }, { transform: 'none' }], { duration: MOVE_MS, easing: 'ease-out' });
    }
    places.current = now;
  }, [key]);
  return order;
}
